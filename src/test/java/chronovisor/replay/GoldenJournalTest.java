package chronovisor.replay;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.environment.Input;
import chronovisor.environment.SeededEnvironment;
import chronovisor.environment.SeededEnvironment.Condition;
import chronovisor.environment.SeededEnvironment.Step;
import chronovisor.journal.EventJson;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalFlux;
import chronovisor.journal.JournalReader;
import chronovisor.journal.JournalVerifier;
import chronovisor.journal.Verification;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * A journal that was recorded once and is kept: what reads journals must go on reading it. It is not replayed here, as the
 * machine may change where a journal's format does not. When the format changes, its version goes up, this journal stays
 * and a new one comes beside it.
 */
final class GoldenJournalTest {

    private static final Path FOLDER = Path.of("journals/golden");
    private static final long TICKS = 4985;
    private static final int EVENTS = 196;

    /** Makes the journal again, into the given folder. */
    public static void main(String[] arguments) {
        List<Step> script = new ArrayList<>();
        script.add(new Step(new Condition.Now(),
                new Input.StreamBytes("com2", "golden\nquit\n".getBytes(StandardCharsets.UTF_8))));
        script.add(new Step(new Condition.Now(), new Input.StreamEnd("com2")));
        try (Recording recording = Recording.start(Path.of(arguments[0]), KittenParts.guest("echo"), new KittenParts(),
                Fidelity.STEPS, new SeededEnvironment(1_700_000_000_000_000_000L, 1, script), OutputListener.NONE)) {
            recording.run();
        }
    }

    @Test
    void itStillVerifies() {
        Verification verification = JournalVerifier.verify(FOLDER);
        assertThat(verification.problems()).isEmpty();
        assertThat(verification.notes()).isEmpty();
        assertThat(verification.sealed()).isTrue();
        assertThat(verification.ticks()).isEqualTo(TICKS);
        assertThat(verification.events()).isEqualTo(EVENTS);
        assertThat(verification.bytes()).isLessThan(100_000);
        assertThat(verification.digest()).isEqualTo("48ca3904d0fe085257e7eb08e52fe02a11596add0cf5c9ab5d50ced33f9591da");
    }

    @Test
    void itsEventsAreStillRead() {
        List<GuestEvent> events = Objects
                .requireNonNull(JournalFlux.events(FOLDER).flatMapIterable(batch -> batch).collectList().block());
        assertThat(events).hasSize(EVENTS);
        assertThat(events.stream().map(EventJson::text)).anyMatch(line -> line.contains("ConsoleWritten"))
                .anyMatch(line -> line.contains("StreamBytesReceived stream=\"com2\" bytes=\"golden\\nquit\\n\""))
                .anyMatch(line -> line.contains("TaskExited"));
    }

    @Test
    void itsSetupIsStillRead() {
        try (JournalReader reader = JournalReader.open(FOLDER)) {
            assertThat(Objects.requireNonNull(reader.next()).header().property("fidelity")).isEqualTo("steps");
            MachineSetup setup = MachineSetup.of(Objects.requireNonNull(reader.next()).checkpoint());
            assertThat(setup.kernel().argv()).containsExactly("echo");
            assertThat(setup.files()).hasSize(1);
            assertThat(setup.configuration().memoryBytes()).isEqualTo(64L << 20);
            assertThat(setup.configuration().cpu().name()).isEqualTo("X86_64");
        }
    }

    @Test
    void itsStepsAreStillRead() {
        assertThat(StepQuery.of(FOLDER).forEach((tick, core, space, rip, bytes, instruction) -> assertThat(bytes)
                .hasSize(instruction.length()))).isEqualTo(TICKS);
    }
}
