package chronovisor.app.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The {@code chronovisor} command: the table of its subcommands, and what becomes of their errors. */
@Command(name = "chronovisor", mixinStandardHelpOptions = true, version = "chronovisor 0.1.0", description = "A deterministic, event-sourced x86-64 virtual machine.", subcommands = {
    DemoCommand.class, ExecCommand.class, RunCommand.class, ReplayCommand.class, VerifyCommand.class,
    EventsCommand.class, StepsCommand.class, JournalsCommand.class, IsaCommand.class, SyscallsCommand.class,
    InspectCommand.class, WhoWroteCommand.class, ForkCommand.class,
    LineageCommand.class, DiffCommand.class, IndexCommand.class, MarksCommand.class, GdbCommand.class,
    BlobCommand.class, ImageCommand.class, HostCommand.class, VmCommand.class, DiagnoseCommand.class,
    BisectCommand.class, CounterfactualCommand.class, BenchCommand.class, SqlCommand.class,
    StatsCommand.class, ProfileCommand.class, ExportCommand.class, CoverageCommand.class, TraceCommand.class})
public final class Main implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

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
        CommandLine line = new CommandLine(new Main());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        // What follows the program belongs to the program.
        line.getSubcommands().values().stream()
                .filter(sub -> sub.getCommand() instanceof ExecCommand || sub.getCommand() instanceof VmCommand)
                .forEach(sub -> sub.setStopAtPositional(true));
        line.setParameterExceptionHandler(Main::onUsageError);
        line.setExecutionExceptionHandler(Main::onError);
        return line.execute(arguments);
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
