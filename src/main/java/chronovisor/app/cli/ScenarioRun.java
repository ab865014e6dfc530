package chronovisor.app.cli;

import chronovisor.app.scenario.Expectations;
import chronovisor.app.scenario.HostCommands;
import chronovisor.app.scenario.Outcome;
import chronovisor.app.scenario.Scenario;
import chronovisor.app.scenario.ScenarioException;
import chronovisor.app.scenario.ScenarioFiles;
import chronovisor.cpu.CpuModels;
import chronovisor.environment.Input;
import chronovisor.environment.SeededEnvironment;
import chronovisor.journal.EventTypes;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalReader;
import chronovisor.journal.JournalRecord;
import chronovisor.journal.JournalWriter;
import chronovisor.kitten.KittenOptions;
import chronovisor.replay.CheckpointPlan;
import chronovisor.replay.Fidelity;
import chronovisor.replay.MachineSetup;
import chronovisor.replay.Recording;
import chronovisor.replay.Session;
import chronovisor.vmm.ConfigurationException;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.GuestConfigurationXml;
import chronovisor.vmm.GuestFile;
import chronovisor.vmm.RunResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Runs the steps of one scenario: makes the machine, types the input, and holds what came against what was expected. */
final class ScenarioRun {

    private final Scenario scenario;
    private final ScenarioFiles files;
    private final boolean own;
    private final String engine;
    private final Fidelity fidelity;
    private final Settings settings;
    private final boolean verbose;
    private CheckpointPlan checkpoints = CheckpointPlan.DEFAULT;
    private ProbeOption probes = new ProbeOption();
    private byte[] console = new byte[0];

    /** What Ctrl+D types. */
    private static final byte END_OF_TRANSMISSION = 4;

    /**
     * What came of a step.
     *
     * @param unmet
     *            what is not as expected
     */
    record StepReport(String step, int status, long ticks, double mips, String digest, @Nullable String journal,
            List<String> unmet) {}

    private record Finished(RunResult result, long ticks, String digest) {}

    ScenarioRun(Scenario scenario, ScenarioFiles files, boolean own, String engine, Fidelity fidelity,
            Settings settings, boolean verbose) {
        this.scenario = scenario;
        this.files = files;
        this.own = own;
        this.engine = engine;
        this.fidelity = fidelity;
        this.settings = settings;
        this.verbose = verbose;
    }

    /** Has its recordings make checkpoints as a plan says; gives this. */
    ScenarioRun checkpoints(CheckpointPlan plan) {
        checkpoints = plan;
        return this;
    }

    /** Watches its recordings with probes; gives this. */
    ScenarioRun probes(ProbeOption wanted) {
        probes = wanted;
        return this;
    }

    /** What the last step printed. */
    String console() {
        return new String(console, StandardCharsets.UTF_8);
    }

    /** Runs one step, recorded when there is a place for the journal. */
    StepReport step(Scenario.Step step, @Nullable Path journal) throws ScenarioException {
        MachineSetup setup = setup(step);
        String stream = stream(step, setup.configuration());
        String keyboard = step.stdio() == Scenario.Stdio.CONSOLE ? setup.configuration().keyboard() : null;
        GuestOutput output = new GuestOutput().keep(stream);
        String error = setup.configuration().streamAt(ExecCommand.STDERR_PORT);
        if (error != null) {
            output.keep(error);
        }
        String shown = setup.configuration().streamAt(ExecCommand.CONSOLE_PORT);
        if (verbose && shown != null) {
            output.pass(shown, GuestOutput.standardError());
        }
        SeededEnvironment door = new SeededEnvironment(ChronoUnit.NANOS.between(Instant.EPOCH, scenario.bootTime()),
                scenario.seed(), script(step, stream, keyboard));
        long start_ns = System.nanoTime();
        Finished finished = run(step, setup, door, output, journal);
        long took_ns = Math.max(1, System.nanoTime() - start_ns);
        output.flush();
        console = output.kept();
        List<String> unmet = unmet(step, finished, console, door, journal);
        return new StepReport(step.name(), finished.result().status(), finished.ticks(),
                finished.ticks() * 1e3 / took_ns, finished.digest(), journal == null ? null : journal.toString(),
                unmet);
    }

    private Finished run(Scenario.Step step, MachineSetup setup, SeededEnvironment door, GuestOutput output,
            @Nullable Path journal) {
        try (ProgressLine line = new ProgressLine(scenario.name() + "/" + step.name(), true)) {
            if (journal == null) {
                try (Session session = Session.live(setup, new Assembly(), door, output)) {
                    RunResult result = session.run(Long.MAX_VALUE, line::update, _ -> 0L);
                    return new Finished(result, session.vm().tick(),
                            java.util.HexFormat.of().formatHex(session.vm().digest()));
                }
            }
            try (Recording recording = Recording.start(journal, setup, new Assembly(), fidelity, door, output,
                    new TreeMap<>(), JournalWriter.Limits.DEFAULT, null, checkpoints)) {
                RunResult result;
                try (ProbeOption.Watch _ = probes.on(recording.session(), journal)) {
                    result = recording.run(line::update);
                }
                return new Finished(result, recording.session().vm().tick(), recording.digest());
            }
        }
    }

    private List<String> unmet(Scenario.Step step, Finished finished, byte[] printed, SeededEnvironment door,
            @Nullable Path journal) throws ScenarioException {
        List<String> unmet = new ArrayList<>();
        if (finished.result().kind() != RunResult.Kind.SHUTDOWN) {
            unmet.add("the machine stopped: " + finished.result().reason());
        }
        // The end of an input that nobody types comes when the guest runs, if it ever does.
        int left = step.input().isEmpty() ? 0 : door.left().size();
        if (left > 0) {
            unmet.add(left + " of the inputs were never due");
        }
        Map<String, Long> events = journal == null ? Map.of() : count(journal);
        Scenario.Expect expect = step.expect();
        Scenario.Step checked = journal != null && fidelity != Fidelity.INPUTS
                ? step
                : step.withExpect(new Scenario.Expect(expect.console(), expect.status(), List.of()));
        HostCommands host = own ? HostCommands.allowed(files) : HostCommands.REFUSED;
        unmet.addAll(Expectations.unmet(checked, new Outcome(printed, finished.result().status(), events), files,
                host));
        return unmet;
    }

    private static Map<String, Long> count(Path journal) {
        Map<String, Long> counts = new TreeMap<>();
        try (JournalReader reader = JournalReader.open(journal)) {
            for (JournalRecord record = reader.nextEvents(); record != null; record = reader.nextEvents()) {
                for (GuestEvent event : record.events()) {
                    counts.merge(EventTypes.of(event).name(), 1L, Long::sum);
                }
            }
        }
        return counts;
    }

    MachineSetup setup(Scenario.Step step) throws ScenarioException {
        Path program = files.path(step.program());
        List<GuestFile> guestFiles = new ArrayList<>();
        for (Scenario.PlacedFile file : scenario.files()) {
            guestFiles.add(GuestFile.file(file.guest(), file.mode(), files.bytes(file)));
        }
        String name = String.valueOf(program.getFileName());
        try {
            for (Scenario.PlacedTree tree : scenario.trees()) {
                Path folder = files.folder(tree.host());
                if (tree.blob()) {
                    guestFiles.add(GuestFile.blob(String.valueOf(folder.getFileName()),
                            BlobCommand.encode(folder, tree.guest())));
                } else {
                    guestFiles.addAll(HostTree.folder(folder, tree.guest()));
                }
            }
            guestFiles.add(GuestFile.initTask("/" + name, ExecCommand.readProgram(program, guestFiles)));
            List<String> argv = new ArrayList<>();
            argv.add(name);
            argv.addAll(step.arguments());
            List<String> envp = step.environment().entrySet().stream()
                    .map(variable -> variable.getKey() + "=" + variable.getValue()).toList();
            KittenOptions kernel = settings.kernel(kernelOptions(step)).withProgram(argv, envp);
            String xml = scenario.machine().xml();
            String text = xml == null ? "" : Files.readString(files.path(xml));
            GuestConfiguration configuration = xml == null
                    ? ExecCommand.configuration(scenario.machine().memoryMb()).withCores(scenario.machine().cores())
                            .withCpu(CpuModels.named(scenario.machine().cpu()))
                    : GuestConfigurationXml.parse(files.path(xml).toString(), text);
            if (step.cores() != null) {
                configuration = configuration.withCores(step.cores());
            }
            Long chaos = step.chaos() != null ? step.chaos() : scenario.machine().chaos();
            if (chaos != null) {
                configuration = configuration.withChaos(chaos);
            }
            if (step.stdio() == Scenario.Stdio.CONSOLE && kernel.keyboardConsole()) {
                configuration = configuration.withKeyboard();
            }
            return new MachineSetup(settings.machine(configuration), text, "", kernel, guestFiles, engine);
        } catch (IOException e) {
            throw Failure.of(e);
        } catch (ConfigurationException e) {
            throw Failure.usage(String.valueOf(e.getMessage()));
        }
    }

    private Map<String, String> kernelOptions(Scenario.Step step) {
        Map<String, String> options = new TreeMap<>(step.stdio() == Scenario.Stdio.STREAMS
                ? ExecCommand.STREAMS
                : Map.of());
        options.putAll(scenario.kernel());
        options.putAll(step.kernel());
        return options;
    }

    static String stream(Scenario.Step step, GuestConfiguration machine) {
        int port = step.stdio() == Scenario.Stdio.STREAMS ? ExecCommand.STDIO_PORT : ExecCommand.CONSOLE_PORT;
        String stream = machine.streamAt(port);
        if (stream == null) {
            throw Failure.usage("the machine has no CHAR_STREAM on com_port " + port + ", where the program prints");
        }
        return stream;
    }

    /** Answers what the stream shows; on a keyboard, where there is one, else on the stream itself. */
    static List<SeededEnvironment.Step> script(Scenario.Step step, String stream, @Nullable String keyboard) {
        List<SeededEnvironment.Step> script = new ArrayList<>();
        if (step.stdio() == Scenario.Stdio.STREAMS
                && step.input().stream().allMatch(input -> input instanceof Scenario.Input.Stop)) {
            // Nothing is typed, so a program that reads sees the end at once.
            script.add(new SeededEnvironment.Step(new SeededEnvironment.Condition.Now(), new Input.StreamEnd(stream)));
        }
        script.addAll(script(step.input(), stream, keyboard));
        return script;
    }

    /** The same for inputs after which there may be more. */
    static List<SeededEnvironment.Step> script(List<Scenario.Input> inputs, String stream, @Nullable String keyboard) {
        String typedOn = keyboard == null ? stream : keyboard;
        List<SeededEnvironment.Step> script = new ArrayList<>();
        for (Scenario.Input input : inputs) {
            SeededEnvironment.Condition when = switch (input) {
                case Scenario.Input.Immediately now -> new SeededEnvironment.Condition.Now();
                case Scenario.Input.After after ->
                    new SeededEnvironment.Condition.After(stream, Pattern.compile(Pattern.quote(after.text())));
                case Scenario.Input.At at -> new SeededEnvironment.Condition.AtTick(at.tick());
                case Scenario.Input.Stop stop -> new SeededEnvironment.Condition.AtTick(stop.tick());
            };
            if (input instanceof Scenario.Input.Stop) {
                script.add(new SeededEnvironment.Step(when, new Input.OperatorCommand("stop")));
            }
            byte[] typed = input.type().getBytes(StandardCharsets.UTF_8);
            if (typed.length > 0) {
                script.add(new SeededEnvironment.Step(when, new Input.StreamBytes(typedOn, typed)));
                when = new SeededEnvironment.Condition.Now();
            }
            if (input.end()) {
                // A keyboard has no end: one types Ctrl+D.
                script.add(new SeededEnvironment.Step(when, keyboard == null
                        ? new Input.StreamEnd(stream)
                        : new Input.StreamBytes(keyboard, new byte[]{END_OF_TRANSMISSION})));
            }
        }
        return script;
    }
}
