package chronovisor.kitten.task;

/**
 * How a task wants to be scheduled (sched(7)).
 *
 * @param policy
 *            SCHED_OTHER, ...
 * @param priority
 *            1..99 for the real-time policies, else 0
 * @param nice
 *            -20..19
 * @param resets
 *            whether children start with {@link #NORMAL} (SCHED_RESET_ON_FORK)
 * @param io
 *            class and level of ioprio_set(2), 0 when it follows from nice
 * @param reservation
 *            of the deadline policy, else {@link Reservation#NONE}
 * @param lent
 *            the highest priority of those that wait for a lock of it with priority inheritance, 0 for none
 */
public record Scheduling(int policy, int priority, int nice, boolean resets, int io, Reservation reservation,
        int lent) {

    /** So much run time in every period, before its deadline, nanoseconds. */
    public record Reservation(long runtime_ns, long deadline_ns, long period_ns) {
        public static final Reservation NONE = new Reservation(0, 0, 0);

        /** Whether a kernel can grant it: 1024 ns at least, and one within the other. */
        public boolean possible() {
            return runtime_ns >= 1024 && deadline_ns >= runtime_ns && (period_ns == 0 || period_ns >= deadline_ns);
        }
    }

    /** With no reservation. */
    public Scheduling(int policy, int priority, int nice, boolean resets, int io) {
        this(policy, priority, nice, resets, io, Reservation.NONE, 0);
    }

    /** The nice value of who wants most. */
    public static final int NICE_MIN = -20;
    /** The nice value of who wants least. */
    public static final int NICE_MAX = 19;

    public static final int OTHER = 0;
    public static final int FIFO = 1;
    public static final int ROUND_ROBIN = 2;
    public static final int BATCH = 3;
    public static final int IDLE = 5;
    public static final int DEADLINE = 6;
    /** What init_task starts with. */
    public static final Scheduling NORMAL = new Scheduling(OTHER, 0, 0, false, 0);

    /** Whether the policy is one of the real-time ones. */
    public static boolean realtime(int policy) {
        return policy == FIFO || policy == ROUND_ROBIN;
    }

    public Scheduling withNice(int changed) {
        return new Scheduling(policy, priority, changed, resets, io, reservation, lent);
    }

    public Scheduling withIo(int changed) {
        return new Scheduling(policy, priority, nice, resets, changed, reservation, lent);
    }

    public Scheduling withLent(int changed) {
        return new Scheduling(policy, priority, nice, resets, io, reservation, changed);
    }

    /** What a child starts with. */
    public Scheduling inherited() {
        if (!resets) {
            return withLent(0);
        }
        return realtime(policy) || policy == DEADLINE
                ? NORMAL
                : new Scheduling(OTHER, 0, Math.max(0, nice), false, io);
    }
}
