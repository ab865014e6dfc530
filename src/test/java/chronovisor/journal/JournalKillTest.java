package chronovisor.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JournalKillTest {

    private static final int KILLS = 4;

    @TempDir
    Path temporary;

    @Test
    void aKilledRecorderLeavesASoundPrefix() throws IOException, InterruptedException {
        Random random = new Random();
        long events = 0;
        for (int kill = 0; kill < KILLS; kill += 2) {
            // Two at a time: starting a JVM is most of the time.
            Path one = temporary.resolve("journal" + kill);
            Path two = temporary.resolve("journal" + (kill + 1));
            Process first = recorder(one, kill);
            Process second = recorder(two, kill + 1);
            kill(first, random.nextInt(40));
            kill(second, random.nextInt(20));
            events += check(one) + check(two);
        }
        assertThat(events).isGreaterThan(1000);
    }

    private static long check(Path folder) throws IOException {
        Verification verification = JournalVerifier.verify(folder);
        assertThat(verification.problems()).isEmpty();
        assertThat(verification.sealed()).isFalse();
        assertThat(verification.notes()).anyMatch(note -> note.contains("sound prefix ends at"));
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        return verification.events();
    }

    private static void kill(Process recorder, int after_ms) throws IOException, InterruptedException {
        try (var output = recorder.inputReader()) {
            assertThat(output.readLine()).isEqualTo("recording");
            Thread.sleep(after_ms);
            recorder.destroyForcibly().waitFor();
        }
    }

    private static Process recorder(Path folder, int seed) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("--") || option.startsWith("-Dchronicle")).forEach(command::add);
        command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp",
                System.getProperty("java.class.path"), SyntheticRun.class.getName(), folder.toString(),
                Integer.toString(seed)));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }
}
