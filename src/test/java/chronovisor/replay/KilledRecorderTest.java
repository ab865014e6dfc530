package chronovisor.replay;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.environment.Input;
import chronovisor.environment.SeededEnvironment;
import chronovisor.journal.JournalVerifier;
import chronovisor.journal.Verification;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL at any moment leaves a journal whose sound prefix verifies and replays. */
final class KilledRecorderTest {

    private static final int KILLS = 20;
    /** Side by side, as starting a JVM is most of the time. */
    private static final int AT_ONCE = 4;
    private static final int RUN_MS_MAX = 300;
    /** The setup and some batches of steps: each is about 20 KB. */
    private static final long KEPT_BYTES = 150_000;

    @TempDir
    Path temporary;

    /** The recorder that is killed: a guest that computes for minutes, recorded into the given folder. */
    public static void main(String[] arguments) {
        SeededEnvironment environment = new SeededEnvironment(0, 1, List.of(new SeededEnvironment.Step(
                new SeededEnvironment.Condition.Now(), new Input.StreamEnd("com2"))));
        try (Recording recording = Recording.start(Path.of(arguments[0]), KittenParts.guest("checksum", "2000000000"),
                new KittenParts(), Fidelity.STEPS, environment, OutputListener.NONE)) {
            System.out.println("recording");
            long tick = 0;
            // The journal is written beside the guest, so how far the guest is says little of what is kept.
            while (recording.journalBytes() < KEPT_BYTES) {
                tick += 1_000_000;
                recording.session().run(tick);
            }
            System.out.println("running");
            recording.run();
        }
    }

    @Test
    void theSoundPrefixOfAKilledRecorderVerifiesAndReplays() throws IOException, InterruptedException {
        Random random = new Random();
        long ticks = 0;
        for (int kill = 0; kill < KILLS; kill += AT_ONCE) {
            List<Process> recorders = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                recorders.add(recorder(temporary.resolve("journal" + (kill + i))));
            }
            for (int i = 0; i < AT_ONCE; i++) {
                // One of them at any moment from the start, the others when there is something to lose.
                kill(recorders.get(i), i == 0 ? "recording" : "running", random.nextInt(RUN_MS_MAX));
            }
            for (int i = 0; i < AT_ONCE; i++) {
                ticks += check(temporary.resolve("journal" + (kill + i)));
            }
        }
        assertThat(ticks).as("ticks replayed in all").isGreaterThan(10_000_000);
    }

    private static void kill(Process recorder, String when, int after_ms) throws IOException, InterruptedException {
        try (var output = recorder.inputReader()) {
            String line = output.readLine();
            while (!when.equals(line)) {
                assertThat(line).as("a line of the recorder").isNotNull();
                line = output.readLine();
            }
            Thread.sleep(after_ms);
            recorder.destroyForcibly().waitFor();
        }
    }

    private static long check(Path folder) {
        Verification verification = JournalVerifier.verify(folder);
        assertThat(verification.problems()).isEmpty();
        assertThat(verification.sealed()).isFalse();
        ReplayResult result = Replay.of(folder, new KittenParts()).run();
        assertThat(result.divergence()).isNull();
        assertThat(result.damage()).isNull();
        assertThat(result.complete()).isFalse();
        assertThat(result.ticks()).isEqualTo(verification.last().tick());
        return result.ticks();
    }

    private static Process recorder(Path folder) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("--") || option.startsWith("-Dchronicle")).forEach(command::add);
        command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"),
                KilledRecorderTest.class.getName(), folder.toString()));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }
}
