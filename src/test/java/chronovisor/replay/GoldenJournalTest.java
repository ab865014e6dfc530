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
import chronovisor.journal.VmmEvent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A journal that was recorded once and is kept: what reads journals must go on reading it. It is not replayed here, as the
 * machine may change where a journal's format does not. When the format changes, its version goes up, this journal stays
 * and a new one comes beside it.
 */
final class GoldenJournalTest {

    /** One of each format that tells other things. */
    enum Kept {
        FORMAT_2("golden", 4985, 196, "48ca3904d0fe085257e7eb08e52fe02a11596add0cf5c9ab5d50ced33f9591da"), FORMAT_3(
                "golden-3", 4991, 192, "83640765b8f2fc79c61bff1b427d72337fab0da3bba2ac27b3f838e403d6ba85");

        private final Path folder;
        private final long ticks;
        private final int events;
        private final String digest;

        Kept(String name, long ticks, int events, String digest) {
            this.folder = Path.of("journals", name);
            this.ticks = ticks;
            this.events = events;
            this.digest = digest;
        }
    }

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

    @ParameterizedTest
    @EnumSource
    void itStillVerifies(Kept kept) {
        Verification verification = JournalVerifier.verify(kept.folder);
        assertThat(verification.problems()).isEmpty();
        assertThat(verification.notes()).isEmpty();
        assertThat(verification.sealed()).isTrue();
        assertThat(verification.ticks()).isEqualTo(kept.ticks);
        assertThat(verification.events()).isEqualTo(kept.events);
        assertThat(verification.bytes()).isLessThan(100_000);
        assertThat(verification.digest()).isEqualTo(kept.digest);
    }

    @ParameterizedTest
    @EnumSource
    void itsEventsAreStillRead(Kept kept) {
        List<GuestEvent> events = Objects
                .requireNonNull(JournalFlux.events(kept.folder).flatMapIterable(batch -> batch).collectList().block());
        assertThat(events).hasSize(kept.events);
        assertThat(events.stream().map(EventJson::text)).anyMatch(line -> line.contains("ConsoleWritten"))
                .anyMatch(line -> line.contains("StreamBytesReceived stream=\"com2\" bytes=\"golden\\nquit\\n\""))
                .anyMatch(line -> line.contains("TaskExited"));
    }

    @Test
    void exitsTellWhereTheyHappenedSinceFormat3() {
        assertThat(JournalFlux.events(Kept.FORMAT_2.folder).flatMapIterable(batch -> batch).toStream())
                .filteredOn(VmmEvent.Exit.class::isInstance).isNotEmpty()
                .allMatch(event -> ((VmmEvent.Exit) event).rip() == 0);
        assertThat(JournalFlux.events(Kept.FORMAT_3.folder).flatMapIterable(batch -> batch).toStream())
                .filteredOn(event -> event instanceof VmmEvent.Exit && event.at().tick() > 0).isNotEmpty()
                .allMatch(event -> ((VmmEvent.Exit) event).rip() > 0x400000);
    }

    @ParameterizedTest
    @EnumSource
    void itsSetupIsStillRead(Kept kept) {
        try (JournalReader reader = JournalReader.open(kept.folder)) {
            assertThat(Objects.requireNonNull(reader.next()).header().property("fidelity")).isEqualTo("steps");
            MachineSetup setup = MachineSetup.of(Objects.requireNonNull(reader.next()).checkpoint());
            assertThat(setup.kernel().argv()).containsExactly("echo");
            assertThat(setup.files()).hasSize(1);
            assertThat(setup.configuration().memoryBytes()).isEqualTo(64L << 20);
            assertThat(setup.configuration().cpu().name()).isEqualTo(kept == Kept.FORMAT_2 ? "X86_64" : "x86-64-v3");
        }
    }

    @ParameterizedTest
    @EnumSource
    void itsStepsAreStillRead(Kept kept) {
        assertThat(StepQuery.of(kept.folder).forEach((tick, core, space, rip, bytes, instruction) -> assertThat(bytes)
                .hasSize(instruction.length()))).isEqualTo(kept.ticks);
    }
}
