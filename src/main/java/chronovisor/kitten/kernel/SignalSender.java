package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.SignalAction;
import chronovisor.kitten.task.SignalInfo;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;
import chronovisor.kitten.task.WaitKey;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;

/** Making signals pending, and waking who must see them. */
public final class SignalSender {

    private static final long UNBLOCKABLE = Signals.bit(Signals.SIGKILL) | Signals.bit(Signals.SIGSTOP);

    private SignalSender() {}

    /** Sends to a process as a whole: any of its threads may take it. Returns whether it is pending now. */
    public static boolean toProcess(Trap t, int id, SignalInfo info) {
        UserProcess process = t.findProcess(id);
        if (process == null || process.exit().ended()) {
            return false;
        }
        t.observer.signalSent(t.core(), id, info.signal(), info.code(), info.address());
        prepare(t, process, info.signal());
        process = t.process(id);
        if (discards(t, process, info.signal(), null)) {
            return false;
        }
        t.put(process.withPending(add(process.pending(), info)));
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.SIGNAL, id));
        for (Task task : List.copyOf(t.tasks().values())) {
            if (task.process() == id && wakes(task, info.signal())) {
                notify(t, task, info.signal());
                break;
            }
        }
        return true;
    }

    /** Sends to one thread. Returns whether it is pending now. */
    public static boolean toTask(Trap t, int id, SignalInfo info) {
        Task task = t.findTask(id);
        if (task == null) {
            return false;
        }
        t.observer.signalSent(t.core(), id, info.signal(), info.code(), info.address());
        prepare(t, t.process(task.process()), info.signal());
        task = t.task(id);
        if (discards(t, t.process(task.process()), info.signal(), task)) {
            return false;
        }
        t.put(task.withSignals(task.signals().withPending(add(task.signals().pending(), info))));
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.SIGNAL, task.process()));
        task = t.task(id);
        if (wakes(task, info.signal())) {
            notify(t, task, info.signal());
        }
        return true;
    }

    /** Sends to every process of a group; returns how many there were. */
    public static int toGroup(Trap t, int group, SignalInfo info) {
        int count = 0;
        for (UserProcess process : List.copyOf(t.processes().values())) {
            if (process.group() == group && !process.exit().ended()) {
                toProcess(t, process.id(), info);
                count++;
            }
        }
        return count;
    }

    /** A fault of the current task: delivered now, whatever it has blocked or ignores. */
    public static void force(Trap t, SignalInfo info) {
        Task task = t.task();
        UserProcess process = t.process();
        SignalAction action = process.action(info.signal());
        boolean blocked = (task.signals().mask() & Signals.bit(info.signal())) != 0;
        if (blocked || action.handler() == SignalAction.IGNORE) {
            t.put(process.withActions(process.actions().minus(info.signal())));
            t.put(task.withSignals(task.signals().withMask(task.signals().mask() & ~Signals.bit(info.signal()))));
        }
        task = t.task();
        t.observer.signalSent(t.core(), task.id(), info.signal(), info.code(), info.address());
        t.put(task.withSignals(task.signals().withPending(task.signals().pending().plus(0, info))));
    }

    /**
     * SIGCONT and SIGKILL let stopped threads go on, whatever else becomes of the signal. Going on and stopping take each other back:
     * of what has not been acted on yet the last one counts.
     */
    private static void prepare(Trap t, UserProcess process, int signal) {
        if (signal == Signals.SIGCONT) {
            forget(t, process.id(), Signals.STOPPING);
        } else if ((Signals.bit(signal) & Signals.STOPPING) != 0) {
            forget(t, process.id(), Signals.bit(Signals.SIGCONT));
        }
        if (signal == Signals.SIGCONT || signal == Signals.SIGKILL) {
            JobControl.resume(t, process.id(), signal == Signals.SIGCONT);
        }
        if (signal == Signals.SIGKILL) {
            Tracing.killed(t, process.id());
        }
    }

    private static void forget(Trap t, int id, long set) {
        UserProcess process = t.process(id);
        if (anyOf(process.pending(), set)) {
            t.put(process.withPending(without(process.pending(), set)));
        }
        for (Task task : List.copyOf(t.tasks().values())) {
            if (task.process() == id && anyOf(task.signals().pending(), set)) {
                t.put(task.withSignals(task.signals().withPending(without(task.signals().pending(), set))));
            }
        }
    }

    private static boolean anyOf(PVector<SignalInfo> pending, long set) {
        return pending.stream().anyMatch(info -> (Signals.bit(info.signal()) & set) != 0);
    }

    private static PVector<SignalInfo> without(PVector<SignalInfo> pending, long set) {
        PVector<SignalInfo> rest = pending;
        for (int i = pending.size() - 1; i >= 0; i--) {
            if ((Signals.bit(pending.get(i).signal()) & set) != 0) {
                rest = rest.minus(i);
            }
        }
        return rest;
    }

    private static boolean discards(Trap t, UserProcess process, int signal, @Nullable Task only) {
        if ((Signals.bit(signal) & UNBLOCKABLE) != 0 || traced(t, process, only)) {
            return false;
        }
        SignalAction action = process.action(signal);
        boolean ignored = action.handler() == SignalAction.IGNORE
                || (action.handler() == SignalAction.DEFAULT && Signals.ignoredByDefault(signal));
        if (!ignored) {
            return false;
        }
        if (only != null) {
            return (only.signals().mask() & Signals.bit(signal)) == 0;
        }
        return t.tasks().values().stream().filter(task -> task.process() == process.id())
                .anyMatch(task -> (task.signals().mask() & Signals.bit(signal)) == 0);
    }

    /** What a traced task ignores its tracer may want to know. */
    private static boolean traced(Trap t, UserProcess process, @Nullable Task only) {
        if (only != null) {
            return only.trace() != null;
        }
        return t.tasks().values().stream().anyMatch(task -> task.process() == process.id() && task.trace() != null);
    }

    private static PVector<SignalInfo> add(PVector<SignalInfo> pending, SignalInfo info) {
        if (info.signal() < 32 && info.code() != Signals.SI_TIMER) {
            for (SignalInfo other : pending) {
                if (other.signal() == info.signal()) {
                    return pending;
                }
            }
        }
        return pending.plus(info);
    }

    private static boolean wakes(Task task, int signal) {
        long bit = Signals.bit(signal);
        return (task.signals().mask() & bit) == 0 || (bit & UNBLOCKABLE) != 0
                || waitsFor(task, signal);
    }

    /** rt_sigtimedwait: blocked signals that the task waits for wake it too. */
    private static boolean waitsFor(Task task, int signal) {
        Run.Blocked blocked = task.blocked();
        return blocked != null && blocked.call().number() == 128
                && (blocked.call().progress().extra() & Signals.bit(signal)) != 0;
    }

    private static void notify(Trap t, Task task, int signal) {
        Run.Blocked blocked = task.blocked();
        if (blocked != null && !(blocked.uninterruptible() && signal != Signals.SIGKILL)) {
            Scheduler.resume(t, task, false, "signal");
        }
    }

    /** Whether a signal waits that the task would act on now. */
    public static boolean pending(Trap t, Task task) {
        return next(t, task) != null || Tracing.pending(task);
    }

    /** The signal the task would act on next: its own before its process's, faults first, then by number. */
    static @Nullable SignalInfo next(Trap t, Task task) {
        long mask = task.signals().mask() & ~UNBLOCKABLE;
        SignalInfo own = lowest(task.signals().pending(), mask);
        return own != null ? own : lowest(t.process(task.process()).pending(), mask);
    }

    private static @Nullable SignalInfo lowest(PVector<SignalInfo> pending, long mask) {
        if (pending.isEmpty()) {
            return null; // as on nearly every way back to a task, without an iterator
        }
        SignalInfo best = null;
        for (SignalInfo info : pending) {
            if ((Signals.bit(info.signal()) & mask) == 0 && (best == null || rank(info) < rank(best))) {
                best = info;
            }
        }
        return best;
    }

    private static int rank(SignalInfo info) {
        return info.trap() != 0 || info.errorCode() != 0 ? 0 : info.signal();
    }

    /** Takes a pending signal out; returns it as it is to be delivered. */
    static SignalInfo consume(Trap t, Task task, SignalInfo info) {
        if (task.signals().pending().contains(info)) {
            t.put(task.withSignals(task.signals().withPending(task.signals().pending().minus((Object) info))));
        } else {
            UserProcess process = t.process(task.process());
            t.put(process.withPending(process.pending().minus((Object) info)));
        }
        return Timers.delivered(t, task.process(), info);
    }

    /** Takes the lowest pending signal out of a set, blocked or not; null when there is none. */
    public static @Nullable SignalInfo take(Trap t, long set) {
        Task task = t.task();
        SignalInfo found = lowest(task.signals().pending(), ~set);
        if (found == null) {
            found = lowest(t.process().pending(), ~set);
        }
        return found == null ? null : consume(t, task, found);
    }

    /** The signals that are pending for the current task, its own and its process's, as a set. */
    public static long pendingSet(Trap t) {
        long set = 0;
        for (SignalInfo info : t.task().signals().pending()) {
            set |= Signals.bit(info.signal());
        }
        for (SignalInfo info : t.process().pending()) {
            set |= Signals.bit(info.signal());
        }
        return set;
    }
}
