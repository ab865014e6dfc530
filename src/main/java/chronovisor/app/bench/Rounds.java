package chronovisor.app.bench;

import chronovisor.app.bench.SpeedBench.Runner;
import chronovisor.app.bench.SpeedReport.OfProgram;
import chronovisor.app.bench.SpeedReport.Ratio;
import chronovisor.app.bench.SpeedReport.Row;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The turns of all runners with one program, and what they come to. */
final class Rounds {

    private static final int OUTPUT_SHOWN = 120;

    private final Program program;
    private final List<Map<Runner, Sample>> rounds = new ArrayList<>();
    private final Set<Runner> failed = new LinkedHashSet<>();
    private final List<String> problems = new ArrayList<>();
    private HostMeter.@Nullable Measured first;
    private String firstRunner = "";
    private long ticks;

    /** A turn. */
    @FunctionalInterface
    interface Turn {
        Sample take() throws BenchException;
    }

    Rounds(Program program) {
        this.program = program;
    }

    /** A new round. */
    void begin() {
        rounds.add(new LinkedHashMap<>());
    }

    /**
     * A runner's turn in this round. One whose turn went wrong has no more.
     *
     * @return whether it went well
     */
    boolean turn(Runner runner, Turn turn) {
        if (failed.contains(runner)) {
            return false;
        }
        try {
            rounds.getLast().put(runner, turn.take());
            return true;
        } catch (BenchException e) {
            failed.add(runner);
            problems.add(label(runner) + ": " + e.getMessage());
            return false;
        }
    }

    private static String label(Runner runner) {
        return runner.engine() == null ? runner.name() : runner.name() + " on " + runner.engine();
    }

    /** Whoever runs the program, it prints the same and ends with the same status; and ours always retires as many instructions. */
    void expectSame(String runner, HostMeter.Measured process) throws BenchException {
        HostMeter.Measured expected = first;
        if (expected == null) {
            first = process;
            firstRunner = runner;
            if (process.status() != 0) {
                throw new BenchException("it ended with status " + process.status() + ": " + process.errors());
            }
        } else if (!expected.same(process)) {
            throw new BenchException("it ended with status " + process.status() + " and printed \"" + shown(process)
                    + "\", but on " + firstRunner + " with status " + expected.status() + " and \"" + shown(expected)
                    + "\" " + process.errors());
        }
    }

    void expectSame(String runner, Chronovisor.Run run) throws BenchException {
        expectSame(runner, run.process());
        long retired = run.figures().ticks();
        if (ticks != 0 && ticks != retired && program.kind() == Program.Kind.COMPUTE) {
            throw new BenchException("it retired " + retired + " instructions, and " + ticks + " before");
        }
        ticks = ticks == 0 ? retired : ticks;
    }

    private static String shown(HostMeter.Measured process) {
        String text = new String(process.output(), StandardCharsets.UTF_8).strip();
        return text.length() > OUTPUT_SHOWN ? text.substring(0, OUTPUT_SHOWN) + "..." : text;
    }

    /** Medians of all of it, in relation to some peers. */
    OfProgram report(List<String> peers) {
        Set<Runner> runners = new LinkedHashSet<>();
        rounds.forEach(round -> runners.addAll(round.keySet()));
        runners.removeAll(failed);
        return new OfProgram(program.name(), program.kind().name().toLowerCase(java.util.Locale.ROOT), ticks,
                runners.stream().map(runner -> row(runner, peers)).toList(), List.copyOf(problems));
    }

    private Row row(Runner runner, List<String> peers) {
        List<Sample> samples = rounds.stream().map(round -> round.get(runner)).filter(Objects::nonNull).toList();
        List<Double> times = samples.stream().map(Sample::seconds).toList();
        double time = Medians.of(times);
        List<Double> steady = samples.stream().map(sample -> SpeedReport.orNull(sample.steadyMips()))
                .filter(Objects::nonNull).toList();
        Map<String, Ratio> ofPeers = new LinkedHashMap<>();
        for (String peer : peers) {
            Ratio of = ratio(runner, new Runner(peer, null), this::speed);
            if (of != null && !runner.name().equals(peer)) {
                ofPeers.put(peer, of);
            }
        }
        Chronovisor.JournalSize journal = samples.getLast().journal();
        String name = runner.name();
        boolean replay = name.endsWith(SpeedBench.REPLAY);
        Runner recording = new Runner(name.replace(SpeedBench.REPLAY, ""), runner.engine());
        return new Row(name, runner.engine(), times, time, ticks / time / 1e6,
                steady.isEmpty() ? null : Medians.of(steady), ofPeers,
                runner.engine() == null || name.equals(SpeedBench.OFF)
                        ? null
                        : ratio(runner, new Runner(SpeedBench.OFF, runner.engine()), Rounds::time),
                replay ? ratio(runner, recording, Rounds::time) : null, journal == null ? null : journal.all(),
                journal == null ? null : journal.told() * 8.0 / ticks,
                samples.stream().mapToLong(Sample::peakBytes).max().orElse(0));
    }

    private @Nullable Ratio ratio(Runner runner, Runner to, Comparison how) {
        List<Ratio> all = new ArrayList<>();
        for (Map<Runner, Sample> round : rounds) {
            Sample mine = round.get(runner);
            Sample other = round.get(to);
            if (mine != null && other != null) {
                all.add(how.compare(mine, other));
            }
        }
        if (all.isEmpty()) {
            return null;
        }
        List<Double> steady = all.stream().map(Ratio::steady).filter(Objects::nonNull).toList();
        return new Ratio(median(all, Ratio::whole), steady.isEmpty() ? null : Medians.of(steady));
    }

    private static double median(List<Ratio> all, Function<Ratio, Double> what) {
        return Medians.of(all.stream().map(what).toList());
    }

    private interface Comparison {
        Ratio compare(Sample mine, Sample other);
    }

    /** A peer's speed is over its whole process, which starts in no time. */
    private Ratio speed(Sample mine, Sample peer) {
        Double steady = SpeedReport.orNull(mine.steadyMips());
        return new Ratio(peer.seconds() / mine.seconds(),
                steady == null ? null : steady / (ticks / peer.seconds() / 1e6));
    }

    private static Ratio time(Sample mine, Sample other) {
        Double steady = SpeedReport.orNull(mine.steadyMips());
        Double others = SpeedReport.orNull(other.steadyMips());
        return new Ratio(mine.seconds() / other.seconds(), steady == null || others == null ? null : others / steady);
    }
}
