package chronovisor.app.cli;

import chronovisor.app.scenario.Expectations;
import chronovisor.app.scenario.HostCommands;
import chronovisor.app.scenario.Outcome;
import chronovisor.app.scenario.Scenario;
import chronovisor.app.scenario.ScenarioException;
import chronovisor.app.scenario.ScenarioFiles;
import chronovisor.environment.SeededEnvironment;
import chronovisor.replay.MachineSetup;
import chronovisor.replay.Overcommit;
import chronovisor.vmm.RunResult;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Runs the steps of a scenario by several machines of one host whose memory is limited, with balloons and without. With them every machine
 * must do what is expected of it. Without them one at least must fail for lack of memory, and no other may do otherwise than expected.
 */
final class HostRun {

    private static final int MEGABYTE_FRAMES = 256;

    private final Scenario scenario;
    private final ScenarioRun run;
    private final Scenario.Host host;
    private final ScenarioFiles files;

    /** What came of a fleet. */
    private record FleetReport(String step, boolean balloons, Overcommit.Report host, List<String> unmet) {}

    /** What came of all of them. */
    private record Report(String scenario, boolean passed, List<FleetReport> fleets) {}

    HostRun(Scenario scenario, ScenarioRun run, Scenario.Host host, ScenarioFiles files) {
        this.scenario = scenario;
        this.run = run;
        this.host = host;
        this.files = files;
    }

    /** Runs steps, prints what became of the machines, and gives the exit code. */
    int run(List<Scenario.Step> steps, boolean json) throws ScenarioException {
        List<FleetReport> reports = new ArrayList<>();
        try (PrintWriter out = Output.standard()) {
            for (Scenario.Step step : steps) {
                for (boolean balloons : host.balloons()) {
                    FleetReport report = fleet(step, balloons);
                    reports.add(report);
                    if (!json) {
                        print(out, report);
                        out.flush();
                    }
                }
            }
            boolean passed = reports.stream().allMatch(report -> report.unmet.isEmpty());
            if (json) {
                out.println(Output.json(new Report(scenario.name(), passed, reports)));
            }
            return passed ? ExitCode.FINE : ExitCode.FAILURE;
        }
    }

    private FleetReport fleet(Scenario.Step step, boolean balloons) throws ScenarioException {
        MachineSetup setup = run.setup(step);
        if (balloons) {
            setup = setup.with(setup.kernel(), setup.configuration().withBalloon());
        }
        String stream = ScenarioRun.stream(step, setup.configuration());
        String keyboard = step.stdio() == Scenario.Stdio.CONSOLE ? setup.configuration().keyboard() : null;
        List<GuestOutput> outputs = new ArrayList<>();
        try (Overcommit fleet = new Overcommit((long) host.budgetMb() << 20, new Assembly())) {
            for (int i = 0; i < host.machines(); i++) {
                GuestOutput output = new GuestOutput().keep(stream);
                outputs.add(output);
                fleet.add(scenario.name() + "-" + i, setup,
                        new SeededEnvironment(ChronoUnit.NANOS.between(Instant.EPOCH, scenario.bootTime()),
                                scenario.seed() + i, ScenarioRun.script(step, stream, keyboard)),
                        output);
            }
            Overcommit.Report report = fleet.run(host.turnTicks());
            return new FleetReport(step.name(), balloons, report, unmet(step, balloons, report, outputs));
        }
    }

    private List<String> unmet(Scenario.Step step, boolean balloons, Overcommit.Report report,
            List<GuestOutput> outputs) throws ScenarioException {
        List<String> unmet = new ArrayList<>();
        int failed = 0;
        for (int i = 0; i < report.machines().size(); i++) {
            Overcommit.Ended machine = report.machines().get(i);
            if (machine.result().kind() == RunResult.Kind.ERROR) {
                failed++;
                if (balloons) {
                    unmet.add(machine.name() + " stopped: " + machine.result().reason());
                }
                continue;
            }
            for (String complaint : Expectations.unmet(step,
                    new Outcome(outputs.get(i).kept(), machine.result().status(), Map.of()), files,
                    HostCommands.REFUSED)) {
                unmet.add(machine.name() + ": " + complaint);
            }
        }
        if (!balloons && failed == 0) {
            unmet.add("no machine failed for lack of memory, though none had a balloon");
        }
        return unmet;
    }

    private void print(PrintWriter out, FleetReport report) {
        Overcommit.Report done = report.host;
        long fine = done.machines().stream().filter(machine -> machine.result().kind() != RunResult.Kind.ERROR)
                .count();
        out.printf(Locale.ROOT, "%s %s/%s, %s: %d of %d machines ended by themselves, at most %,d of %,d MB in use%n",
                report.unmet.isEmpty() ? "ok  " : "FAIL", scenario.name(), report.step,
                report.balloons ? "with balloons" : "without balloons", fine, done.machines().size(),
                done.framesMax() / MEGABYTE_FRAMES, host.budgetMb());
        if (report.balloons) {
            out.printf(Locale.ROOT, "     short of memory %,d times, balloons asked %,d times, %,d MB came back%n",
                    done.shortages(), done.asked(), done.reclaimed_frames() / MEGABYTE_FRAMES);
        }
        done.machines().stream().filter(machine -> machine.result().kind() == RunResult.Kind.ERROR)
                .forEach(machine -> out.println("     " + machine.name() + ": " + machine.result().reason()));
        report.unmet.forEach(complaint -> out.println("     " + complaint));
    }
}
