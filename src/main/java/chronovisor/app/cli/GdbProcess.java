package chronovisor.app.cli;

import chronovisor.debug.GdbServer;
import java.io.IOException;
import java.nio.file.Path;

/** The stock GDB as a client of a server in this process. */
final class GdbProcess {

    private GdbProcess() {}

    /**
     * Runs the commands of a file in a GDB that is connected to the server, and serves it until it ends.
     *
     * @return its exit status
     */
    static int run(GdbServer server, Path commands) throws IOException {
        ProcessBuilder gdb = new ProcessBuilder("gdb", "-nx", "-batch", "-ex", "set pagination off", "-ex",
                "set confirm off", "-ex", "target remote 127.0.0.1:" + server.port(), "-x", commands.toString());
        gdb.environment().remove("DEBUGINFOD_URLS");
        gdb.inheritIO();
        Process process;
        try {
            process = gdb.start();
        } catch (IOException e) {
            throw new Failure(ExitCode.FAILURE, "gdb could not be started; is it installed? (" + e.getMessage() + ")");
        }
        // A GDB that ends without having connected must not be waited for.
        var ended = process.onExit().thenRun(() -> {
            try {
                server.stop();
            } catch (IOException e) {
                System.err.println("chronovisor: " + e.getMessage());
            }
        });
        server.serve(false);
        try {
            int status = process.waitFor();
            ended.join();
            return status;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroy();
            return ExitCode.FAILURE;
        }
    }
}
