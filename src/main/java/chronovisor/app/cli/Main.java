package chronovisor.app.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code chronovisor} command. */
@Command(name = "chronovisor", mixinStandardHelpOptions = true, version = "chronovisor 0.1.0", description = "A deterministic, event-sourced x86-64 virtual machine.")
public final class Main implements Runnable {

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    /** Prints the usage text: without a subcommand there is nothing else to do. */
    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main()).execute(arguments));
    }
}
