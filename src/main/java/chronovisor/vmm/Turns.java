package chronovisor.vmm;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Draws what a schedule leaves open. Its state is the machine's: captured, restored and digested with it.
 */
final class Turns {

    // SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014): one word of state.
    private static final long GAMMA = 0x9E37_79B9_7F4A_7C15L;
    private static final long MIX_1 = 0xBF58_476D_1CE4_E5B9L;
    private static final long MIX_2 = 0x94D0_49BB_1331_11EBL;

    private final Schedule schedule;
    private long drawn;

    Turns(Schedule schedule) {
        this.schedule = schedule;
        this.drawn = schedule instanceof Schedule.Chaos chaos ? chaos.seed() : 0;
    }

    /** What has been drawn so far, as the generator's state; 0 by round robin. */
    long drawn() {
        return drawn;
    }

    void restore(long state) {
        drawn = state;
    }

    /** Whether turns are drawn at all. */
    boolean chaotic() {
        return schedule instanceof Schedule.Chaos;
    }

    /** The tick at which the slice that begins now ends. */
    long sliceEnd(long tick) {
        return switch (schedule) {
            case Schedule.RoundRobin(long length) -> (tick / length + 1) * length;
            case Schedule.Chaos(long length, _) -> tick + between(Math.min(length, Schedule.CHAOS_TICKS_MIN), length);
        };
    }

    /** One of so many, by number; the first by round robin. */
    int among(int count) {
        return chaotic() && count > 1 ? (int) Long.remainderUnsigned(next(), count) : 0;
    }

    /** The next core after one that is busy, or in chaos any such; null when none is. */
    @Nullable
    Core next(List<Core> cores, Core after, Predicate<Core> busy) {
        List<Core> found = new ArrayList<>(cores.size());
        for (int i = 1; i <= cores.size(); i++) {
            Core core = cores.get((after.index() + i) % cores.size());
            if (busy.test(core)) {
                if (!chaotic()) {
                    return core;
                }
                found.add(core);
            }
        }
        return found.isEmpty() ? null : found.get(among(found.size()));
    }

    /** A length whose logarithm is spread evenly, in whole numbers so that every host draws the same. */
    private long between(long least, long most) {
        int doublings = Long.SIZE - Long.numberOfLeadingZeros(most / least);
        long base = least << Long.remainderUnsigned(next(), doublings);
        return Math.min(most, base + Long.remainderUnsigned(next(), base));
    }

    private long next() {
        drawn += GAMMA;
        long z = drawn;
        z = (z ^ z >>> 30) * MIX_1;
        z = (z ^ z >>> 27) * MIX_2;
        return z ^ z >>> 31;
    }
}
