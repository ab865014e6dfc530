package chronovisor.app.cli;

import chronovisor.app.host.HostClient;
import chronovisor.app.host.HostException;
import chronovisor.app.host.HostPlace;
import chronovisor.app.host.HostServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code chronovisor vm}: asks the host for one thing; {@code replay-tools/v3_NAME} is {@code chronovisor vm NAME}. */
@Command(name = "vm", mixinStandardHelpOptions = true, description = {
    "Asks the host: 'vm create' is v3_create, and so on. Without a command, lists what there is to ask."})
final class VmCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "WORD", description = "A command and its arguments.")
    private List<String> words = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        if (words.isEmpty()) {
            HostServer.usages().forEach(spec.commandLine().getOut()::println);
            return ExitCode.FINE;
        }
        try {
            return HostClient.ask(HostPlace.socket(), words, System.in, System.out, System.err);
        } catch (HostException e) {
            throw new Failure(ExitCode.FAILURE, String.valueOf(e.getMessage()));
        }
    }
}
