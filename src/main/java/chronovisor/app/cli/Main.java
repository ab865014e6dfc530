package chronovisor.app.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The {@code chronovisor} command: the table of its subcommands, and what becomes of their errors. */
@Command(name = "chronovisor", mixinStandardHelpOptions = true, version = "chronovisor 0.1.0", description = "A deterministic, event-sourced x86-64 virtual machine.")
public final class Main implements Runnable {

    private static final Map<String, Class<?>> COMMANDS = commands();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** By name, in the order of the usage text. A class is loaded when it is asked for. */
    private static Map<String, Class<?>> commands() {
        Map<String, Class<?>> all = new LinkedHashMap<>();
        all.put("demo", DemoCommand.class);
        all.put("exec", ExecCommand.class);
        all.put("run", RunCommand.class);
        all.put("replay", ReplayCommand.class);
        all.put("verify", VerifyCommand.class);
        all.put("events", EventsCommand.class);
        all.put("steps", StepsCommand.class);
        all.put("journals", JournalsCommand.class);
        all.put("isa", IsaCommand.class);
        all.put("syscalls", SyscallsCommand.class);
        all.put("inspect", InspectCommand.class);
        all.put("who-wrote", WhoWroteCommand.class);
        all.put("fork", ForkCommand.class);
        all.put("lineage", LineageCommand.class);
        all.put("diff", DiffCommand.class);
        all.put("index", IndexCommand.class);
        all.put("marks", MarksCommand.class);
        all.put("gdb", GdbCommand.class);
        all.put("blob", BlobCommand.class);
        all.put("image", ImageCommand.class);
        all.put("host", HostCommand.class);
        all.put("vm", VmCommand.class);
        all.put("diagnose", DiagnoseCommand.class);
        all.put("bisect", BisectCommand.class);
        all.put("counterfactual", CounterfactualCommand.class);
        all.put("bench", BenchCommand.class);
        all.put("sql", SqlCommand.class);
        all.put("stats", StatsCommand.class);
        all.put("profile", ProfileCommand.class);
        all.put("export", ExportCommand.class);
        all.put("coverage", CoverageCommand.class);
        all.put("trace", TraceCommand.class);
        all.put("timeline-view", TimelineViewCommand.class);
        all.put("watch", WatchCommand.class);
        all.put("train", TrainCommand.class);
        return all;
    }

    /** Prints the usage text: without a subcommand there is nothing else to do. */
    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        int code = execute(arguments);
        System.out.flush();
        // Threads that only feed input may still block on the host's stdin; they must not keep the process alive.
        System.exit(code);
    }

    /**
     * Runs one command in this process.
     *
     * @return the exit code: see {@link ExitCode}, or the guest's own for {@code exec}
     */
    public static int execute(String... arguments) {
        Class<?> asked = arguments.length == 0 ? null : COMMANDS.get(arguments[0]);
        // Making all of them ready takes longer than starting a machine does.
        CommandLine line = asked == null ? commandLine() : with(Map.of(arguments[0], asked));
        line.setParameterExceptionHandler(Main::onUsageError);
        line.setExecutionExceptionHandler(Main::onError);
        return line.execute(arguments);
    }

    /** The command with all its subcommands. */
    static CommandLine commandLine() {
        return with(COMMANDS);
    }

    private static CommandLine with(Map<String, Class<?>> commands) {
        CommandLine line = new CommandLine(new Main());
        commands.forEach(line::addSubcommand);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        // What follows the program belongs to the program.
        line.getSubcommands().values().stream()
                .filter(sub -> sub.getCommand() instanceof ExecCommand || sub.getCommand() instanceof VmCommand)
                .forEach(sub -> sub.setStopAtPositional(true));
        return line;
    }

    private static int onUsageError(ParameterException e, String[] arguments) {
        PrintWriter err = e.getCommandLine().getErr();
        err.println("chronovisor: " + oneLine(String.valueOf(e.getMessage())));
        err.println("Try '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
        return ExitCode.USAGE;
    }

    private static int onError(Exception e, CommandLine line, ParseResult result) {
        Failure failure = Failure.of(e);
        line.getErr().println("chronovisor: " + failure.getMessage());
        if (System.getenv("CHRONOVISOR_DEBUG") != null) {
            e.printStackTrace(line.getErr());
        }
        return failure.exitCode();
    }

    private static String oneLine(String text) {
        return text.replace('\n', ' ').strip();
    }
}
