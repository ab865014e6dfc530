package chronovisor.replay;

/**
 * When a recording takes a checkpoint: a function of the run alone, so that two recordings of the same run take the same.
 *
 * @param ticks
 *            at every multiple of so many instructions; 0 for never
 * @param dirtyFrames
 *            and when so many frames have changed since the last, looked at now and then
 */
public record CheckpointPlan(long ticks, long dirtyFrames) {

    /** A seek then replays half a second of an interpreter at most. */
    public static final CheckpointPlan DEFAULT = new CheckpointPlan(50_000_000, 32_768);
    /** None. */
    public static final CheckpointPlan NONE = new CheckpointPlan(0, 0);

    /** How often changed frames are counted. */
    private static final long LOOK_TICKS = 5_000_000;

    public CheckpointPlan {
        if (ticks < 0 || dirtyFrames < 0) {
            throw new IllegalArgumentException("a checkpoint every " + ticks + " instructions");
        }
    }

    /** Every so many instructions, and by changed frames as by default. */
    public static CheckpointPlan every(long ticks) {
        return ticks == 0 ? NONE : new CheckpointPlan(ticks, DEFAULT.dirtyFrames);
    }

    /** The next tick at which a checkpoint may be due. */
    long next(long tick) {
        return ticks == 0 ? Long.MAX_VALUE : Math.min(multiple(tick, ticks), multiple(tick, LOOK_TICKS));
    }

    private static long multiple(long tick, long of) {
        return tick / of > Long.MAX_VALUE / of - 1 ? Long.MAX_VALUE : (tick / of + 1) * of;
    }

    /** Whether one is due at a tick that {@link #next} gave. */
    boolean due(long tick, long framesSince) {
        return tick % ticks == 0 || framesSince >= dirtyFrames;
    }
}
