package chronovisor.vmm;

/**
 * How a machine's cores take turns on the one thread that runs them. Part of the configuration, so a journal knows it and a
 * replay follows it.
 */
public sealed interface Schedule {

    /** The shortest slice that chaos chooses: a few instructions around each access to shared memory. */
    long CHAOS_TICKS_MIN = 50;
    /** The longest, when nobody says: 3,000 on average, so that a race of a few instructions is met within a million. */
    long CHAOS_TICKS = 20_000;

    /** Instructions in a slice, at most. */
    long sliceTicks();

    /** The same with another slice. */
    Schedule withSlice(long ticks);

    /** One core after the other, each for the same number of instructions. */
    record RoundRobin(long sliceTicks) implements Schedule {

        public RoundRobin {
            check(sliceTicks);
        }

        @Override
        public Schedule withSlice(long ticks) {
            return new RoundRobin(ticks);
        }
    }

    /**
     * Everything that a schedule may decide is drawn, to shake races out: the length of each slice, which core is next, whether the
     * kernel is told to let another task run, and, by the kernel, who is woken first and which ready task goes on.
     *
     * @param sliceTicks
     *            the longest slice; lengths are spread over the orders of magnitude from {@link #CHAOS_TICKS_MIN} up to it
     * @param seed
     *            what is drawn; the same seed is the same run
     */
    record Chaos(long sliceTicks, long seed) implements Schedule {

        public Chaos {
            check(sliceTicks);
        }

        @Override
        public Schedule withSlice(long ticks) {
            return new Chaos(ticks, seed);
        }
    }

    private static void check(long sliceTicks) {
        if (sliceTicks < 1) {
            throw new ConfigurationException("expected a slice of at least one instruction, found " + sliceTicks);
        }
    }
}
