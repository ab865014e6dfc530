package chronovisor.app.cli;

import chronovisor.app.scenario.Expectations;
import chronovisor.app.scenario.HostCommands;
import chronovisor.app.scenario.Outcome;
import chronovisor.app.scenario.Scenario;
import chronovisor.app.scenario.ScenarioException;
import chronovisor.app.scenario.ScenarioFiles;
import chronovisor.environment.Environment;
import chronovisor.environment.Input;
import chronovisor.environment.SeededEnvironment;
import chronovisor.memory.FramePool;
import chronovisor.replay.CloneFleet;
import chronovisor.replay.MachineSetup;
import chronovisor.replay.OutputListener;
import chronovisor.replay.SavedMachine;
import chronovisor.replay.Session;
import chronovisor.replay.SharingPolicy;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.RunResult;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Runs the steps of a scenario by clones: one machine runs until it has printed a text, is cloned under each policy of sharing, and every
 * clone is typed at and held against what is expected of it.
 */
final class CloneRun {

    private static final String NUMBER = "{clone}";

    private final Scenario scenario;
    private final ScenarioRun run;
    private final Scenario.Clones clones;
    private final ScenarioFiles files;

    /** What came of a fleet. */
    private record FleetReport(String step, CloneFleet.Report sharing, Map<String, Long> events, List<String> unmet) {}

    /** What came of all of them. */
    private record Report(String scenario, boolean passed, List<FleetReport> fleets) {}

    CloneRun(Scenario scenario, ScenarioRun run, Scenario.Clones clones, ScenarioFiles files) {
        this.scenario = scenario;
        this.run = run;
        this.clones = clones;
        this.files = files;
    }

    /** Runs steps, prints a table for each, and gives the exit code. */
    int run(List<Scenario.Step> steps, boolean json) throws ScenarioException {
        List<FleetReport> reports = new ArrayList<>();
        for (Scenario.Step step : steps) {
            MachineSetup setup = run.setup(step);
            long bytes = setup.configuration().memoryBytes();
            try (FramePool pool = new FramePool((2 + clones.count()) * bytes);
                    SavedMachine origin = origin(step, setup, pool)) {
                for (Scenario.Sharing sharing : clones.policies()) {
                    reports.add(fleet(step, origin, sharing));
                }
            }
        }
        boolean passed = reports.stream().allMatch(report -> report.unmet.isEmpty());
        try (PrintWriter out = Output.standard()) {
            if (json) {
                out.println(Output.json(new Report(scenario.name(), passed, reports)));
            } else {
                print(out, reports);
            }
        }
        return passed ? ExitCode.FINE : ExitCode.FAILURE;
    }

    /** The machine when it has printed the text, at the end of that slice. */
    private SavedMachine origin(Scenario.Step step, MachineSetup setup, FramePool pool) {
        String stream = ScenarioRun.stream(step, setup.configuration());
        SeededEnvironment.Condition seen = new SeededEnvironment.Condition.After(stream,
                Pattern.compile(Pattern.quote(clones.after())));
        List<SeededEnvironment.Step> script = new ArrayList<>(
                ScenarioRun.script(clones.input(), stream, keyboard(step, setup.configuration())));
        script.add(new SeededEnvironment.Step(seen, new Input.OperatorCommand("pause")));
        SeededEnvironment door = new SeededEnvironment(bootTime_ns(), scenario.seed(), script);
        try (Session session = Session.live(setup, new Assembly(), door, OutputListener.NONE, pool)) {
            RunResult result = session.run();
            if (result.kind() != RunResult.Kind.PAUSED) {
                throw new Failure(ExitCode.FAILURE, "the machine ended before it printed \"" + clones.after() + "\": "
                        + result.reason());
            }
            return SavedMachine.of(session, scenario.name());
        }
    }

    private static @Nullable String keyboard(Scenario.Step step, GuestConfiguration machine) {
        return step.stdio() == Scenario.Stdio.CONSOLE ? machine.keyboard() : null;
    }

    private long bootTime_ns() {
        return ChronoUnit.NANOS.between(Instant.EPOCH, scenario.bootTime());
    }

    private FleetReport fleet(Scenario.Step step, SavedMachine origin, Scenario.Sharing sharing)
            throws ScenarioException {
        String stream = ScenarioRun.stream(step, origin.setup().configuration());
        String keyboard = keyboard(step, origin.setup().configuration());
        Map<String, Long> events = new TreeMap<>();
        List<Outcome> outcomes = new ArrayList<>();
        List<String> unmet = new ArrayList<>();
        CloneFleet fleet = new CloneFleet(new Assembly(),
                event -> events.merge(event.getClass().getSimpleName(), 1L, Long::sum));
        GuestOutput[] outputs = new GuestOutput[clones.count()];
        CloneFleet.Report report = fleet.run(origin, policy(sharing), clones.count(), new CloneFleet.Doors() {
            @Override
            public Environment inputs(int clone) {
                return new SeededEnvironment(bootTime_ns(), scenario.seed() + clone,
                        ScenarioRun.script(numbered(step, clone), stream, keyboard));
            }

            @Override
            public OutputListener output(int clone) {
                outputs[clone] = new GuestOutput().keep(stream);
                return outputs[clone];
            }

            @Override
            public void ended(int clone, RunResult result) {
                if (result.kind() != RunResult.Kind.SHUTDOWN) {
                    unmet.add("clone " + clone + " stopped: " + result.reason());
                }
                outcomes.add(new Outcome(outputs[clone].kept(), result.status(), Map.of()));
            }
        });
        for (int clone = 0; clone < outcomes.size(); clone++) {
            for (String complaint : Expectations.unmet(numbered(step, clone), outcomes.get(clone), files,
                    HostCommands.REFUSED)) {
                unmet.add("clone " + clone + ": " + complaint);
            }
        }
        double percent = report.frames().sharedPercent();
        if (sharing == Scenario.Sharing.ALL && percent < clones.sharedPercent()) {
            unmet.add(String.format(Locale.ROOT, "%.1f %% of the frames are shared, %.1f expected", percent,
                    clones.sharedPercent()));
        }
        return new FleetReport(step.name(), report, events, unmet);
    }

    private SharingPolicy policy(Scenario.Sharing sharing) {
        return switch (sharing) {
            case ALL -> new SharingPolicy.AllMemory();
            case MARKED -> new SharingPolicy.Marked(clones.marked().stream()
                    .map(range -> new SharingPolicy.Marked.Range(range.start(), range.end())).toList());
            case PAGE_TABLES -> new SharingPolicy.PageTableKnowledge();
        };
    }

    /** The step as a clone is given it. */
    private static Scenario.Step numbered(Scenario.Step step, int clone) {
        String number = Integer.toString(clone);
        List<Scenario.Input> input = step.input().stream().map(one -> switch (one) {
            case Scenario.Input.Immediately now -> new Scenario.Input.Immediately(now.type().replace(NUMBER, number),
                    now.end());
            case Scenario.Input.After after -> new Scenario.Input.After(after.text().replace(NUMBER, number),
                    after.type().replace(NUMBER, number), after.end());
            case Scenario.Input.At at -> new Scenario.Input.At(at.tick(), at.type().replace(NUMBER, number), at.end());
            case Scenario.Input.Stop stop -> (Scenario.Input) stop;
        }).toList();
        Scenario.Expect expect = step.expect();
        Scenario.Console console = switch (expect.console()) {
            case null -> null;
            case Scenario.Console.Exact exact -> new Scenario.Console.Exact(exact.text().replace(NUMBER, number));
            case Scenario.Console.Contains contains -> new Scenario.Console.Contains(
                    contains.texts().stream().map(text -> text.replace(NUMBER, number)).toList());
            case Scenario.Console.Matches matches -> matches;
            case Scenario.Console.File file -> file;
            case Scenario.Console.HostCommand command -> command;
        };
        return new Scenario.Step(step.name(), step.cores(), step.chaos(), step.kernel(), step.program(),
                step.arguments(), step.environment(), step.stdio(), input,
                new Scenario.Expect(console, expect.status(), List.of()));
    }

    private void print(PrintWriter out, List<FleetReport> reports) {
        out.printf("%-14s %6s %9s %9s %7s %9s %9s %7s %9s %8s%n", "policy", "clones", "shared", "copied", "exits",
                "copied by", "resident", "shared", "host", "made in");
        out.printf("%-14s %6s %9s %9s %7s %9s %9s %7s %9s %8s%n", "", "", "at first", "at first", "", "exits",
                "at last", "%", "frames", "ms");
        for (FleetReport report : reports) {
            CloneFleet.Report sharing = report.sharing;
            out.printf(Locale.ROOT, "%-14s %,6d %,9d %,9d %,7d %,9d %,9d %7.1f %,9d %8.1f%n", sharing.policy(),
                    sharing.clones(), sharing.sharable(), sharing.copiedAtOnce(), sharing.exits(),
                    sharing.copiedOnWrite(), sharing.frames().resident(), sharing.frames().sharedPercent(),
                    sharing.frames().distinct(), sharing.made_ns() / 1e6);
        }
        for (FleetReport report : reports) {
            out.printf(Locale.ROOT, "%s %s/%s, %s: %d clones, first output after %.1f ms (p50), %.1f ms (p99)%n",
                    report.unmet.isEmpty() ? "ok  " : "FAIL", scenario.name(), report.step, report.sharing.policy(),
                    report.sharing.clones(), report.sharing.firstOutput_ns(50) / 1e6,
                    report.sharing.firstOutput_ns(99) / 1e6);
            report.unmet.forEach(complaint -> out.println("     " + complaint));
        }
    }
}
