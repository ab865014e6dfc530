package chronovisor.cpu.trace;

import java.util.Arrays;

/**
 * Consecutive steps of one core, packed. Two runs executed the same steps exactly when their batches are equal.
 *
 * @param core the core that retired them
 * @param firstTick VM tick before the first step
 * @param lastTick VM tick after the last step
 * @param fresh whether the predictors were reset before it: a reader can start here
 * @param payload the packets, see {@link StepTrace}
 */
public record StepBatch(int core, long firstTick, long lastTick, boolean fresh, byte[] payload) {
    @Override
    public boolean equals(Object o) {
        return o instanceof StepBatch b
                && core == b.core
                && firstTick == b.firstTick
                && lastTick == b.lastTick
                && fresh == b.fresh
                && Arrays.equals(payload, b.payload);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(payload) * 31 + Long.hashCode(firstTick);
    }

    @Override
    public String toString() {
        return "StepBatch[core " + core + ", ticks " + firstTick + ".." + lastTick + ", " + payload.length + " bytes]";
    }
}
