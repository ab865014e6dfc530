package chronovisor.app.cli;

import chronovisor.app.bench.RunFigures;
import chronovisor.cpu.CpuModel;
import chronovisor.debug.DebugDoor;
import chronovisor.debug.LiveDebugger;
import chronovisor.environment.LiveEnvironment;
import chronovisor.journal.JournalWriter;
import chronovisor.kitten.KittenOptions;
import chronovisor.kitten.elf.ElfException;
import chronovisor.kitten.elf.ElfFile;
import chronovisor.kitten.kernel.Scripts;
import chronovisor.replay.CheckpointPlan;
import chronovisor.replay.Fidelity;
import chronovisor.replay.MachineSetup;
import chronovisor.replay.Progress;
import chronovisor.replay.Recording;
import chronovisor.replay.Session;
import chronovisor.vmm.ConfigurationException;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.GuestFile;
import chronovisor.vmm.RunResult;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chronovisor exec}: any static ELF as init_task, with the command's own standard streams. */
@Command(name = "exec", mixinStandardHelpOptions = true, description = {
    "Runs an x86-64 Linux program in a guest and records it.",
    "Its standard streams are the command's, and so is its exit status (128 + the signal's number when a signal killed it)."})
final class ExecCommand implements Callable<Integer> {

    private static final int BROKEN_PIPE = 128 + 13;
    private static final long LARGE_FILES_BYTES = 8L << 20;

    /** COM2 is the program's standard input and output, COM3 its standard error; COM1 stays the kernel's console. */
    static final Map<String, String> STREAMS = Map.of("init_stdin", "/dev/ttyS1", "init_stdout", "/dev/ttyS1",
            "init_stderr", "/dev/ttyS2");
    static final String CONSOLE = "com1";
    static final String STDIO = "com2";
    static final String STDERR = "com3";
    static final int CONSOLE_PORT = 1;
    static final int STDIO_PORT = 2;
    static final int STDERR_PORT = 3;

    @Option(names = "--journal", paramLabel = "NAME", description = "Record into this journal (default: the program's name and a number).")
    private @Nullable String journal;

    @Option(names = "--no-journal", description = "Record nothing.")
    private boolean noJournal;

    @Option(names = "--root", paramLabel = "DIR", description = "Put everything below this folder into the guest's root.")
    private @Nullable Path root;

    @Option(names = "--file", paramLabel = "HOST:GUEST", description = "Put a file into the guest. May be repeated.")
    private List<String> files = new ArrayList<>();

    @Option(names = "--host-libraries", description = "Put the loader and the libraries that the program names, or what reads a script, into the guest: this host's, at the same paths.")
    private boolean hostLibraries;

    @Option(names = "--blob", paramLabel = "FILE", description = "Have the kernel expand a blob at boot, see 'blob make'. May be repeated.")
    private List<Path> blobs = new ArrayList<>();

    @Option(names = "--env", paramLabel = "K=V", description = "Set a variable of the program's environment, which is else empty. May be repeated.")
    private List<String> environment = new ArrayList<>();

    @Option(names = "--stdin", paramLabel = "FILE", description = "Standard input (default: the command's own).")
    private @Nullable Path stdin;

    @Option(names = "--memory", paramLabel = "MB", defaultValue = "1024", description = "Guest-physical memory (default: ${DEFAULT-VALUE}).")
    private int memory;

    @Option(names = "--engine", defaultValue = Assembly.ENGINE, description = "How instructions are run: interpreter, jit or lockstep (default: ${DEFAULT-VALUE}).")
    private String engine = Assembly.ENGINE;

    @Option(names = "--fidelity", defaultValue = "steps", description = "What is recorded: inputs, steps or effects (default: ${DEFAULT-VALUE}).")
    private String fidelity = "steps";

    @Option(names = "--seed", paramLabel = "N", description = "Draw the guest's entropy from this seed (default: from the host).")
    private @Nullable Long seed;

    @Option(names = "--cpu", paramLabel = "MODEL", converter = CpuModelConverter.class, description = "The guest's processor; help lists them (default: x86-64-v3).")
    private @Nullable CpuModel cpu;

    @Option(names = "--chaos", paramLabel = "SEED", description = "Draw the schedule from this seed instead of round robin: slices, turns, wake orders. Shakes races out.")
    private @Nullable Long chaos;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Set an option of the kernel (kitten.NAME) or the machine (vm.cores, vm.slice, vm.schedule, vm.chaos_seed, vm.cpu). May be repeated.")
    private List<String> settings = new ArrayList<>();

    @Option(names = "--checkpoint-ticks", paramLabel = "N", description = "A checkpoint every so many instructions (default: 50 million); 0 for none.")
    private @Nullable Long checkpointTicks;

    @Option(names = "--console", description = "Give the program the kernel's console, as a terminal, instead of byte streams of its own.")
    private boolean onConsole;

    @Option(names = "--gdb", paramLabel = "PORT", description = "Wait for GDB on this loopback port (0: any that is free; it is printed) and run under its control.")
    private @Nullable Integer gdb;

    @Option(names = "--figures", paramLabel = "FILE", description = "Write into this file how far the run was when.")
    private @Nullable Path figuresFile;

    @Option(names = {"-v", "--verbose"}, description = "Show the kernel's messages on standard error.")
    private boolean verbose;

    @Mixin
    private ProbeOption probes = new ProbeOption();

    private final RunFigures figures = new RunFigures();
    private long released_bytes;

    @Parameters(index = "0", paramLabel = "PROGRAM", description = "An ELF file: static, or one whose loader and libraries the guest has. Or a script, if the guest has what reads it.")
    private Path program = Path.of("");

    @Parameters(index = "1..*", paramLabel = "ARG", description = "Its arguments.")
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        if (noJournal && journal != null) {
            throw Failure.usage("--journal and --no-journal exclude each other");
        }
        if (probes.any() && (noJournal || gdb != null)) {
            throw Failure.usage("--probe and " + (noJournal ? "--no-journal" : "--gdb") + " exclude each other");
        }
        probes.specs();
        if (figuresFile != null && gdb != null) {
            throw Failure.usage("--figures and --gdb exclude each other");
        }
        plan(checkpointTicks);
        Integer port = gdb;
        if (port != null && (port < 0 || port > GdbCommand.PORT_MAX)) {
            throw Failure.usage("--gdb " + port + ": a port from 0 to " + GdbCommand.PORT_MAX + " expected");
        }
        Settings set = Settings.parse(settings, cpu, chaos);
        KittenOptions kernel = kernel(set);
        GuestConfiguration machine = machine(set, kernel);
        Fidelity kept = parseFidelity(fidelity);
        if (port != null && !noJournal && kept == Fidelity.EFFECTS) {
            throw Failure.usage("--gdb and --fidelity effects exclude each other");
        }
        InputStream input = stdin == null ? System.in : Files.newInputStream(stdin);
        LiveEnvironment door = seed == null ? LiveEnvironment.ofHost() : LiveEnvironment.seeded(seed);
        GuestOutput output = new GuestOutput().pass(onConsole ? CONSOLE : STDIO, GuestOutput.standardOutput())
                .pass(STDERR, GuestOutput.standardError());
        if (verbose && !onConsole) {
            output.pass(CONSOLE, GuestOutput.standardError());
        }
        String keyboard = machine.keyboard();
        HostInput.feed(door, !onConsole ? STDIO : keyboard == null ? CONSOLE : keyboard, input);
        PassingEnvironment environment = new PassingEnvironment(door, output);
        RunResult result;
        try {
            result = noJournal
                    ? unrecorded(machine, kernel, environment, output)
                    : recorded(machine, kernel, kept, environment, output);
        } finally {
            output.flush();
            door.close();
        }
        return status(result, output);
    }

    private RunResult unrecorded(GuestConfiguration machine, KittenOptions kernel, PassingEnvironment environment,
            GuestOutput output) throws IOException {
        // Nothing but the session knows the files, so that it can let them go.
        try (DebugDoor door = new DebugDoor(environment);
                Session session = Session.live(setup(machine, kernel), new Assembly(), gdb == null ? environment : door,
                        output)) {
            if (gdb != null) {
                return debugged(session, door, gdb);
            }
            begin(session);
            RunResult result = session.run(Long.MAX_VALUE, this::reached, _ -> 0L);
            end(session);
            return result;
        }
    }

    /** Boots, so that it is known when the program's first instruction comes, and lets go of the files. */
    private void begin(Session session) {
        released_bytes = session.bootAndReleaseFiles();
        if (figuresFile != null) {
            figures.reached(0);
        }
    }

    /**
     * The heap grew by large boot files and keeps that size until it is full: it is given back once, when the journal's own thread
     * has written them.
     */
    private void reached(Progress progress) {
        figures.reached(progress.ticks());
        if (released_bytes >= LARGE_FILES_BYTES) {
            released_bytes = 0;
            System.gc();
        }
    }

    private void end(Session session) throws IOException {
        if (figuresFile != null) {
            figures.reached(session.vm().tick());
            figures.write(figuresFile);
        }
    }

    private RunResult debugged(Session session, DebugDoor door, int port) throws IOException {
        try (LiveDebugger debugger = LiveDebugger.over(session, door, !noJournal, port)) {
            System.err.println("chronovisor: gdb -ex 'target remote 127.0.0.1:" + debugger.port() + "'");
            return debugger.run();
        }
    }

    private RunResult recorded(GuestConfiguration machine, KittenOptions kernel, Fidelity kept,
            PassingEnvironment environment, GuestOutput output) throws IOException {
        String name = String.valueOf(program.getFileName());
        Path folder = journal == null ? JournalPlace.unused(name) : JournalPlace.fresh(journal);
        RunResult result;
        try (DebugDoor door = new DebugDoor(environment);
                Recording recording = Recording.start(folder, setup(machine, kernel), new Assembly(), kept,
                        gdb == null ? environment : door, output, new TreeMap<>(), JournalWriter.Limits.DEFAULT, null,
                        plan(checkpointTicks))) {
            if (gdb == null) {
                begin(recording.session());
                try (ProbeOption.Watch _ = probes.on(recording.session(), folder)) {
                    result = recording.run(this::reached);
                }
                end(recording.session());
            } else {
                result = debugged(recording.session(), door, gdb);
                recording.end(result);
            }
        }
        if (verbose || journal == null && Output.errorIsTerminal()) {
            output.flush();
            System.err.println("chronovisor: recorded as " + folder);
        }
        return result;
    }

    /** The exit status that tells how a run ended; what else there is to say goes to standard error. */
    static int status(RunResult result, GuestOutput output) {
        if (output.isBroken()) {
            return BROKEN_PIPE;
        }
        if (result.kind() != RunResult.Kind.SHUTDOWN) {
            System.err.println("chronovisor: the machine stopped: " + result.reason());
            return ExitCode.FAILURE;
        }
        if (!result.reason().startsWith("init_task ")) {
            System.err.println("chronovisor: the machine stopped: " + result.reason());
        }
        return result.status();
    }

    /** The plan of {@code --checkpoint-ticks}; null is the default. */
    static CheckpointPlan plan(@Nullable Long ticks) {
        if (ticks == null) {
            return CheckpointPlan.DEFAULT;
        }
        if (ticks < 0) {
            throw Failure.usage("--checkpoint-ticks " + ticks + ": a number of instructions expected");
        }
        return CheckpointPlan.every(ticks);
    }

    static Fidelity parseFidelity(String text) {
        try {
            return Fidelity.parse(text);
        } catch (IllegalArgumentException e) {
            throw Failure.usage(String.valueOf(e.getMessage()));
        }
    }

    private KittenOptions kernel(Settings set) {
        for (String variable : environment) {
            if (variable.indexOf('=') <= 0) {
                throw Failure.usage("--env " + variable + ": K=V expected");
            }
        }
        List<String> argv = new ArrayList<>();
        argv.add(program.toString());
        argv.addAll(arguments);
        return set.kernel(onConsole ? Map.of() : STREAMS).withProgram(argv, environment);
    }

    private GuestConfiguration machine(Settings set, KittenOptions kernel) {
        GuestConfiguration machine = set.machine(configuration(memory));
        return onConsole && kernel.keyboardConsole() ? machine.withKeyboard() : machine;
    }

    private MachineSetup setup(GuestConfiguration machine, KittenOptions kernel) throws IOException {
        Assembly.engineNamed(engine);
        List<GuestFile> guestFiles = new ArrayList<>();
        if (root != null) {
            guestFiles.addAll(HostTree.folder(root));
        }
        for (String file : files) {
            guestFiles.add(HostTree.file(file, guestFiles));
        }
        for (Path blob : blobs) {
            guestFiles.add(GuestFile.blob(String.valueOf(blob.getFileName()), BlobCommand.read(blob).bytes()));
        }
        if (hostLibraries && Files.isRegularFile(program)) {
            guestFiles.addAll(HostLibraries.of(program, Files.readAllBytes(program), guestFiles, environment));
        }
        String place = HostTree.resolved(program.toString(), guestFiles);
        guestFiles.add(GuestFile.initTask(place, readProgram(program, guestFiles)));
        return new MachineSetup(machine, "", "", kernel, guestFiles, engine);
    }

    static GuestConfiguration configuration(int megabytes) {
        try {
            return GuestConfiguration.standard(megabytes);
        } catch (ConfigurationException e) {
            throw Failure.usage("--memory " + megabytes + ": " + e.getMessage());
        }
    }

    /**
     * Reads and checks a program before anything is started, so that what is wrong with it is told on the host. A dynamic
     * one is fine when a file with its interpreter's name is in the guest, wherever links may lead to it; so is a script.
     */
    static byte[] readProgram(Path program, List<GuestFile> guestFiles) throws IOException {
        if (!Files.exists(program)) {
            throw Failure.usage(program + ": no such file");
        }
        if (!Files.isRegularFile(program)) {
            throw Failure.usage(program + ": not a file");
        }
        byte[] image = Files.readAllBytes(program);
        Scripts.Line line = Scripts.Line.of(image);
        if (line != null) {
            if (!HostTree.has(guestFiles, line.reader())) {
                throw Failure.usage(
                        program + ": a script for '" + line.reader()
                                + "', which is not in the guest; see --root and --host-libraries");
            }
            return image;
        }
        try {
            ElfFile elf = ElfFile.parse(program.toString(), image);
            String interpreter = elf.interpreter();
            if (interpreter != null && !HostTree.has(guestFiles, interpreter)) {
                elf.requireStatic();
            }
        } catch (ElfException e) {
            throw Failure.usage(String.valueOf(e.getMessage()));
        }
        return image;
    }
}
