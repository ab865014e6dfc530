package chronovisor.app.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The command in a process of its own, as a person starts it: its output, its errors, its exit code. */
final class Chronovisor {

    private static final int SECONDS_MAX = 120;

    /** What came of one command. */
    @SuppressWarnings("ArrayRecordComponent") // bytes as they came
    record Result(int status, byte[] bytes, String errors) {

        String output() {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private Chronovisor() {}

    /** Runs the command with journals in a folder and without input. */
    static Result run(Path journals, String... arguments) {
        return run(journals, new byte[0], arguments);
    }

    /** Runs the command with journals in a folder and with bytes on its standard input. */
    static Result run(Path journals, byte[] input, String... arguments) {
        try {
            Process process = start(journals, arguments);
            ByteArrayOutputStream errors = new ByteArrayOutputStream();
            Thread reader = Thread.ofPlatform().start(() -> copy(process.getErrorStream(), errors));
            Thread writer = Thread.ofPlatform().start(() -> write(process, input));
            byte[] output = process.getInputStream().readAllBytes();
            if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("still running after " + SECONDS_MAX + " s: " + List.of(arguments));
            }
            reader.join();
            writer.join();
            return new Result(process.exitValue(), output, errors.toString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Starts the command. */
    static Process start(Path journals, String... arguments) throws IOException {
        return start(journals, Map.of(), arguments);
    }

    /** Starts the command with more variables in its environment. */
    static Process start(Path journals, Map<String, String> environment, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (flag.startsWith("--") || flag.startsWith("-Dchronicle")) {
                command.add(flag);
            }
        }
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dchronovisor.home=.", "-cp",
                System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("CHRONOVISOR_JOURNALS", journals.toString());
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static void copy(InputStream from, ByteArrayOutputStream to) {
        try (from) {
            from.transferTo(to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Process process, byte[] input) {
        try (var out = process.getOutputStream()) {
            out.write(input);
        } catch (IOException e) {
            // A program that does not read its input closes it: that is its right.
            process.getErrorStream();
        }
    }
}
