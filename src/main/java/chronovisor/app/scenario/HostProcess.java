package chronovisor.app.scenario;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One process of the host, without input, in the C locale, bounded in time and output.
 *
 * @param status its exit status
 * @param output what it printed, at most {@link #OUTPUT_MAX} bytes
 */
record HostProcess(int status, byte[] output) {

    static final int OUTPUT_MAX = 16 << 20;

    /** Not found, as a shell says it. */
    static final int NOT_FOUND = 127;

    /**
     * Runs a command to its end. Its errors are part of the output when asked for, and dropped otherwise.
     *
     * @throws UnavailableException when it cannot be started
     * @throws ScenarioException when it takes or prints too much
     */
    static HostProcess run(Path folder, Duration limit, boolean withErrors, List<String> command)
            throws ScenarioException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().put("LC_ALL", "C");
        builder.environment().put("TZ", "UTC");
        builder.redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
        if (withErrors) {
            builder.redirectErrorStream(true);
        } else {
            builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        }
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UnavailableException(command.getFirst() + " cannot be run on this machine", e);
        }
        AtomicBoolean tooLong = new AtomicBoolean();
        CompletableFuture.delayedExecutor(limit.toMillis(), TimeUnit.MILLISECONDS).execute(() -> {
            if (process.isAlive()) {
                tooLong.set(true);
                kill(process);
            }
        });
        try (InputStream stream = process.getInputStream()) {
            byte[] output = stream.readNBytes(OUTPUT_MAX + 1);
            if (output.length > OUTPUT_MAX) {
                kill(process);
                throw new ScenarioException(command + " prints more than " + OUTPUT_MAX + " bytes");
            }
            int status = process.waitFor();
            if (tooLong.get()) {
                throw new ScenarioException(command + " took longer than " + limit.toSeconds() + " s");
            }
            return new HostProcess(status, output);
        } catch (IOException e) {
            kill(process);
            throw new ScenarioException(command + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            kill(process);
            Thread.currentThread().interrupt();
            throw new ScenarioException(command + " was interrupted", e);
        }
    }

    /** Ends a process and what it started, or does nothing when it has ended. */
    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
