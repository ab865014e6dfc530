package chronovisor.app.bench;

import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * One run of one runner.
 *
 * @param seconds of the whole process
 * @param steadyMips see {@link RunFigures#steadyMips}; empty for peers, and for runs that are too short
 * @param peakBytes the most host memory of it
 * @param journal what its journal takes; null when it writes none
 */
record Sample(double seconds, OptionalDouble steadyMips, long peakBytes,
        Chronovisor.@Nullable JournalSize journal) {

    static Sample of(HostMeter.Measured process) {
        return new Sample(process.seconds(), OptionalDouble.empty(), process.peakBytes(), null);
    }

    static Sample of(Chronovisor.Run run, Chronovisor.@Nullable JournalSize journal) {
        return new Sample(run.process().seconds(), run.figures().steadyMips(), run.process().peakBytes(), journal);
    }
}
