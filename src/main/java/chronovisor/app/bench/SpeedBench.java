package chronovisor.app.bench;

import chronovisor.app.bench.SpeedReport.OfProgram;
import chronovisor.app.bench.SpeedReport.Start;
import chronovisor.app.scenario.Cache;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Measures programs: each in rounds, in each of which every runner has one turn, so that what else the host does meets all of
 * them alike.
 */
public final class SpeedBench {

    /** Without a journal. */
    public static final String OFF = "off";
    /** How a run may be recorded: not at all, its causes, or all its steps. */
    public static final List<String> MODES = List.of(OFF, "inputs", "steps");

    /** What follows the name of a mode in that of its replay. */
    static final String REPLAY = " replay";

    private static final int STARTS = 7;

    /**
     * What to measure.
     *
     * @param programs names; see {@link #programs}
     * @param engines of ours
     * @param modes of {@link #MODES}
     * @param rounds how many
     * @param scale how much work, 1 for the usual: a few seconds a run
     * @param peers whether what else is installed is measured too; the host's own processor always is
     * @param starts whether starting is measured
     * @param seconds_max for one run
     */
    public record Plan(List<String> programs, List<String> engines, List<String> modes, int rounds, double scale,
            boolean peers, boolean starts, long seconds_max) {

        /** Keeps unmodifiable copies. */
        public Plan {
            programs = List.copyOf(programs);
            engines = List.copyOf(engines);
            modes = List.copyOf(modes);
        }
    }

    /** One that has its turns: a peer, or one of our engines in a mode. */
    record Runner(String name, @Nullable String engine) {}

    private final Plan plan;
    private final Programs programs;
    private final List<Peer> peers = new ArrayList<>();
    private final Chronovisor own;
    private final Path scratch;
    private final List<String> missing = new ArrayList<>();
    private Consumer<String> progress = text -> {};

    /**
     * A bench.
     *
     * @param command our own command's first words
     * @param home the checkout
     * @param scratch an empty folder, for journals and files that programs read
     */
    public SpeedBench(Plan plan, List<String> command, Path home, Cache cache, Path scratch) {
        this.plan = plan;
        this.scratch = scratch;
        HostMeter meter = new HostMeter(scratch, plan.seconds_max);
        programs = new Programs(home, cache, scratch, plan.scale);
        own = new Chronovisor(command, meter, scratch);
        for (Peer peer : Peer.all(meter, home, scratch)) {
            String lacks = peer.missing();
            if (lacks == null && (plan.peers || peer.name().equals(Peer.NATIVE))) {
                peers.add(peer);
            } else if (lacks != null && plan.peers) {
                missing.add(peer.name() + ": " + lacks);
            }
        }
    }

    /** The names of all programs. */
    public static List<String> programs() {
        return Programs.names();
    }

    /** The names of the peers that take part. */
    public List<String> peers() {
        return peers.stream().map(Peer::name).toList();
    }

    /** Is told what is being done. */
    public SpeedBench listen(Consumer<String> listener) {
        progress = listener;
        return this;
    }

    /**
     * Measures everything.
     *
     * @param finished is told of each program as soon as it has been measured
     */
    public SpeedReport run(Consumer<OfProgram> finished) {
        Map<String, String> machine = Host.describe();
        machine.put("rounds", Integer.toString(plan.rounds));
        machine.put("scale", Double.toString(plan.scale));
        machine.put("load_before", Host.load());
        List<Start> starts = new ArrayList<>();
        if (plan.starts) {
            starts(starts);
        }
        List<OfProgram> done = new ArrayList<>();
        for (String name : plan.programs) {
            try {
                OfProgram measured = measure(programs.make(name));
                done.add(measured);
                finished.accept(measured);
            } catch (BenchException e) {
                missing.add(e.getMessage());
            }
        }
        machine.put("load_after", Host.load());
        return new SpeedReport(machine, missing, done, starts);
    }

    private OfProgram measure(Program program) {
        Rounds rounds = new Rounds(program);
        List<Peer> able = new ArrayList<>();
        for (Peer peer : peers) {
            String why = peer.cannot(program);
            if (why == null) {
                able.add(peer);
            } else {
                missing.add(program.name() + " on " + peer.name() + ": " + why);
            }
        }
        for (int round = 1; round <= plan.rounds; round++) {
            rounds.begin();
            for (Peer peer : able) {
                tell(program, peer.name(), round);
                rounds.turn(new Runner(peer.name(), null), () -> {
                    HostMeter.Measured process = peer.run(program);
                    rounds.expectSame(peer.name(), process);
                    return Sample.of(process);
                });
            }
            for (String engine : plan.engines) {
                for (String mode : plan.modes) {
                    tell(program, mode + " on " + engine, round);
                    turn(rounds, program, engine, mode);
                }
            }
        }
        return rounds.report(peers());
    }

    private void tell(Program program, String what, int round) {
        progress.accept(program.name() + ", " + what + (plan.rounds > 1 ? ", round " + round : ""));
    }

    private void turn(Rounds rounds, Program program, String engine, String mode) {
        Runner runner = new Runner(mode, engine);
        if (mode.equals(OFF)) {
            rounds.turn(runner, () -> {
                Chronovisor.Run run = own.unrecorded(program, engine);
                rounds.expectSame(mode, run);
                return Sample.of(run, null);
            });
            return;
        }
        Path journal = scratch.resolve("journal");
        Chronovisor.remove(journal);
        boolean recorded = rounds.turn(runner, () -> {
            Chronovisor.Run run = own.recorded(program, engine, mode, journal);
            rounds.expectSame(mode, run);
            return Sample.of(run, Chronovisor.size(journal));
        });
        if (recorded) {
            rounds.turn(new Runner(mode + REPLAY, engine),
                    () -> Sample.of(own.replayed(journal, engine), null));
        }
        Chronovisor.remove(journal);
    }

    private void starts(List<Start> starts) {
        Program hello = programs.hello();
        Map<String, List<Chronovisor.Run>> runs = new LinkedHashMap<>();
        try {
            for (int i = 0; i < STARTS; i++) {
                progress.accept("starting, " + (i + 1) + " of " + STARTS);
                for (String mode : plan.modes) {
                    Path journal = scratch.resolve("journal");
                    Chronovisor.Run run = mode.equals(OFF)
                            ? own.unrecorded(hello, plan.engines.getFirst())
                            : own.recorded(hello, plan.engines.getFirst(), mode, journal);
                    Chronovisor.remove(journal);
                    runs.computeIfAbsent(mode, m -> new ArrayList<>()).add(run);
                }
            }
        } catch (BenchException e) {
            missing.add("start: " + e.getMessage());
        }
        runs.forEach((mode, all) -> starts.add(new Start(mode,
                Medians.of(all.stream().map(Chronovisor.Run::toFirst_s).toList()),
                Medians.of(all.stream().map(run -> run.process().seconds()).toList()),
                all.stream().mapToLong(run -> run.process().peakBytes()).max().orElse(0))));
    }
}
