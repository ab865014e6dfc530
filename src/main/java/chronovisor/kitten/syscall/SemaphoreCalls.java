package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.ipc.Ipc;
import chronovisor.kitten.ipc.Permissions;
import chronovisor.kitten.ipc.SemaphoreSet;
import chronovisor.kitten.ipc.SemaphoreSet.Semaphore;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Scheduler;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.WaitKey;
import java.util.List;
import org.pcollections.PVector;
import org.pcollections.TreePMap;
import org.pcollections.TreePVector;

/** System V semaphores: semget(2), semop(2), semctl(2). */
final class SemaphoreCalls {

    private static final int SETS_MAX = 32_000;
    private static final int SEMAPHORES_MAX = 32_000;
    private static final int OPERATIONS_MAX = 500;
    private static final int UNDO = 0x1000;
    private static final int GETPID = 11;
    private static final int GETVAL = 12;
    private static final int GETALL = 13;
    private static final int GETNCNT = 14;
    private static final int GETZCNT = 15;
    private static final int SETVAL = 16;
    private static final int SETALL = 17;
    private static final int STAT = 18;
    private static final int INFO = 19;
    private static final int STAT_ANY = 20;

    private SemaphoreCalls() {}

    /** An operation of semop. */
    private record Operation(int number, int change, int flags) {
        boolean undoes() {
            return (flags & UNDO) != 0;
        }
    }

    static Outcome get(Trap t, Call c) {
        int key = (int) c.a0();
        int count = (int) c.a1();
        int flags = (int) c.a2();
        if (count < 0 || count > SEMAPHORES_MAX) {
            return Outcome.error(Errno.EINVAL);
        }
        for (SemaphoreSet set : t.ipc().semaphores().values()) {
            if (key != 0 && set.permissions().key() == key) {
                IpcCalls.requireFound(t, set.permissions(), flags);
                return count > set.semaphores().size() ? Outcome.error(Errno.EINVAL) : Outcome.of(set.id());
            }
        }
        IpcCalls.requireCreates(key, flags);
        if (count == 0) {
            return Outcome.error(Errno.EINVAL);
        }
        if (t.ipc().semaphores().size() >= SETS_MAX) {
            return Outcome.error(Errno.ENOSPC);
        }
        PVector<Semaphore> semaphores = TreePVector.empty();
        for (int i = 0; i < count; i++) {
            semaphores = semaphores.plus(new Semaphore(0, 0));
        }
        int id = t.ipc().nextId(t.ipc().semaphores());
        t.ipc(t.ipc().with(
                new SemaphoreSet(id, IpcCalls.created(t, key, flags), semaphores, 0, IpcCalls.now_s(t))));
        return Outcome.of(id);
    }

    private static SemaphoreSet find(Trap t, int id) {
        SemaphoreSet set = t.ipc().semaphores().get(id);
        if (set == null) {
            throw new LinuxError(Errno.EINVAL);
        }
        return set;
    }

    static Outcome operate(Trap t, Call c) {
        return operate(t, c, 0);
    }

    static Outcome timedOperate(Trap t, Call c) {
        return operate(t, c, c.a3());
    }

    private static Outcome operate(Trap t, Call c, long timeout) {
        long count = c.a2();
        if ((int) c.a0() < 0 || count < 1) {
            return Outcome.error(Errno.EINVAL);
        }
        if (count > OPERATIONS_MAX) {
            return Outcome.error(Errno.E2BIG);
        }
        byte[] raw = UserMemory.read(t, c.a1(), (int) count * 6);
        long deadline_ns = c.progress().deadline_ns();
        if (!c.progress().entered() && timeout != 0) {
            deadline_ns = TimeCalls.after(t, TimeCalls.loadTime(t, timeout));
        }
        SemaphoreSet set = t.ipc().semaphores().get((int) c.a0());
        if (set == null) {
            return Outcome.error(c.progress().entered() ? Errno.EIDRM : Errno.EINVAL);
        }
        Operation[] operations = new Operation[(int) count];
        boolean alters = false;
        for (int i = 0; i < count; i++) {
            operations[i] = new Operation(Bytes.get16(raw, 6 * i), (short) Bytes.get16(raw, 6 * i + 2),
                    Bytes.get16(raw, 6 * i + 4));
            alters |= operations[i].change() != 0;
            if (operations[i].number() >= set.semaphores().size()) {
                return Outcome.error(Errno.EFBIG);
            }
        }
        IpcCalls.require(t, set.permissions(), alters ? Permissions.WRITE : Permissions.READ);
        return tryAll(t, set, operations, deadline_ns, alters);
    }

    /** All operations or none. */
    private static Outcome tryAll(Trap t, SemaphoreSet set, Operation[] operations, long deadline_ns,
            boolean alters) {
        PVector<Semaphore> changed = set.semaphores();
        int process = t.process().id();
        long undoKey = Ipc.undoKey(process, set.id());
        PVector<Integer> undo = adjustments(t, undoKey, set);
        for (Operation operation : operations) {
            Semaphore semaphore = changed.get(operation.number());
            int value = semaphore.value() + operation.change();
            boolean waits = operation.change() == 0 ? semaphore.value() != 0 : value < 0;
            if (waits) {
                if ((operation.flags() & IpcCalls.NO_WAIT) != 0 || deadline_ns <= t.now_ns()) {
                    return Outcome.error(Errno.EAGAIN);
                }
                long what = (long) operation.number() << 1 | (operation.change() == 0 ? 1 : 0);
                return new Outcome.Block(List.of(new WaitKey(WaitKey.Kind.SEMAPHORE, set.id())),
                        new Call.Progress(true, 0, deadline_ns, what, false), -Errno.EINTR, false);
            }
            if (value > SemaphoreSet.VALUE_MAX) {
                return Outcome.error(Errno.ERANGE);
            }
            if (operation.undoes()) {
                undo = undo.with(operation.number(), undo.get(operation.number()) - operation.change());
            }
            changed = changed.with(operation.number(), new Semaphore(value, process));
        }
        t.ipc(t.ipc().with(set.operated(changed, IpcCalls.now_s(t))).withUndo(undo.stream().allMatch(a -> a == 0)
                ? t.ipc().undo().minus(undoKey)
                : t.ipc().undo().plus(undoKey, undo)));
        if (alters) {
            wake(t, set.id());
        }
        return Outcome.ZERO;
    }

    private static PVector<Integer> adjustments(Trap t, long key, SemaphoreSet set) {
        PVector<Integer> undo = t.ipc().undo().get(key);
        if (undo != null) {
            return undo;
        }
        PVector<Integer> none = TreePVector.empty();
        for (int i = 0; i < set.semaphores().size(); i++) {
            none = none.plus(0);
        }
        return none;
    }

    private static void wake(Trap t, int set) {
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.SEMAPHORE, set));
    }

    static Outcome control(Trap t, Call c) {
        int id = (int) c.a0();
        int number = (int) c.a1();
        int command = (int) c.a2() & ~0x100;
        if (id < 0) {
            return Outcome.error(Errno.EINVAL);
        }
        return switch (command) {
            case IpcCalls.INFO, INFO -> info(t, c, command == INFO);
            case IpcCalls.STAT, STAT, STAT_ANY -> {
                SemaphoreSet set = command == IpcCalls.STAT
                        ? find(t, id)
                        : IpcCalls.atIndex(t.ipc().semaphores(), id);
                if (command != STAT_ANY) {
                    IpcCalls.require(t, set.permissions(), Permissions.READ);
                }
                Bytes out = new Bytes(104);
                set.permissions().encode(out, set.id());
                UserMemory.write(t, c.a3(), out.put64(set.operated_s()).put64(0).put64(set.changed_s()).put64(0)
                        .put64(set.semaphores().size()).put64(0).put64(0).toArray());
                yield command == IpcCalls.STAT ? Outcome.ZERO : Outcome.of(set.id());
            }
            case IpcCalls.SET -> {
                byte[] raw = UserMemory.read(t, c.a3(), 104);
                SemaphoreSet set = find(t, id);
                t.ipc(t.ipc().with(set.withPermissions(IpcCalls.changed(t, set.permissions(), raw),
                        IpcCalls.now_s(t))));
                yield Outcome.ZERO;
            }
            case IpcCalls.REMOVE -> {
                IpcCalls.requireOwner(t, find(t, id).permissions());
                t.ipc(withoutUndo(t.ipc(), id, -1).withoutSemaphores(id));
                wake(t, id);
                yield Outcome.ZERO;
            }
            case GETALL, SETALL -> all(t, c, find(t, id), command == SETALL);
            case GETVAL, GETPID, GETNCNT, GETZCNT, SETVAL -> one(t, c, find(t, id), number, command);
            default -> Outcome.error(Errno.EINVAL);
        };
    }

    private static Outcome info(Trap t, Call c, boolean used) {
        int sets = used ? t.ipc().semaphores().size() : SETS_MAX;
        int all = used
                ? t.ipc().semaphores().values().stream().mapToInt(set -> set.semaphores().size()).sum()
                : SETS_MAX * SEMAPHORES_MAX;
        UserMemory.write(t, c.a3(), new Bytes(40).put32(SETS_MAX * SEMAPHORES_MAX).put32(SETS_MAX)
                .put32(SETS_MAX * SEMAPHORES_MAX).put32(SETS_MAX * SEMAPHORES_MAX).put32(SEMAPHORES_MAX)
                .put32(OPERATIONS_MAX).put32(OPERATIONS_MAX).put32(used ? sets : 20).put32(SemaphoreSet.VALUE_MAX)
                .put32(used ? all : SemaphoreSet.VALUE_MAX).toArray());
        return Outcome.of(IpcCalls.highest(t.ipc().semaphores()));
    }

    private static Outcome all(Trap t, Call c, SemaphoreSet set, boolean sets) {
        IpcCalls.require(t, set.permissions(), sets ? Permissions.WRITE : Permissions.READ);
        int count = set.semaphores().size();
        if (!sets) {
            Bytes out = new Bytes(2 * count);
            set.semaphores().forEach(semaphore -> out.put16(semaphore.value()));
            UserMemory.write(t, c.a3(), out.toArray());
            return Outcome.ZERO;
        }
        byte[] raw = UserMemory.read(t, c.a3(), 2 * count);
        PVector<Semaphore> changed = TreePVector.empty();
        for (int i = 0; i < count; i++) {
            int value = Bytes.get16(raw, 2 * i);
            if (value > SemaphoreSet.VALUE_MAX) {
                return Outcome.error(Errno.ERANGE);
            }
            changed = changed.plus(new Semaphore(value, t.process().id()));
        }
        t.ipc(withoutUndo(t.ipc(), set.id(), -1).with(set.set(changed, IpcCalls.now_s(t))));
        wake(t, set.id());
        return Outcome.ZERO;
    }

    private static Outcome one(Trap t, Call c, SemaphoreSet set, int number, int command) {
        if (command == SETVAL && ((int) c.a3() < 0 || (int) c.a3() > SemaphoreSet.VALUE_MAX)) {
            return Outcome.error(Errno.ERANGE);
        }
        boolean known = number >= 0 && number < set.semaphores().size();
        if (command == SETVAL && !known) {
            return Outcome.error(Errno.EINVAL);
        }
        IpcCalls.require(t, set.permissions(), command == SETVAL ? Permissions.WRITE : Permissions.READ);
        if (!known) {
            return Outcome.error(Errno.EINVAL);
        }
        Semaphore semaphore = set.semaphores().get(number);
        return switch (command) {
            case GETVAL -> Outcome.of(semaphore.value());
            case GETPID -> Outcome.of(semaphore.process());
            case GETNCNT -> Outcome.of(waiting(t, set.id(), (long) number << 1));
            case GETZCNT -> Outcome.of(waiting(t, set.id(), (long) number << 1 | 1));
            default -> {
                t.ipc(withoutUndo(t.ipc(), set.id(), number).with(set.set(
                        set.semaphores().with(number, new Semaphore((int) c.a3(), t.process().id())),
                        IpcCalls.now_s(t))));
                wake(t, set.id());
                yield Outcome.ZERO;
            }
        };
    }

    private static long waiting(Trap t, int set, long what) {
        WaitKey key = new WaitKey(WaitKey.Kind.SEMAPHORE, set);
        long count = 0;
        for (Task task : t.tasks().values()) {
            Run.Blocked blocked = task.blocked();
            if (blocked != null && blocked.queues().contains(key) && blocked.call().progress().extra() == what) {
                count++;
            }
        }
        return count;
    }

    /** Forgets the adjustments of a set: of one semaphore, or (-1) of all. */
    private static Ipc withoutUndo(Ipc ipc, int set, int number) {
        TreePMap<Long, PVector<Integer>> undo = ipc.undo();
        for (var entry : ipc.undo().entrySet()) {
            if (entry.getKey().intValue() == set) {
                undo = number < 0
                        ? undo.minus(entry.getKey())
                        : undo.plus(entry.getKey(), entry.getValue().with(number, 0));
            }
        }
        return ipc.withUndo(undo);
    }
}
