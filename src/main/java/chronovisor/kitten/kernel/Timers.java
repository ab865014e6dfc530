package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.IntervalTimer;
import chronovisor.kitten.task.IntervalTimer.BySignal;
import chronovisor.kitten.task.IntervalTimer.Silent;
import chronovisor.kitten.task.IntervalTimer.ToFile;
import chronovisor.kitten.task.SignalInfo;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.WaitKey;
import java.util.List;
import java.util.SortedMap;

/**
 * Interval timers. As on Linux a timer that has expired stands still until somebody takes note of it (its signal is
 * delivered, its file is read); only then are the expirations since counted and the next one set. So no timer, however
 * short its interval, costs more than its owner pays.
 */
public final class Timers {

    private Timers() {}

    /** The timers of a process, by number. */
    public static SortedMap<Long, IntervalTimer> of(Trap t, int process) {
        return t.timers().subMap(IntervalTimer.keyOf(process, 0), IntervalTimer.keyOf(process + 1, 0));
    }

    /** Removes all timers of a process: it has ended or runs another program. */
    public static void removeAll(Trap t, int process) {
        for (long key : List.copyOf(of(t, process).keySet())) {
            t.removeTimer(key);
        }
    }

    /** What a timer's clock shows, in virtual or CPU time. */
    public static long clock_ns(Trap t, IntervalTimer timer) {
        int owner = switch (timer.notice()) {
            case ToFile file -> 0;
            case BySignal signal -> signal.owner();
            case Silent silent -> silent.owner();
        };
        int process = switch (timer.notice()) {
            case ToFile file -> 0;
            case BySignal signal -> signal.process();
            case Silent silent -> silent.process();
        };
        return switch (timer.clock()) {
            case REALTIME, DATE, MONOTONIC, BOOTTIME -> t.now_ns();
            case PROCESS_CPU -> Times.process_ns(t, t.process(process));
            case THREAD_CPU -> {
                Task task = t.findTask(owner);
                yield task == null ? 0 : Times.task_ns(t, task);
            }
        };
    }

    /** A timer's time has come. */
    static void expire(Trap t, long key) {
        IntervalTimer timer = t.timers().get(key);
        if (timer == null) {
            return;
        }
        t.put(timer.withFired());
        switch (timer.notice()) {
            case ToFile file -> Scheduler.wake(t, new WaitKey(WaitKey.Kind.COUNTER, file.file()));
            case BySignal signal -> send(t, timer, signal);
            case Silent silent -> {
                // Nobody is told; who asks computes what is left.
            }
        }
    }

    private static void send(Trap t, IntervalTimer timer, BySignal to) {
        SignalInfo info = new SignalInfo(to.signal(), Signals.SI_TIMER, timer.number(), 0, to.value(), 0, 0);
        boolean queued = to.task() == 0
                ? SignalSender.toProcess(t, to.process(), info)
                : SignalSender.toTask(t, to.task(), info);
        if (!queued) {
            // The signal is ignored: nobody will ever take note, so the timer goes on by itself.
            t.put(timer.forwarded(clock_ns(t, timer)));
        }
    }

    /** Sends what timers of the current process's CPU time have to send. */
    static void expireCpu(Trap t) {
        for (IntervalTimer timer : List.copyOf(of(t, t.process().id()).values())) {
            if (counts(t, timer) && clock_ns(t, timer) >= timer.at_ns()) {
                expire(t, timer.key());
            }
        }
    }

    /** When the first timer of the current process's CPU time expires if it goes on running. */
    static long cpuDeadline_ns(Trap t) {
        long deadline_ns = Call.Progress.NEVER;
        for (IntervalTimer timer : of(t, t.process().id()).values()) {
            if (counts(t, timer)) {
                deadline_ns = Math.min(deadline_ns, t.now_ns() + Math.max(0, timer.at_ns() - clock_ns(t, timer)));
            }
        }
        return deadline_ns;
    }

    private static boolean counts(Trap t, IntervalTimer timer) {
        boolean armed = timer.clock().cpu() && timer.at_ns() != 0 && !timer.fired();
        return armed && timer.notice() instanceof BySignal signal
                && (timer.clock() == IntervalTimer.Clock.PROCESS_CPU || signal.owner() == t.current());
    }

    /** A timer's signal is taken: the timer goes on, and the signal tells how many expirations were missed. */
    static SignalInfo delivered(Trap t, int process, SignalInfo info) {
        if (info.code() != Signals.SI_TIMER) {
            return info;
        }
        IntervalTimer timer = t.timers().get(IntervalTimer.keyOf(process, info.sender()));
        if (timer == null || !timer.fired()) {
            return info;
        }
        IntervalTimer next = timer.forwarded(clock_ns(t, timer));
        t.put(next);
        return new SignalInfo(info.signal(), info.code(), info.sender(), next.overrun(), info.address(), 0, 0);
    }
}
