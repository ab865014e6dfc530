package chronovisor.app.cli;

import chronovisor.app.scenario.Cache;
import chronovisor.app.scenario.Scenario;
import chronovisor.app.scenario.ScenarioException;
import chronovisor.app.scenario.ScenarioFiles;
import chronovisor.app.scenario.Scenarios;
import chronovisor.app.scenario.UnavailableException;
import chronovisor.cpu.CpuModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chronovisor run}: a scenario, each of its steps in a machine of its own; or an image, at the command's terminal. */
@Command(name = "run", mixinStandardHelpOptions = true, description = {
    "Runs a scenario, records it and checks what it expects;",
    "or launches an image of 'image build' with the terminal as its console: the exit status is the guest's."})
final class RunCommand implements Callable<Integer> {

    @Option(names = "--journal", paramLabel = "NAME", description = "Record into this journal; with several steps, NAME-STEP each (default: the scenario's name and a number).")
    private @Nullable String journal;

    @Option(names = "--no-journal", description = "Record nothing; expected events are not checked then.")
    private boolean noJournal;

    @Option(names = "--engine", defaultValue = Assembly.ENGINE, description = "How instructions are run: interpreter, jit or lockstep (default: ${DEFAULT-VALUE}).")
    private String engine = Assembly.ENGINE;

    @Option(names = "--fidelity", defaultValue = "steps", description = "What is recorded: inputs, steps or effects (default: ${DEFAULT-VALUE}).")
    private String fidelity = "steps";

    @Option(names = "--checkpoint-ticks", paramLabel = "N", description = "A checkpoint every so many instructions (default: 50 million); 0 for none.")
    private @Nullable Long checkpointTicks;

    @Option(names = "--cpu", paramLabel = "MODEL", converter = CpuModelConverter.class, description = "The guest's processor; help lists them (default: the scenario's, else x86-64-v3).")
    private @Nullable CpuModel cpu;

    @Option(names = "--chaos", paramLabel = "SEED", description = "Draw the schedule from this seed instead of round robin: slices, turns, wake orders. Shakes races out.")
    private @Nullable Long chaos;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Set an option of the kernel (kitten.NAME) or the machine (vm.cores, vm.slice, vm.schedule, vm.chaos_seed, vm.cpu). May be repeated.")
    private List<String> settings = new ArrayList<>();

    @Option(names = "--step", paramLabel = "NAME", description = "Run only this step. May be repeated.")
    private List<String> steps = new ArrayList<>();

    @Mixin
    private ProbeOption probes = new ProbeOption();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Option(names = {"-v", "--verbose"}, description = "Show the kernel's console on standard error.")
    private boolean verbose;

    @Parameters(index = "0", paramLabel = "SCENARIO|IMAGE", description = "A name under scenarios/, or the path of a scenario's folder or of an image.")
    private String scenario = "";

    @Override
    public Integer call() throws IOException {
        if (noJournal && journal != null) {
            throw Failure.usage("--journal and --no-journal exclude each other");
        }
        if (noJournal && probes.any()) {
            throw Failure.usage("--probe and --no-journal exclude each other");
        }
        probes.specs();
        Assembly.engineNamed(engine);
        Path image = Path.of(scenario);
        if (ImageRun.isImage(image)) {
            return launch(image);
        }
        try {
            Scenarios scenarios = new Scenarios(JournalPlace.home().resolve("scenarios"));
            Scenario found = scenarios.find(scenario);
            ScenarioFiles files = ScenarioFiles.of(found, Cache.of(JournalPlace.home()));
            if ((found.clones() != null || found.host() != null) && (journal != null || probes.any())) {
                throw Failure.usage("--journal and --probe are for scenarios with one machine a step: "
                        + "clones are not recorded");
            }
            ScenarioRun run = new ScenarioRun(found, files, scenarios.own(found), engine,
                    ExecCommand.parseFidelity(fidelity), Settings.parse(settings, cpu, chaos), verbose)
                    .checkpoints(ExecCommand.plan(checkpointTicks)).probes(probes);
            if (found.clones() != null) {
                return new CloneRun(found, run, found.clones(), files).run(chosen(found), json);
            }
            return found.host() == null
                    ? run(found, run, chosen(found))
                    : new HostRun(found, run, found.host(), files).run(chosen(found), json);
        } catch (UnavailableException e) {
            throw new Failure(ExitCode.FAILURE, "cannot run here: " + e.getMessage());
        } catch (ScenarioException e) {
            throw Failure.usage(String.valueOf(e.getMessage()));
        }
    }

    private int launch(Path image) throws IOException {
        if (json || !steps.isEmpty()) {
            throw Failure.usage((json ? "--json" : "--step") + " is for scenarios, and " + image + " is an image");
        }
        ImageRun run = new ImageRun(image, engine, ExecCommand.parseFidelity(fidelity),
                Settings.parse(settings, cpu, chaos), ExecCommand.plan(checkpointTicks), probes);
        String name = String.valueOf(image.getFileName()).replaceAll("\\.img$", "");
        return run.run(noJournal ? null : journal == null ? JournalPlace.unused(name) : JournalPlace.fresh(journal));
    }

    /** The steps asked for, in the scenario's order; all of them when none was. */
    private List<Scenario.Step> chosen(Scenario found) {
        List<String> names = found.steps().stream().map(Scenario.Step::name).toList();
        for (String name : steps) {
            if (!names.contains(name)) {
                throw Failure.usage("scenario " + found.name() + " has no step \"" + name + "\"; its steps are "
                        + String.join(", ", names));
            }
        }
        return found.steps().stream().filter(step -> steps.isEmpty() || steps.contains(step.name())).toList();
    }

    private int run(Scenario found, ScenarioRun run, List<Scenario.Step> chosen) throws ScenarioException {
        List<ScenarioRun.StepReport> reports = new ArrayList<>();
        try (PrintWriter out = Output.standard()) {
            for (Scenario.Step step : chosen) {
                ScenarioRun.StepReport report = run.step(step, noJournal ? null : place(found, step));
                reports.add(report);
                if (!json) {
                    tell(out, found, report);
                    out.flush();
                }
            }
            boolean passed = reports.stream().allMatch(report -> report.unmet().isEmpty());
            if (json) {
                out.println(Output.json(new Report(found.name(), passed, reports)));
            } else if (reports.size() > 1) {
                long good = reports.stream().filter(report -> report.unmet().isEmpty()).count();
                out.printf("%s: %d of %d steps as expected%n", found.name(), good, reports.size());
            }
            return passed ? ExitCode.FINE : ExitCode.FAILURE;
        }
    }

    private record Report(String scenario, boolean passed, List<ScenarioRun.StepReport> steps) {}

    private Path place(Scenario found, Scenario.Step step) {
        boolean several = found.steps().size() > 1;
        if (journal == null) {
            return JournalPlace.unused(several ? found.name() + "-" + step.name() : found.name());
        }
        return JournalPlace.fresh(several ? journal + "-" + step.name() : journal);
    }

    private static void tell(PrintWriter out, Scenario found, ScenarioRun.StepReport report) {
        out.printf(Locale.ROOT, "%s %s%s: status %d, %,d ticks%s%s%n",
                report.unmet().isEmpty() ? "ok  " : "FAIL", found.name(),
                found.steps().size() > 1 ? "/" + report.step() : "", report.status(), report.ticks(),
                ReplayCommand.speed(report.ticks(), report.mips()),
                report.journal() == null ? "" : ", journal " + report.journal());
        report.unmet().forEach(complaint -> out.println("     " + complaint));
    }
}
