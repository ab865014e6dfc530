package chronovisor.app.bench;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs processes of the host one at a time, without input, and measures them. */
final class HostMeter {

    private static final int OUTPUT_BYTES_MAX = 64 << 20;
    private static final int ERROR_BYTES_SHOWN = 400;
    /** The first looks are close together, since a program may take no longer; later ones cost nothing that counts. */
    private static final int LOOK_MS_MIN = 2;
    private static final int LOOK_MS_MAX = 100;

    private final Path folder;
    private final long seconds_max;

    /**
     * One process, from its start to its end.
     *
     * @param status exit status
     * @param output what it printed on its standard output
     * @param errors the end of what it printed on its standard error
     * @param began_us when it was started, in microseconds since 1970
     * @param peakBytes the most host memory that it had in use at once, without its children; 0 where the host does not tell
     */
    record Measured(int status, byte[] output, String errors, long began_us, double seconds, long peakBytes) {

        boolean same(Measured other) {
            return status == other.status && Arrays.equals(output, other.output);
        }
    }

    /** Keeps its files in a folder, and ends what takes longer than so many seconds. */
    HostMeter(Path folder, long seconds_max) {
        this.folder = folder;
        this.seconds_max = seconds_max;
    }

    /**
     * Runs one.
     *
     * @param clean whether {@code environment} is all it sees of an environment
     * @throws BenchException when it cannot be started, or does not end
     */
    Measured run(List<String> command, Path cwd, Map<String, String> environment, boolean clean)
            throws BenchException {
        Path output = folder.resolve("output");
        Path errors = folder.resolve("errors");
        ProcessBuilder builder = new ProcessBuilder(command).directory(cwd.toFile())
                .redirectInput(new File("/dev/null")).redirectOutput(output.toFile())
                .redirectError(errors.toFile());
        if (clean) {
            builder.environment().clear();
        }
        builder.environment().putAll(environment);
        try {
            long began_us = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
            long start_ns = System.nanoTime();
            Process process = builder.start();
            long[] peak = {0};
            Thread watcher = Thread.ofPlatform().daemon().name("bench-meter").start(() -> watch(process, peak));
            if (!process.waitFor(seconds_max, TimeUnit.SECONDS)) {
                kill(process);
                throw new BenchException(command.getFirst() + " was ended after " + seconds_max + " s: " + command);
            }
            double seconds = (System.nanoTime() - start_ns) / 1e9;
            watcher.join();
            return new Measured(process.exitValue(), head(output), tail(errors), began_us, seconds, peak[0]);
        } catch (IOException e) {
            throw new BenchException(command.getFirst() + " cannot be run: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted", e);
        }
    }

    private static void kill(Process process) throws InterruptedException {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
    }

    private static byte[] head(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return in.readNBytes(OUTPUT_BYTES_MAX);
        }
    }

    private static String tail(Path file) throws IOException {
        String text = new String(head(file), StandardCharsets.UTF_8).strip();
        return text.substring(Math.max(0, text.length() - ERROR_BYTES_SHOWN));
    }

    /** The kernel keeps the mark of the most, so looking now and then is enough; what comes after the last look is missed. */
    private static void watch(Process process, long[] peak) {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        int wait_ms = LOOK_MS_MIN;
        try {
            while (process.isAlive()) {
                peak[0] = Math.max(peak[0], peakOf(status));
                if (process.waitFor(wait_ms, TimeUnit.MILLISECONDS)) {
                    return;
                }
                wait_ms = Math.min(LOOK_MS_MAX, wait_ms + 2);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long peakOf(Path status) {
        try (var lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("VmHWM:")).findFirst()
                    .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10).orElse(0L);
        } catch (IOException | java.io.UncheckedIOException e) {
            // The process has ended, or the host has no /proc.
            return 0;
        }
    }
}
