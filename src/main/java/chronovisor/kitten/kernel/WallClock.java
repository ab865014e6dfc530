package chronovisor.kitten.kernel;

import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.IntervalTimer;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.Task;
import java.util.List;

/**
 * Setting the wall clock, clock_settime(2). Virtual time goes on as before; what waits for a date of the wall clock has another moment of
 * virtual time to wait for then.
 */
public final class WallClock {

    private static final int FUTEX = 202;
    private static final int CLOCK_NANOSLEEP = 230;
    private static final int MQ_TIMEDSEND = 242;
    private static final int MQ_TIMEDRECEIVE = 243;
    private static final int CLOCK_REALTIME = 0;
    private static final int TIMER_ABSTIME = 1;
    private static final int FUTEX_CLOCK_REALTIME = 256;
    private static final int FUTEX_PRIVATE = 128;
    private static final int FUTEX_LOCK_PI = 6;

    private WallClock() {}

    /** Moves it forward, or back when negative. */
    public static void move(Trap t, long ns) {
        t.wallClockAtPowerOn_ns(t.realtime_ns() - t.now_ns() + ns);
        for (IntervalTimer timer : List.copyOf(t.timers().values())) {
            if (timer.clock() == IntervalTimer.Clock.DATE && timer.at_ns() != 0) {
                t.put(timer.withMoved(earlier(timer.at_ns(), ns)));
            }
        }
        for (Task task : List.copyOf(t.tasks().values())) {
            Run.Blocked blocked = task.blocked();
            if (blocked != null && blocked.deadline_ns() != Call.Progress.NEVER && waitsForDate(blocked.call())) {
                long deadline_ns = earlier(blocked.deadline_ns(), ns);
                Call.Progress p = blocked.call().progress();
                Call call = blocked.call().withProgress(
                        new Call.Progress(p.entered(), p.done(), deadline_ns, p.extra(), p.woken()));
                t.put(task.withRun(new Run.Blocked(call, blocked.queues(), deadline_ns, blocked.order(),
                        blocked.uninterruptible())));
            }
        }
    }

    /** 0 is reserved for none. */
    private static long earlier(long at_ns, long ns) {
        long moved_ns = at_ns - ns;
        return moved_ns == 0 ? 1 : moved_ns;
    }

    private static boolean waitsForDate(Call call) {
        return switch (call.number()) {
            case CLOCK_NANOSLEEP -> (int) call.a0() == CLOCK_REALTIME && (call.a1() & TIMER_ABSTIME) != 0;
            case FUTEX -> (call.a1() & FUTEX_CLOCK_REALTIME) != 0
                    || ((int) call.a1() & ~FUTEX_PRIVATE) == FUTEX_LOCK_PI;
            case MQ_TIMEDSEND, MQ_TIMEDRECEIVE -> true;
            default -> false;
        };
    }
}
