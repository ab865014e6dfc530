package chronovisor.replay;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.environment.Input;
import chronovisor.environment.SeededEnvironment;
import chronovisor.environment.SeededEnvironment.Condition;
import chronovisor.environment.SeededEnvironment.Step;
import chronovisor.kitten.KernelView;
import chronovisor.kitten.kernel.KernelState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The kernel's state, seen live and at the end of a replay. */
final class KernelStateTest {

    @TempDir
    Path temporary;

    private static SeededEnvironment waiting() {
        Step line = new Step(new Condition.Now(),
                new Input.StreamBytes("com2", "one\n".getBytes(StandardCharsets.ISO_8859_1)));
        return new SeededEnvironment(1_700_000_000_000_000_000L, 1, List.of(line));
    }

    /** The echo guest, which has read a line and waits for the next. */
    private static KernelState live() {
        try (Session session = Session.live(KittenParts.guest("echo"), new KittenParts(), waiting(),
                OutputListener.NONE)) {
            session.run();
            return (KernelState) Objects.requireNonNull(Objects.requireNonNull(session.vm().kernel()).state());
        }
    }

    @Test
    void theViewTellsWhoWaitsForWhat() {
        JsonNode view = KernelView.of(live());
        assertThat(view.at("/wait_queues/STREAM:1").isMissingNode()).isTrue();
        assertThat(view.at("/wait_queues/stream:1/0").asInt()).isEqualTo(2);
        assertThat(view.at("/tasks/2/run/kind").asString()).isEqualTo("Blocked");
        assertThat(view.at("/tasks/2/registers/rip").asString()).startsWith("0x40");
        assertThat(view.at("/processes/2/program").asString()).isEqualTo("/echo");
        assertThat(view.at("/terminals/0/termios/local").asString()).startsWith("0x");
        assertThat(view.at("/streams/1/ended").asBoolean()).isFalse();
        assertThat(view.at("/spaces/1/regions").size()).isGreaterThan(3);
        assertThat(view.at("/tables/1/entries/0/file").asLong()).isPositive();
    }

    @Test
    void everyPartOfTheStateIsInTheView() {
        JsonNode view = KernelView.of(live());
        for (var component : KernelState.class.getRecordComponents()) {
            assertThat(view.has(component.getName())).as(component.getName()).isTrue();
        }
    }

    @Test
    void equalStatesGiveEqualText() {
        assertThat(KernelView.of(live()).toString()).isEqualTo(KernelView.of(live()).toString());
    }

    @Test
    void aReplayEndsInTheRecordedKernelState() {
        Path folder = temporary.resolve("journal");
        String recorded;
        try (Recording recording = Recording.start(folder, KittenParts.guest("echo"), new KittenParts(),
                Fidelity.STEPS, waiting(), OutputListener.NONE)) {
            recording.run();
            recorded = KernelView.of((KernelState) Objects
                    .requireNonNull(Objects.requireNonNull(recording.session().vm().kernel()).state())).toString();
        }
        List<String> replayed = new ArrayList<>();
        ReplayResult result = Replay.of(folder, new KittenParts())
                .withKernelState(state -> replayed.add(KernelView.of(state).toString())).run();
        assertThat(result.identical()).isTrue();
        assertThat(replayed).containsExactly(recorded);
    }
}
