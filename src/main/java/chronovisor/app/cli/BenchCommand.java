package chronovisor.app.cli;

import chronovisor.app.bench.SpeedBench;
import chronovisor.app.bench.SpeedReport;
import chronovisor.app.bench.SpeedTable;
import chronovisor.app.scenario.Cache;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chronovisor bench}: how fast it is, and everything it is measured against. */
@Command(name = "bench", mixinStandardHelpOptions = true, subcommands = {BenchTimelineCommand.class,
    BenchTablesCommand.class}, description = {
        "Measures programs without a journal and recorded, replays what was recorded, and compares with the host's own processor",
        "and with the emulators that are installed. Every run is a process of its own, as a person starts it.",
        "Exit code 1 when a run prints something else than the others, or fails."})
final class BenchCommand implements Callable<Integer> {

    @Option(names = "--engine", split = ",", defaultValue = Assembly.ENGINE, paramLabel = "NAME", description = "Measure these engines: interpreter, jit, or both (default: ${DEFAULT-VALUE}).")
    private List<String> engines = new ArrayList<>();

    @Option(names = "--modes", split = ",", paramLabel = "MODE", defaultValue = "off,inputs,steps", description = "How runs are recorded (default: ${DEFAULT-VALUE}).")
    private List<String> modes = new ArrayList<>();

    @Option(names = "--repeat", paramLabel = "N", defaultValue = "3", description = "Rounds; figures are medians over them (default: ${DEFAULT-VALUE}).")
    private int repeat;

    @Option(names = "--scale", paramLabel = "X", defaultValue = "1", description = "How much work: 0.1 for a tenth (default: ${DEFAULT-VALUE}, a few seconds a run).")
    private double scale;

    @Option(names = "--no-peers", description = "Leave other emulators out.")
    private boolean noPeers;

    @Option(names = "--no-start", description = "Leave out how long starting takes.")
    private boolean noStart;

    @Option(names = "--limit", paramLabel = "SECONDS", defaultValue = "900", description = "End a run that takes longer (default: ${DEFAULT-VALUE}).")
    private long limit;

    @Option(names = "--list", description = "Only list the programs.")
    private boolean list;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Parameters(paramLabel = "PROGRAM", description = "What to measure (default: all).")
    private List<String> programs = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        check();
        try (PrintWriter out = Output.standard()) {
            if (list) {
                SpeedBench.programs().forEach(out::println);
                return ExitCode.FINE;
            }
            SpeedReport report = measure(out);
            if (json) {
                out.println(Output.json(report.object()));
            }
            return report.passed() ? ExitCode.FINE : ExitCode.FAILURE;
        }
    }

    private SpeedReport measure(PrintWriter out) throws IOException {
        SpeedBench.Plan plan = new SpeedBench.Plan(programs.isEmpty() ? SpeedBench.programs() : programs, engines,
                modes, repeat, scale, !noPeers, !noStart, limit);
        try (ScratchFolder scratch = ScratchFolder.make("bench");
                StatusLine status = new StatusLine()) {
            SpeedBench bench = new SpeedBench(plan, OwnCommand.words(), JournalPlace.home(),
                    Cache.of(JournalPlace.home()), scratch.path()).listen(status::show);
            SpeedTable table = new SpeedTable(bench.peers());
            if (!json) {
                print(out, status, table.head());
            }
            SpeedReport report = bench.run(program -> {
                if (!json) {
                    print(out, status, table.rows(program));
                }
            });
            if (!json) {
                print(out, status, List.of(""));
                print(out, status, table.foot(report));
            }
            return report;
        }
    }

    private static void print(PrintWriter out, StatusLine status, List<String> lines) {
        status.clear();
        lines.forEach(out::println);
        out.flush();
    }

    private void check() {
        engines.forEach(Assembly::engineNamed);
        known("--modes", modes, SpeedBench.MODES);
        known("program", programs, SpeedBench.programs());
        if (repeat < 1 || repeat > 1000) {
            throw Failure.usage("--repeat " + repeat + ": a number from 1 to 1000 expected");
        }
        checkScale(scale);
        checkLimit(limit);
    }

    static void checkScale(double scale) {
        if (!(scale > 0 && scale <= 1000)) {
            throw Failure.usage("--scale " + scale + ": a number above 0, at most 1000, expected");
        }
    }

    static void checkLimit(long seconds) {
        if (seconds < 1) {
            throw Failure.usage("--limit " + seconds + ": a number of seconds expected");
        }
    }

    static void known(String what, List<String> names, List<String> all) {
        for (String name : names) {
            if (!all.contains(name)) {
                throw Failure.usage(what + " " + name + ": unknown; there are " + String.join(", ", all));
            }
        }
    }
}
