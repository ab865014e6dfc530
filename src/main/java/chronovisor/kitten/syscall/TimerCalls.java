package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Timers;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.IntervalTimer;
import chronovisor.kitten.task.Task;

/** Timers of a process that tell by signals: timer_create(2) and its relatives. */
final class TimerCalls {

    /** Size of struct itimerspec. */
    static final int VALUE_BYTES = 32;

    private static final long SECOND_NS = 1_000_000_000L;
    private static final int EVENT_BYTES = 64;
    private static final int BY_SIGNAL = 0;
    private static final int SILENT = 1;
    private static final int BY_THREAD = 2;
    private static final int BY_SIGNAL_TO_TASK = 4;
    private static final int NUMBERS = 1 << 20;

    private TimerCalls() {}

    static Outcome create(Trap t, Call c) {
        IntervalTimer.Clock clock = clock(t, (int) c.a0());
        int process = t.process().id();
        int number = 0;
        while (t.timers().containsKey(IntervalTimer.keyOf(process, number))) {
            number++;
        }
        if (number >= NUMBERS) {
            return Outcome.error(Errno.EAGAIN);
        }
        IntervalTimer.Notice notice = c.a1() == 0
                ? new IntervalTimer.BySignal(process, 0, t.current(), Signals.SIGALRM, number)
                : notice(t, UserMemory.read(t, c.a1(), EVENT_BYTES));
        UserMemory.write32(t, c.a2(), number);
        t.put(new IntervalTimer(IntervalTimer.keyOf(process, number), clock, 0, 0, false, 0, notice));
        return Outcome.ZERO;
    }

    private static IntervalTimer.Clock clock(Trap t, int clock) {
        return switch (clock) {
            case 0, 8, 11 -> IntervalTimer.Clock.REALTIME;
            case 1 -> IntervalTimer.Clock.MONOTONIC;
            case 7, 9 -> IntervalTimer.Clock.BOOTTIME;
            case 2 -> IntervalTimer.Clock.PROCESS_CPU;
            case 3 -> IntervalTimer.Clock.THREAD_CPU;
            // Clocks that can be read but not waited on.
            case 4, 5, 6 -> throw new LinuxError(Errno.EOPNOTSUPP);
            default -> {
                if (clock >= 0) {
                    throw new LinuxError(Errno.EINVAL);
                }
                // The CPU clock of a process or thread; only one's own can have timers here.
                int id = ~(clock >> 3);
                boolean thread = (clock & 4) != 0;
                boolean own = id == 0 || (thread ? id == t.current() : id == t.process().id());
                if (!own || (clock & 3) > 2) {
                    throw new LinuxError(Errno.EINVAL);
                }
                yield thread ? IntervalTimer.Clock.THREAD_CPU : IntervalTimer.Clock.PROCESS_CPU;
            }
        };
    }

    private static IntervalTimer.Notice notice(Trap t, byte[] event) {
        int signal = Bytes.get32(event, 8);
        int process = t.process().id();
        int task = 0;
        switch (Bytes.get32(event, 12)) {
            case SILENT -> {
                return new IntervalTimer.Silent(process, t.current());
            }
            case BY_SIGNAL_TO_TASK -> {
                Task target = t.findTask(Bytes.get32(event, 16));
                if (target == null || target.process() != process) {
                    throw new LinuxError(Errno.EINVAL);
                }
                task = target.id();
            }
            case BY_SIGNAL, BY_THREAD -> {
                // To the process as a whole; making a thread of it is the library's business.
            }
            default -> throw new LinuxError(Errno.EINVAL);
        }
        if (signal < 1 || signal > Signals.LAST) {
            throw new LinuxError(Errno.EINVAL);
        }
        return new IntervalTimer.BySignal(process, task, t.current(), signal, Bytes.get64(event, 0));
    }

    private static IntervalTimer find(Trap t, Call c) {
        IntervalTimer timer = (int) c.a0() < 0 || (int) c.a0() >= NUMBERS
                ? null
                : t.timers().get(IntervalTimer.keyOf(t.process().id(), (int) c.a0()));
        if (timer == null) {
            throw new LinuxError(Errno.EINVAL);
        }
        return timer;
    }

    static Outcome setTime(Trap t, Call c) {
        if (c.a2() == 0) {
            return Outcome.error(Errno.EINVAL);
        }
        byte[] raw = UserMemory.read(t, c.a2(), VALUE_BYTES);
        long interval_ns = interval(raw);
        long value_ns = value(raw);
        IntervalTimer timer = find(t, c);
        if (c.a3() != 0) {
            UserMemory.write(t, c.a3(), left(t, timer));
        }
        boolean absolute = (c.a1() & 1) != 0;
        IntervalTimer changed = timer.toDate(absolute).withTime(expiry(t, timer, value_ns, absolute), interval_ns);
        t.put(new IntervalTimer(changed.key(), changed.clock(), changed.at_ns(), changed.interval_ns(), false, 0,
                changed.notice()));
        return Outcome.ZERO;
    }

    static Outcome getTime(Trap t, Call c) {
        UserMemory.write(t, c.a1(), left(t, find(t, c)));
        return Outcome.ZERO;
    }

    static Outcome getOverrun(Trap t, Call c) {
        return Outcome.of(find(t, c).overrun());
    }

    static Outcome delete(Trap t, Call c) {
        t.removeTimer(find(t, c).key());
        return Outcome.ZERO;
    }

    /** The interval in a struct itimerspec, else EINVAL. */
    static long interval(byte[] raw) {
        return TimeCalls.duration(Bytes.get64(raw, 0), Bytes.get64(raw, 8));
    }

    /** The first expiration in a struct itimerspec, else EINVAL. */
    static long value(byte[] raw) {
        return TimeCalls.duration(Bytes.get64(raw, 16), Bytes.get64(raw, 24));
    }

    /** When a timer expires that is set to a value; 0 disarms it. */
    static long expiry(Trap t, IntervalTimer timer, long value_ns, boolean absolute) {
        if (value_ns == 0) {
            return 0;
        }
        long now_ns = Timers.clock_ns(t, timer);
        if (!absolute) {
            return value_ns > Long.MAX_VALUE - now_ns ? Call.Progress.NEVER : now_ns + value_ns;
        }
        long origin_ns = timer.toDate(true).clock() == IntervalTimer.Clock.DATE ? t.realtime_ns() - t.now_ns() : 0;
        // A moment before power-on is a negative one; 0 is reserved for none.
        long at_ns = value_ns - origin_ns;
        return at_ns == 0 ? 1 : at_ns;
    }

    /** A struct itimerspec of what is left. */
    static byte[] left(Trap t, IntervalTimer timer) {
        long now_ns = Timers.clock_ns(t, timer);
        long left_ns = 0;
        if (timer.at_ns() != 0) {
            long next_ns = timer.at_ns() + timer.expirations(now_ns) * timer.interval_ns();
            boolean over = timer.interval_ns() == 0 && now_ns >= timer.at_ns();
            left_ns = over ? 0 : Math.max(1, next_ns - now_ns);
        }
        return new Bytes(VALUE_BYTES).put64(timer.interval_ns() / SECOND_NS).put64(timer.interval_ns() % SECOND_NS)
                .put64(left_ns / SECOND_NS).put64(left_ns % SECOND_NS).toArray();
    }
}
