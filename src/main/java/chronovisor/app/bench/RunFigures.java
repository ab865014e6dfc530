package chronovisor.app.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How far a run was when: kept by the process that runs it, written into a file at its end, and read by the process that
 * measures. The file is text, a line a moment, microseconds since 1970 and instructions retired:
 *
 * <pre>
 *   chronovisor-figures 1
 *   1767225600000000 0            before the first instruction
 *   1767225601000000 50000000     as it went on
 *   1767225602000000 98765432     at the end
 * </pre>
 *
 * One thread.
 */
public final class RunFigures {

    private static final String HEAD = "chronovisor-figures 1";
    private static final int BYTES_MAX = 64 << 20;

    /** A steady figure needs some moments in its half of the run, or the length of one counts for too much. */
    private static final int STEADY_MOMENTS_MIN = 3;

    private record Moment(long at_us, long tick) {}

    private final List<Moment> moments = new ArrayList<>();

    /** The run is here, now. */
    public void reached(long tick) {
        moments.add(new Moment(ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()), tick));
    }

    /** Writes them. */
    public void write(Path file) throws IOException {
        StringBuilder text = new StringBuilder(HEAD).append('\n');
        moments.forEach(moment -> text.append(moment.at_us).append(' ').append(moment.tick).append('\n'));
        Files.writeString(file, text, StandardCharsets.US_ASCII);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws BenchException
     *             when there is no such file, or it holds something else
     */
    static RunFigures read(Path file) throws BenchException {
        RunFigures figures = new RunFigures();
        try {
            if (Files.size(file) > BYTES_MAX) {
                throw new BenchException(file + ": too large for the figures of a run");
            }
            List<String> lines = Files.readAllLines(file, StandardCharsets.US_ASCII);
            if (lines.size() < 2 || !lines.getFirst().equals(HEAD)) {
                throw new BenchException(file + ": no figures of a run");
            }
            for (String line : lines.subList(1, lines.size())) {
                int blank = line.indexOf(' ');
                figures.moments.add(new Moment(Long.parseLong(line, 0, Math.max(0, blank), 10),
                        Long.parseLong(line, blank + 1, line.length(), 10)));
            }
        } catch (IOException | NumberFormatException e) {
            throw new BenchException(file + ": the figures of a run cannot be read: " + e.getMessage(), e);
        }
        return figures;
    }

    /** Instructions retired in all. */
    long ticks() {
        return moments.getLast().tick;
    }

    /** When its first instruction was about to run, in microseconds since 1970. */
    long first_us() {
        return moments.getFirst().at_us;
    }

    /** Seconds from its first instruction to its last. */
    double seconds() {
        return (moments.getLast().at_us - first_us()) / 1e6;
    }

    /**
     * Millions of instructions a second in the second half of them, when what translates and compiles has mostly been done. Empty when the
     * run is too short to say.
     */
    OptionalDouble steadyMips() {
        int from = 0;
        while (moments.get(from).tick < ticks() / 2) {
            from++;
        }
        Moment half = moments.get(from);
        Moment end = moments.getLast();
        return moments.size() - from <= STEADY_MOMENTS_MIN || end.at_us <= half.at_us
                ? OptionalDouble.empty()
                : OptionalDouble.of((end.tick - half.tick) * 1.0 / (end.at_us - half.at_us));
    }
}
