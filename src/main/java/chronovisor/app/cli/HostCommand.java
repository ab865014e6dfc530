package chronovisor.app.cli;

import chronovisor.app.host.Host;
import chronovisor.app.host.HostException;
import chronovisor.app.host.HostPlace;
import chronovisor.app.host.HostServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code chronovisor host}: the long-running monitor, which the {@code v3_} tools talk to. */
@Command(name = "host", mixinStandardHelpOptions = true, description = {
    "Keeps virtual machines and answers the v3_ tools, until it is interrupted.",
    "It listens on a local socket that only its user can use; CHRONOVISOR_HOST says where."})
final class HostCommand implements Callable<Integer> {

    @Option(names = "--engine", defaultValue = Assembly.ENGINE, description = "How instructions are run: interpreter, jit or lockstep (default: ${DEFAULT-VALUE}).")
    private String engine = Assembly.ENGINE;

    @Override
    public Integer call() throws IOException {
        Assembly.engineNamed(engine);
        Path socket = HostPlace.socket();
        try (HostServer server = HostServer.open(new Host(new Assembly(), engine, JournalPlace::unused), socket)) {
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> close(server)));
            System.err.println("chronovisor: host listens at " + socket);
            server.run();
            return ExitCode.FINE;
        } catch (HostException e) {
            throw new Failure(ExitCode.FAILURE, String.valueOf(e.getMessage()));
        }
    }

    /** An interrupted host seals the journals of its machines. */
    private static void close(HostServer server) {
        try {
            server.close();
        } catch (IOException e) {
            System.err.println("chronovisor: " + e.getMessage());
        }
    }
}
