package chronovisor.debug;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** GDB as it is installed on this machine. */
final class StockGdb {

    private static final int SECONDS_MAX = 120;

    private StockGdb() {}

    static boolean isAvailable() {
        return runs("gdb", "--version");
    }

    static boolean runs(String... command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getInputStream().readAllBytes();
            return process.waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** What a GDB that is connected to a port prints when it is given commands. */
    static String say(Path folder, int port, String... commands) {
        try {
            Path script = Files.createTempFile(folder, "commands", ".gdb");
            Files.writeString(script,
                    "set pagination off\nset confirm off\nset width 0\ntarget remote 127.0.0.1:" + port
                            + "\n" + String.join("\n", commands) + "\n");
            ProcessBuilder builder = new ProcessBuilder(
                    List.of("gdb", "-nx", "-batch", "-x", script.toString())).redirectErrorStream(true);
            builder.environment().remove("DEBUGINFOD_URLS");
            Path output = Files.createTempFile(folder, "gdb", ".txt");
            Process gdb = builder.redirectOutput(output.toFile()).start();
            if (!gdb.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                gdb.destroyForcibly();
                throw new AssertionError("gdb hangs; so far: " + Files.readString(output));
            }
            return Files.readString(output, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
