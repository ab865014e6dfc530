package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.kernel.Exits;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.SignalDelivery;
import chronovisor.kitten.kernel.SignalSender;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Capabilities;
import chronovisor.kitten.task.SignalAction;
import chronovisor.kitten.task.SignalInfo;
import chronovisor.kitten.task.SignalState;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;
import java.util.List;
import org.pcollections.PVector;

/** Signals: actions, masks, sending, waiting. */
final class SignalCalls {

    private static final long NEVER_BLOCKED = Signals.bit(Signals.SIGKILL) | Signals.bit(Signals.SIGSTOP);
    private static final int SET_BYTES = 8;

    private static final int LIMIT_PENDING = 11;
    private static final int REALTIME_FIRST = 32;

    private SignalCalls() {}

    static Outcome action(Trap t, Call c) {
        int signal = (int) c.a0();
        if (c.a3() != SET_BYTES || signal < 1 || signal > Signals.LAST
                || (c.a1() != 0 && (Signals.bit(signal) & NEVER_BLOCKED) != 0)) {
            return Outcome.error(Errno.EINVAL);
        }
        UserProcess process = t.process();
        SignalAction old = process.action(signal);
        byte[] raw = c.a1() == 0 ? null : UserMemory.read(t, c.a1(), 32);
        if (c.a2() != 0) {
            UserMemory.write(t, c.a2(), new Bytes(32).put64(old.handler()).put64(old.flags()).put64(old.restorer())
                    .put64(old.mask()).toArray());
        }
        if (raw != null) {
            SignalAction action = new SignalAction(Bytes.get64(raw, 0), Bytes.get64(raw, 8), Bytes.get64(raw, 16),
                    Bytes.get64(raw, 24) & ~NEVER_BLOCKED);
            t.put(process.withActions(process.actions().plus(signal, action)));
            boolean ignored = action.handler() == SignalAction.IGNORE
                    || (action.handler() == SignalAction.DEFAULT && Signals.ignoredByDefault(signal));
            if (ignored) {
                discard(t, signal);
            }
        }
        return Outcome.ZERO;
    }

    private static void discard(Trap t, int signal) {
        t.put(t.process().withPending(without(t.process().pending(), signal)));
        for (Task task : List.copyOf(t.tasks().values())) {
            if (task.process() == t.process().id()) {
                t.put(task.withSignals(task.signals().withPending(without(task.signals().pending(), signal))));
            }
        }
    }

    private static PVector<SignalInfo> without(PVector<SignalInfo> pending, int signal) {
        PVector<SignalInfo> left = pending;
        for (SignalInfo info : pending) {
            if (info.signal() == signal) {
                left = left.minus((Object) info);
            }
        }
        return left;
    }

    static Outcome mask(Trap t, Call c) {
        if (c.a3() != SET_BYTES) {
            return Outcome.error(Errno.EINVAL);
        }
        Task task = t.task();
        long old = task.signals().mask();
        long changed = old;
        if (c.a1() != 0) {
            long set = UserMemory.read64(t, c.a1()) & ~NEVER_BLOCKED;
            changed = switch ((int) c.a0()) {
                case 0 -> old | set;
                case 1 -> old & ~set;
                case 2 -> set;
                default -> throw new LinuxError(Errno.EINVAL);
            };
        }
        if (c.a2() != 0) {
            UserMemory.write64(t, c.a2(), old);
        }
        t.put(t.task().withSignals(t.task().signals().withMask(changed)));
        return Outcome.ZERO;
    }

    static Outcome pending(Trap t, Call c) {
        if (c.a1() < 0 || c.a1() > SET_BYTES) {
            return Outcome.error(Errno.EINVAL);
        }
        byte[] set = new Bytes(SET_BYTES).put64(SignalSender.pendingSet(t) & t.task().signals().mask()).toArray();
        UserMemory.write(t, t.process().addressSpace(), c.a0(), set, 0, (int) c.a1());
        return Outcome.ZERO;
    }

    static Outcome suspend(Trap t, Call c) {
        if (c.a1() != SET_BYTES) {
            return Outcome.error(Errno.EINVAL);
        }
        if (!c.progress().entered()) {
            replaceMask(t, UserMemory.read64(t, c.a0()));
        }
        return new Outcome.Block(List.of(), new Call.Progress(true, 0, Call.Progress.NEVER, 0, false),
                SignalDelivery.RESTART_NO_HANDLER, false);
    }

    /** Installs a mask for the duration of a call; signal delivery puts the old one back. */
    static void replaceMask(Trap t, long mask) {
        SignalState signals = t.task().signals();
        t.put(t.task().withSignals(signals.withMask(mask & ~NEVER_BLOCKED).withRestore(true, signals.mask())));
    }

    static Outcome pause(Trap t, Call c) {
        return new Outcome.Block(List.of(), new Call.Progress(true, 0, Call.Progress.NEVER, 0, false),
                SignalDelivery.RESTART_NO_HANDLER, false);
    }

    static Outcome timedWait(Trap t, Call c) {
        if (c.a3() != SET_BYTES) {
            return Outcome.error(Errno.EINVAL);
        }
        long set = UserMemory.read64(t, c.a0()) & ~NEVER_BLOCKED;
        SignalInfo info = SignalSender.take(t, set);
        if (info != null) {
            if (c.a1() != 0) {
                UserMemory.write(t, c.a1(), SignalDelivery.describe(info));
            }
            return Outcome.of(info.signal());
        }
        long deadline_ns = c.progress().deadline_ns();
        if (!c.progress().entered() && c.a2() != 0) {
            deadline_ns = TimeCalls.after(t, TimeCalls.loadTime(t, c.a2()));
        }
        if (deadline_ns <= t.now_ns()) {
            return Outcome.error(Errno.EAGAIN);
        }
        return new Outcome.Block(List.of(), new Call.Progress(true, 0, deadline_ns, set, false), -Errno.EINTR, false);
    }

    static Outcome alternateStack(Trap t, Call c) {
        SignalState signals = t.task().signals();
        boolean on = signals.onStack(t.machine.register(4));
        byte[] raw = c.a0() == 0 ? null : UserMemory.read(t, c.a0(), 24);
        if (c.a1() != 0) {
            int flags = signals.stackFlags() == SignalState.STACK_DISABLED ? SignalState.STACK_DISABLED : on ? 1 : 0;
            UserMemory.write(t, c.a1(), new Bytes(24).put64(signals.stackBase()).put32(flags).put32(0)
                    .put64(signals.stackBytes()).toArray());
        }
        if (raw != null) {
            if (on) {
                return Outcome.error(Errno.EPERM);
            }
            int flags = Bytes.get32(raw, 8) & 0x7fffffff;
            if (flags != 0 && flags != 1 && flags != SignalState.STACK_DISABLED) {
                return Outcome.error(Errno.EINVAL);
            }
            if (flags == SignalState.STACK_DISABLED) {
                t.put(t.task().withSignals(t.task().signals().withStack(0, 0, flags)));
            } else if (Long.compareUnsigned(Bytes.get64(raw, 16), 2048) < 0) {
                return Outcome.error(Errno.ENOMEM);
            } else {
                t.put(t.task().withSignals(
                        t.task().signals().withStack(Bytes.get64(raw, 0), Bytes.get64(raw, 16), 0)));
            }
        }
        return Outcome.ZERO;
    }

    static Outcome sigreturn(Trap t, Call c) {
        if (!SignalDelivery.sigreturn(t)) {
            Exits.exitGroup(t, 0, Signals.SIGSEGV);
        }
        return Outcome.GONE;
    }

    static Outcome kill(Trap t, Call c) {
        int target = (int) c.a0();
        int signal = (int) c.a1();
        if (signal < 0 || signal > Signals.LAST) {
            return Outcome.error(Errno.EINVAL);
        }
        if (target > 0) {
            // A thread's number names its process.
            Task thread = t.findTask(target);
            return killProcess(t, thread == null ? target : thread.process(), signal);
        }
        int self = t.process().id();
        int group = target == 0 ? t.process().group() : -target;
        SignalInfo info = SignalInfo.user(Math.max(1, signal), Signals.SI_USER, self, t.process().credentials().uid());
        int met = 0;
        int reached = 0;
        for (UserProcess process : List.copyOf(t.processes().values())) {
            if (target == -1 ? process.id() == self : process.group() != group) {
                continue;
            }
            met++;
            if (permits(t, process)) {
                reached++;
                if (signal != 0) {
                    SignalSender.toProcess(t, process.id(), info);
                }
            }
        }
        if (met == 0) {
            return Outcome.error(Errno.ESRCH);
        }
        // Of a group it is enough to reach one; who is sent to all is not told whom that left out.
        return reached > 0 || target == -1 ? Outcome.ZERO : Outcome.error(Errno.EPERM);
    }

    /** Sends to one process as kill(2) does. */
    static Outcome killProcess(Trap t, int target, int signal) {
        UserProcess process = t.findProcess(target);
        if (process == null && target == 1 && t.initProcess() != 1) {
            permit(t, ProcessCalls.FIRST);
            return Outcome.ZERO;
        }
        if (process == null) {
            return Outcome.error(Errno.ESRCH);
        }
        permit(t, process);
        if (signal != 0) {
            SignalSender.toProcess(t, target, SignalInfo.user(signal, Signals.SI_USER, t.process().id(),
                    t.process().credentials().uid()));
        }
        return Outcome.ZERO;
    }

    /** Real-time signals are queued, as many for a user as RLIMIT_SIGPENDING allows. Fails with EAGAIN. */
    private static void requireRoom(Trap t, UserProcess target, int signal) {
        long limit = target.limit(LIMIT_PENDING).soft();
        if (signal < REALTIME_FIRST || limit < 0) {
            return;
        }
        int user = target.credentials().uid();
        long pending = 0;
        for (UserProcess process : t.processes().values()) {
            pending += process.credentials().uid() == user ? process.pending().size() : 0;
        }
        for (Task task : t.tasks().values()) {
            boolean his = t.process(task.process()).credentials().uid() == user;
            pending += his ? task.signals().pending().size() : 0;
        }
        if (pending >= limit) {
            throw new LinuxError(Errno.EAGAIN);
        }
    }

    private static boolean permits(Trap t, UserProcess target) {
        UserProcess.Credentials me = t.process().credentials();
        UserProcess.Credentials its = target.credentials();
        boolean same = me.euid() == its.uid() || me.euid() == its.suid() || me.uid() == its.uid()
                || me.uid() == its.suid();
        return same || me.can(Capabilities.KILL);
    }

    private static void permit(Trap t, UserProcess target) {
        if (!permits(t, target)) {
            throw new LinuxError(Errno.EPERM);
        }
    }

    static Outcome tkill(Trap t, Call c) {
        return toTask(t, -1, (int) c.a0(), (int) c.a1());
    }

    static Outcome tgkill(Trap t, Call c) {
        if ((int) c.a0() <= 0) {
            return Outcome.error(Errno.EINVAL);
        }
        return toTask(t, (int) c.a0(), (int) c.a1(), (int) c.a2());
    }

    private static Outcome toTask(Trap t, int process, int id, int signal) {
        if (id <= 0 || signal < 0 || signal > Signals.LAST) {
            return Outcome.error(Errno.EINVAL);
        }
        Task task = t.findTask(id);
        if (task == null || (process > 0 && task.process() != process)) {
            return Outcome.error(Errno.ESRCH);
        }
        permit(t, t.process(task.process()));
        requireRoom(t, t.process(task.process()), signal);
        if (signal != 0) {
            SignalSender.toTask(t, id, SignalInfo.user(signal, Signals.SI_TKILL, t.process().id(),
                    t.process().credentials().uid()));
        }
        return Outcome.ZERO;
    }

    static Outcome queue(Trap t, Call c) {
        return sendInfo(t, (int) c.a0(), 0, (int) c.a1(), c.a2());
    }

    static Outcome tgQueue(Trap t, Call c) {
        return sendInfo(t, (int) c.a0(), (int) c.a1(), (int) c.a2(), c.a3());
    }

    static Outcome sendInfo(Trap t, int process, int task, int signal, long address) {
        byte[] raw = UserMemory.read(t, address, 32);
        int code = Bytes.get32(raw, 8);
        if (signal < 0 || signal > Signals.LAST) {
            return Outcome.error(Errno.EINVAL);
        }
        Task thread = t.findTask(process);
        int group = thread == null ? process : thread.process();
        if (t.findProcess(group) == null || (task != 0 && t.findTask(task) == null)) {
            return Outcome.error(Errno.ESRCH);
        }
        if ((code >= 0 || code == Signals.SI_TKILL) && group != t.process().id()) {
            return Outcome.error(Errno.EPERM);
        }
        requireRoom(t, t.process(group), signal);
        SignalInfo info = new SignalInfo(signal, code, Bytes.get32(raw, 16), Bytes.get32(raw, 20),
                Bytes.get64(raw, 24), 0, 0);
        if (signal != 0) {
            if (task != 0) {
                SignalSender.toTask(t, task, info);
            } else {
                SignalSender.toProcess(t, group, info);
            }
        }
        return Outcome.ZERO;
    }
}
