package chronovisor.kitten.task;

/**
 * An interval timer: of timer_create(2), or of timerfd_create(2).
 *
 * @param key
 *            key in the kernel's table: {@link #keyOf} for a process's timers, the open file's number for the others
 * @param clock
 *            what it counts
 * @param at_ns
 *            when it expires, 0 when disarmed: virtual time, or CPU time of its owner
 * @param interval_ns
 *            how long after that it does again, 0 for never
 * @param fired
 *            whether it has expired and nobody has taken note of it yet; it stands still until then
 * @param overrun
 *            expirations that were missed before the last one that was delivered
 * @param notice
 *            whom it tells
 */
public record IntervalTimer(long key, Clock clock, long at_ns, long interval_ns, boolean fired, int overrun,
        Notice notice) {

    /** What a timer counts. */
    public enum Clock {
        REALTIME, MONOTONIC, BOOTTIME, PROCESS_CPU, THREAD_CPU,
        /** The wall clock, as the date that it shows: when it is set, the timer expires at another moment. */
        DATE;

        /** Whether it counts time that a processor spends on its owner. */
        public boolean cpu() {
            return this == PROCESS_CPU || this == THREAD_CPU;
        }
    }

    /** Whom a timer tells that it has expired. */
    public sealed interface Notice {}

    /** Readers of an open file. */
    public record ToFile(long file) implements Notice {}

    /**
     * A process ({@code task} 0) or one of its tasks, by a signal that carries {@code value}; {@code owner} is the task
     * that made it, whose CPU time {@link Clock#THREAD_CPU} counts.
     */
    public record BySignal(int process, int task, int owner, int signal, long value) implements Notice {}

    /** Nobody (SIGEV_NONE). */
    public record Silent(int process, int owner) implements Notice {}

    private static final long PROCESS = 1L << 62;

    /** The key of timer {@code number} of a process. */
    public static long keyOf(int process, int number) {
        return PROCESS | (long) process << 24 | number;
    }

    /** The number that the process knows the timer by. */
    public int number() {
        return (int) key & 0xFF_FFFF;
    }

    /** When the kernel has to act on it, in virtual time; 0 when never. */
    public long rings_ns() {
        return clock.cpu() || fired || notice instanceof Silent ? 0 : at_ns;
    }

    public IntervalTimer withTime(long newAt_ns, long newInterval_ns) {
        return new IntervalTimer(key, clock, newAt_ns, newInterval_ns, false, overrun, notice);
    }

    /** The timer with its next expiration at another moment. */
    public IntervalTimer withMoved(long newAt_ns) {
        return new IntervalTimer(key, clock, newAt_ns, interval_ns, fired, overrun, notice);
    }

    /** A timer of the wall clock that is set to a date, or to so much time; others count what they did. */
    public IntervalTimer toDate(boolean date) {
        boolean wall = clock == Clock.REALTIME || clock == Clock.DATE;
        Clock counted = !wall ? clock : date ? Clock.DATE : Clock.REALTIME;
        return new IntervalTimer(key, counted, at_ns, interval_ns, fired, overrun, notice);
    }

    public IntervalTimer withFired() {
        return new IntervalTimer(key, clock, at_ns, interval_ns, true, overrun, notice);
    }

    /** How often it has expired by {@code now_ns}, its first time included. */
    public long expirations(long now_ns) {
        if (at_ns == 0 || now_ns < at_ns) {
            return 0;
        }
        return interval_ns == 0 ? 1 : 1 + (now_ns - at_ns) / interval_ns;
    }

    /** The timer after all its expirations up to {@code now_ns} were taken note of. */
    public IntervalTimer forwarded(long now_ns) {
        long count = expirations(now_ns);
        long next_ns = count == 0 ? at_ns : interval_ns == 0 ? 0 : at_ns + count * interval_ns;
        int missed = (int) Math.min(Integer.MAX_VALUE, Math.max(0, count - 1));
        return new IntervalTimer(key, clock, next_ns, interval_ns, false, missed, notice);
    }
}
