package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.file.DescriptorTable;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.Exits;
import chronovisor.kitten.kernel.Mappings;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.RestartableSequences;
import chronovisor.kitten.kernel.Scheduler;
import chronovisor.kitten.kernel.SignalDelivery;
import chronovisor.kitten.kernel.Tracing;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.memory.Protection;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Capabilities;
import chronovisor.kitten.task.Registers;
import chronovisor.kitten.task.Rseq;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.Scheduling;
import chronovisor.kitten.task.SignalInfo;
import chronovisor.kitten.task.SignalState;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.Trace;
import chronovisor.kitten.task.UserProcess;
import chronovisor.kitten.task.WaitKey;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;
import org.pcollections.TreePVector;

/** Making, ending and waiting for tasks and processes. */
final class ProcessCalls {

    private static final long CLONE_VM = 0x100;
    private static final long CLONE_FILES = 0x400;
    private static final long CLONE_SIGHAND = 0x800;
    private static final long CLONE_VFORK = 0x4000;
    private static final long CLONE_PARENT = 0x8000;
    private static final long CLONE_THREAD = 0x10000;
    private static final long CLONE_SETTLS = 0x80000;
    private static final long CLONE_PARENT_SETTID = 0x100000;
    private static final long CLONE_CHILD_CLEARTID = 0x200000;
    private static final long CLONE_CHILD_SETTID = 0x1000000;
    private static final long CLONE_PIDFD = 0x1000;
    private static final int TASKS_LIMIT = 6;
    private static final long CLONE_UNTRACED = 0x80_0000;
    private static final long NAMESPACES = 0x7E02_0000L | 0x80L;
    private static final int RSP = 4;
    private static final int RSEQ_BYTES = 32;

    /** Process 1, the kernel's own: parent of what has lost its parent, and deaf to signals. */
    static final UserProcess FIRST = new UserProcess(1, 0, 1, 1, 0, 0, 1, 1, 0, UserProcess.Credentials.ROOT,
            TreePMap.empty(), TreePVector.empty(), TreePMap.empty(), "", 0, UserProcess.Layout.NONE,
            UserProcess.Exit.NONE, 0, 0, 0, 0, 0, 0, TreePMap.empty(), UserProcess.Attributes.STANDARD);

    /** The only task of that process: it is nothing that a scheduler could choose. */
    static final Task FIRST_TASK = new Task(1, 1, "kitten", new Run.Ready(), null, SignalState.INITIAL, 0, 0, 0, -1, 0,
            Scheduling.NORMAL, Rseq.NONE, 0, null);

    private ProcessCalls() {}

    /** What clone was asked for. */
    private record Request(long flags, int signal, long stack, long parentTid, long childTid, long tls, long pidfd) {
        boolean has(long flag) {
            return (flags & flag) != 0;
        }
    }

    static Outcome clone(Trap t, Call c) {
        return create(t, c, new Request(c.a0() & ~0xFFL, (int) c.a0() & 0xFF, c.a1(), c.a2(), c.a3(), c.a4(),
                c.a2()));
    }

    static Outcome clone3(Trap t, Call c) {
        if (c.a1() < 64) {
            return Outcome.error(Errno.EINVAL);
        }
        if (c.a1() > 4096) {
            return Outcome.error(Errno.E2BIG);
        }
        byte[] raw = UserMemory.read(t, c.a0(), (int) Math.min(c.a1(), 88));
        for (byte extra : UserMemory.read(t, c.a0() + raw.length, (int) c.a1() - raw.length)) {
            if (extra != 0) {
                return Outcome.error(Errno.E2BIG);
            }
        }
        long stack = Bytes.get64(raw, 40);
        long size = Bytes.get64(raw, 48);
        if ((stack == 0) != (size == 0)) {
            return Outcome.error(Errno.EINVAL);
        }
        return create(t, c, new Request(Bytes.get64(raw, 0), (int) Bytes.get64(raw, 32), stack + size,
                Bytes.get64(raw, 24), Bytes.get64(raw, 16), Bytes.get64(raw, 56), Bytes.get64(raw, 8)));
    }

    static Outcome fork(Trap t, Call c) {
        return create(t, c, new Request(0, Signals.SIGCHLD, 0, 0, 0, 0, 0));
    }

    static Outcome vfork(Trap t, Call c) {
        return create(t, c, new Request(CLONE_VM | CLONE_VFORK, Signals.SIGCHLD, 0, 0, 0, 0, 0));
    }

    private static Outcome create(Trap t, Call c, Request r) {
        if (c.progress().entered()) {
            return afterVfork(t, c);
        }
        if ((r.has(CLONE_SIGHAND) && !r.has(CLONE_VM)) || (r.has(CLONE_THREAD) && !r.has(CLONE_SIGHAND))
                || r.has(NAMESPACES) || (r.has(CLONE_PIDFD) && r.has(CLONE_THREAD)) || r.signal() < 0
                || r.signal() > Signals.LAST) {
            return Outcome.error(Errno.EINVAL);
        }
        if (r.has(CLONE_PIDFD)) {
            UserMemory.write32(t, r.pidfd(), UserMemory.read32(t, r.pidfd()));
        }
        UserProcess process = t.process();
        requireRoom(t, process);
        int id = t.nextTask();
        Task parent = t.task();
        int group = r.has(CLONE_THREAD) ? process.id() : id;
        if (!r.has(CLONE_THREAD)) {
            makeProcess(t, r, id);
        }
        Registers registers = t.machine.save().with(0, 0);
        if (r.stack() != 0) {
            registers = registers.with(RSP, r.stack());
        }
        if (r.has(CLONE_SETTLS)) {
            registers = registers.withFsBase(r.tls());
        }
        SignalState signals = new SignalState(parent.signals().mask(), TreePVector.empty(), false, 0, 0, 0,
                SignalState.STACK_DISABLED);
        if (!r.has(CLONE_VM) || r.has(CLONE_VFORK)) {
            SignalState old = parent.signals();
            signals = signals.withStack(old.stackBase(), old.stackBytes(), old.stackFlags());
        }
        int core = coreFor(t, parent, id);
        Task child = new Task(id, group, parent.name(), new Run.Ready(), registers, signals,
                r.has(CLONE_CHILD_CLEARTID) ? r.childTid() : 0, 0, core, parent.affinity(), 0,
                parent.scheduling().inherited(), r.has(CLONE_VM) ? Rseq.NONE : parent.rseq(), 0, null);
        if (r.has(CLONE_PARENT_SETTID)) {
            UserMemory.write32(t, r.parentTid(), id);
        }
        Scheduler.start(t, child);
        if (r.has(CLONE_CHILD_SETTID)) {
            UserMemory.write(t, t.process(group).addressSpace(), r.childTid(), new Bytes(4).put32(id).toArray(), 0, 4);
        }
        if (r.has(CLONE_PIDFD)) {
            UserMemory.write32(t, r.pidfd(), ProcessDescriptors.make(t, id, 0));
        }
        t.observer.taskCreated(t.core(), id, group, parent.id(), parent.name());
        if (!r.has(CLONE_UNTRACED)) {
            Tracing.created(t, id, r.has(CLONE_VFORK)
                    ? Trace.EVENT_VFORK
                    : r.signal() == Signals.SIGCHLD ? Trace.EVENT_FORK : Trace.EVENT_CLONE);
        }
        if (r.has(CLONE_VFORK)) {
            return waitForChild(id);
        }
        return Outcome.of(id);
    }

    /** RLIMIT_NPROC: how many tasks a user may have, unless a privilege says otherwise. Fails with EAGAIN. */
    private static void requireRoom(Trap t, UserProcess process) {
        long most = process.limit(TASKS_LIMIT).soft();
        UserProcess.Credentials who = process.credentials();
        if (most < 0 || who.uid() == 0 || who.can(Capabilities.SYS_RESOURCE) || who.can(Capabilities.SYS_ADMIN)) {
            return;
        }
        long have = t.tasks().values().stream()
                .filter(task -> t.process(task.process()).credentials().uid() == who.uid()).count();
        if (have >= most) {
            throw new LinuxError(Errno.EAGAIN);
        }
    }

    /** New tasks are dealt round-robin over the cores that the parent may use; init_task has the first. */
    private static int coreFor(Trap t, Task parent, int id) {
        int cores = t.cores().size();
        for (int i = 0; i < cores; i++) {
            int core = Math.floorMod(id - t.initProcess() + i, cores);
            if ((parent.affinity() & 1L << core) != 0) {
                return core;
            }
        }
        return parent.core();
    }

    private static void makeProcess(Trap t, Request r, int id) {
        UserProcess process = t.process();
        AddressSpace space;
        if (r.has(CLONE_VM)) {
            space = t.space();
            t.put(space.withUsers(space.users() + 1));
        } else {
            space = Mappings.copy(t, process.addressSpace());
        }
        DescriptorTable table = t.table(process.files());
        if (r.has(CLONE_FILES)) {
            t.put(table.withUsers(table.users() + 1));
        } else {
            table = Descriptors.copy(t, process.files());
        }
        t.put(new UserProcess(id, r.has(CLONE_PARENT) ? process.parent() : process.id(), process.group(),
                process.session(), space.id(), table.id(), process.root(), process.directory(), process.umask(),
                process.credentials(),
                process.actions(), TreePVector.empty(), process.limits(), process.program(), process.programInode(),
                process.layout(), UserProcess.Exit.NONE, 0, 0, 0, 0, r.has(CLONE_VFORK) ? t.current() : 0,
                r.signal(), TreePMap.empty(), process.attributes().inherited()));
    }

    private static Outcome waitForChild(int id) {
        return new Outcome.Block(List.of(new WaitKey(WaitKey.Kind.VFORK, id)),
                new Call.Progress(true, 0, Call.Progress.NEVER, id, false), 0, true);
    }

    private static Outcome afterVfork(Trap t, Call c) {
        int child = (int) c.progress().extra();
        UserProcess process = t.findProcess(child);
        boolean waits = process != null && process.vforkParent() != 0;
        if (!waits) {
            Tracing.vforkDone(t, child);
        }
        return waits ? waitForChild(child) : Outcome.of(child);
    }

    static Outcome exit(Trap t, Call c) {
        if (Tracing.ending(t, c, ((int) c.a0() & 0xFF) << 8)) {
            return Outcome.GONE;
        }
        Exits.exitTask(t, (int) c.a0());
        return Outcome.GONE;
    }

    static Outcome exitGroup(Trap t, Call c) {
        if (Tracing.ending(t, c, ((int) c.a0() & 0xFF) << 8)) {
            return Outcome.GONE;
        }
        Exits.exitGroup(t, (int) c.a0(), 0);
        return Outcome.GONE;
    }

    /** What wait found: a child that ended, stopped or went on; {@code any} when there are children at all. */
    private record Waited(boolean any, @Nullable UserProcess child) {}

    private static Waited look(Trap t, int target, boolean ended, boolean stopped, boolean continued) {
        boolean any = false;
        for (UserProcess child : t.processes().values()) {
            UserProcess.Exit exit = child.exit();
            int teller = exit.ended() && exit.tracer() != 0 ? exit.tracer() : child.parent();
            if (teller != t.process().id() || !matches(t, child, target)) {
                continue;
            }
            any = true;
            if ((ended && exit.ended()) || (stopped && exit.stopped() != 0) || (continued && exit.continued())) {
                return new Waited(true, child);
            }
        }
        return new Waited(any, null);
    }

    static Outcome wait4(Trap t, Call c) {
        if ((c.a2() & ~(0x6000_000BL | 0x8000_0000L)) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        int target = (int) c.a0();
        if (target == Integer.MIN_VALUE) {
            return Outcome.error(Errno.ESRCH);
        }
        Task traced = Tracing.waitable(t, target);
        if (traced != null && traced.trace() != null) {
            if (c.a1() != 0) {
                UserMemory.write32(t, c.a1(), traced.trace().stop() << 8 | 0x7f);
            }
            t.put(traced.withTrace(traced.trace().withTold()));
            return Outcome.of(traced.id());
        }
        Waited waited = look(t, target, true, (c.a2() & 2) != 0, (c.a2() & 8) != 0);
        UserProcess found = waited.child();
        if (!waited.any() && !Tracing.any(t, target)) {
            return Outcome.error(Errno.ECHILD);
        }
        if (found == null) {
            return (c.a2() & 1) != 0 ? Outcome.ZERO : Outcome.block(WaitKey.Kind.CHILD, t.process().id());
        }
        UserProcess.Exit exit = found.exit();
        if (c.a1() != 0) {
            UserMemory.write32(t, c.a1(), exit.ended()
                    ? exit.waitStatus()
                    : exit.stopped() != 0 ? exit.stopped() << 8 | 0x7f : 0xffff);
        }
        if (c.a3() != 0) {
            UserMemory.write(t, c.a3(), TimeCalls.usage(found.dead_ns(), 0));
        }
        consume(t, found);
        return Outcome.of(found.id());
    }

    private static void consume(Trap t, UserProcess child) {
        if (child.exit().ended()) {
            reap(t, child);
        } else {
            t.put(child.withExit(UserProcess.Exit.NONE));
        }
    }

    private static boolean matches(Trap t, UserProcess child, int target) {
        return target == -1 || (target > 0
                ? child.id() == target
                : target == 0 ? child.group() == t.process().group() : child.group() == -target);
    }

    private static void reap(Trap t, UserProcess child) {
        if (child.exit().tracer() != 0) {
            Exits.toldToTracer(t, child);
            return;
        }
        UserProcess parent = t.process();
        t.put(parent.withTimes(parent.dead_ns(), parent.children_ns() + child.dead_ns() + child.children_ns()));
        t.removeProcess(child.id());
    }

    static Outcome waitid(Trap t, Call c) {
        long options = c.a3();
        if ((options & 0xE) == 0 || (options & ~0x6100_000FL) != 0 || c.a0() < 0 || c.a0() > 3) {
            return Outcome.error(Errno.EINVAL);
        }
        boolean named = c.a0() == 1 || c.a0() == 2;
        if (named && ((int) c.a1() < 0 || (c.a0() == 1 && (int) c.a1() == 0))) {
            return Outcome.error(Errno.EINVAL);
        }
        int target = switch ((int) c.a0()) {
            case 0 -> -1;
            case 1 -> (int) c.a1();
            case 2 -> c.a1() == 0 ? 0 : -(int) c.a1();
            default -> ProcessDescriptors.process(t, c.a1());
        };
        Task traced = Tracing.waitable(t, target);
        if (traced != null && traced.trace() != null) {
            if (c.a2() != 0) {
                UserMemory.write(t, c.a2(), SignalDelivery.describe(new SignalInfo(Signals.SIGCHLD,
                        Signals.CLD_TRAPPED, traced.id(), t.process(traced.process()).credentials().uid(),
                        traced.trace().stop(), 0, 0)));
            }
            if ((options & 0x0100_0000) == 0) {
                t.put(traced.withTrace(traced.trace().withTold()));
            }
            return Outcome.ZERO;
        }
        Waited waited = look(t, target, (options & 4) != 0, (options & 2) != 0, (options & 8) != 0);
        UserProcess found = waited.child();
        if (!waited.any() && !Tracing.any(t, target)) {
            return Outcome.error(Errno.ECHILD);
        }
        if (found == null && (options & 1) == 0) {
            return Outcome.block(WaitKey.Kind.CHILD, t.process().id());
        }
        if (c.a2() != 0) {
            Bytes info = new Bytes(128);
            if (found != null) {
                describe(info, found);
            }
            UserMemory.write(t, c.a2(), info.zeros(128 - info.length()).toArray());
        }
        if (c.a4() != 0 && found != null) {
            UserMemory.write(t, c.a4(), TimeCalls.usage(found.dead_ns(), 0));
        }
        if (found != null && (options & 0x0100_0000) == 0) {
            consume(t, found);
        }
        return Outcome.ZERO;
    }

    private static void describe(Bytes info, UserProcess child) {
        UserProcess.Exit exit = child.exit();
        int code = exit.stopped() != 0
                ? Signals.CLD_STOPPED
                : exit.continued()
                        ? Signals.CLD_CONTINUED
                        : exit.signal() == 0
                                ? Signals.CLD_EXITED
                                : exit.dumped() ? Signals.CLD_DUMPED : Signals.CLD_KILLED;
        int status = exit.stopped() != 0
                ? exit.stopped()
                : exit.continued() ? Signals.SIGCONT : exit.signal() != 0 ? exit.signal() : exit.status();
        info.put32(Signals.SIGCHLD).put32(0).put32(code).put32(0).put32(child.id()).put32(child.credentials().uid())
                .put32(status);
    }

    static Outcome getpid(Trap t, Call c) {
        return Outcome.of(t.process().id());
    }

    static Outcome gettid(Trap t, Call c) {
        return Outcome.of(t.current());
    }

    static Outcome getppid(Trap t, Call c) {
        return Outcome.of(t.process().parent());
    }

    static Outcome setTidAddress(Trap t, Call c) {
        t.put(t.task().withClearOnExit(c.a0()));
        return Outcome.of(t.current());
    }

    static Outcome setRobustList(Trap t, Call c) {
        if (c.a1() != 24) {
            return Outcome.error(Errno.EINVAL);
        }
        t.put(t.task().withRobustList(c.a0()));
        return Outcome.ZERO;
    }

    static Outcome getRobustList(Trap t, Call c) {
        Task task = c.a0() == 0 ? t.task() : t.findTask((int) c.a0());
        UserProcess.Credentials me = t.process().credentials();
        if (task == null) {
            boolean first = (int) c.a0() == 1 && t.initProcess() != 1;
            if (first && me.can(Capabilities.SYS_PTRACE)) {
                UserMemory.write64(t, c.a1(), 0);
                UserMemory.write64(t, c.a2(), 24);
                return Outcome.ZERO;
            }
            return Outcome.error(first ? Errno.EPERM : Errno.ESRCH);
        }
        if (!me.can(Capabilities.SYS_PTRACE) && me.euid() != t.process(task.process()).credentials().uid()) {
            return Outcome.error(Errno.EPERM);
        }
        UserMemory.write64(t, c.a1(), task.robustList());
        UserMemory.write64(t, c.a2(), 24);
        return Outcome.ZERO;
    }

    /** rseq(2): registers or, with flag 1, unregisters the calling thread. */
    static Outcome rseq(Trap t, Call c) {
        Rseq has = t.task().rseq();
        Rseq given = new Rseq(c.a0(), (int) c.a1(), (int) c.a3());
        boolean unregisters = (int) c.a2() == 1;
        if (((int) c.a2() & ~1) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        if (has.address() == 0) {
            if (unregisters || given.bytes() != RSEQ_BYTES || (given.address() & RSEQ_BYTES - 1) != 0) {
                return Outcome.error(Errno.EINVAL);
            }
            if (UserMemory.accessible(t, given.address(), RSEQ_BYTES, Protection.WRITE) < RSEQ_BYTES) {
                return Outcome.error(Errno.EFAULT);
            }
            t.put(t.task().withRseq(given));
            RestartableSequences.resumed(t);
            return Outcome.ZERO;
        }
        if (given.address() != has.address() || given.bytes() != has.bytes()) {
            return Outcome.error(Errno.EINVAL);
        }
        if (given.signature() != has.signature() || !unregisters) {
            return Outcome.error(given.signature() != has.signature() ? Errno.EPERM : Errno.EBUSY);
        }
        RestartableSequences.reset(t, has);
        t.put(t.task().withRseq(Rseq.NONE));
        return Outcome.ZERO;
    }

    static Outcome archPrctl(Trap t, Call c) {
        boolean canonical = c.a1() >= 0 && c.a1() < AddressSpace.USER_END;
        switch ((int) c.a0()) {
            case 0x1001, 0x1002 -> {
                if (!canonical) {
                    return Outcome.error(Errno.EPERM);
                }
                t.machine.segmentBase((int) c.a0() == 0x1001, c.a1());
            }
            case 0x1011 -> {
                return Outcome.of(1);
            }
            // CPUID cannot be made to fault.
            case 0x1012 -> {
                return Outcome.error(Errno.ENODEV);
            }
            case 0x1003 -> UserMemory.write64(t, c.a1(), t.machine.segmentBase(false));
            case 0x1004 -> UserMemory.write64(t, c.a1(), t.machine.segmentBase(true));
            default -> {
                return Outcome.error(Errno.EINVAL);
            }
        }
        return Outcome.ZERO;
    }

    static Outcome getpgrp(Trap t, Call c) {
        return Outcome.of(t.process().group());
    }

    static Outcome getpgid(Trap t, Call c) {
        return Outcome.of(find(t, (int) c.a0()).group());
    }

    static Outcome getsid(Trap t, Call c) {
        return Outcome.of(find(t, (int) c.a0()).session());
    }

    /** A process by its number, the kernel's own among them; 0 is the current one. */
    static UserProcess find(Trap t, int id) {
        UserProcess process = id == 0 ? t.process() : t.findProcess(id);
        if (process == null && id == 1 && t.initProcess() != 1) {
            return FIRST;
        }
        if (process == null) {
            throw new LinuxError(Errno.ESRCH);
        }
        return process;
    }

    static Outcome setpgid(Trap t, Call c) {
        if ((int) c.a1() < 0) {
            return Outcome.error(Errno.EINVAL);
        }
        UserProcess process = find(t, (int) c.a0());
        if (process.id() != t.process().id() && process.parent() != t.process().id()) {
            return Outcome.error(Errno.ESRCH);
        }
        if (process.id() != t.process().id() && process.attributes().executed()) {
            return Outcome.error(Errno.EACCES);
        }
        if (process.session() != t.process().session() || process.session() == process.id()) {
            return Outcome.error(Errno.EPERM);
        }
        int group = c.a1() == 0 ? process.id() : (int) c.a1();
        boolean exists = group == process.id() || t.processes().values().stream()
                .anyMatch(p -> p.group() == group && p.session() == process.session());
        if (!exists) {
            return Outcome.error(Errno.EPERM);
        }
        t.put(process.withFamily(process.parent(), group, process.session()));
        return Outcome.ZERO;
    }

    static Outcome setsid(Trap t, Call c) {
        UserProcess process = t.process();
        if (t.processes().values().stream().anyMatch(p -> p.group() == process.id())) {
            return Outcome.error(Errno.EPERM);
        }
        t.put(process.withFamily(process.parent(), process.id(), process.id()));
        return Outcome.of(process.id());
    }
}
