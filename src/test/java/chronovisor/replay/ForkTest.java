package chronovisor.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chronovisor.environment.Input;
import chronovisor.environment.SeededEnvironment;
import chronovisor.environment.SeededEnvironment.Condition.Now;
import chronovisor.environment.SeededEnvironment.Step;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalFlux;
import chronovisor.journal.JournalHeader;
import chronovisor.journal.JournalMap;
import chronovisor.journal.JournalVerifier;
import chronovisor.journal.Position;
import chronovisor.kitten.KittenOptions;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Forks: nothing changed they do what their parent did; changed they have a future of their own; all stand alone. */
final class ForkTest {

    @TempDir
    Path temporary;

    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();

    private String record(Path folder, MachineSetup setup, String input) {
        List<Step> script = new ArrayList<>();
        if (!input.isEmpty()) {
            script.add(new Step(new Now(),
                    new Input.StreamBytes("com2", input.getBytes(StandardCharsets.ISO_8859_1))));
        }
        script.add(new Step(new Now(), new Input.StreamEnd("com2")));
        try (Recording recording = Recording.start(folder, setup, new KittenParts(), Fidelity.STEPS,
                new SeededEnvironment(1_700_000_000_000_000_000L, 1, script), OutputListener.NONE)) {
            recording.run();
            return recording.digest();
        }
    }

    private String fork(Path parent, Position at, Path folder, Fork.Changes changes) {
        try (ReplaySession session = ReplaySession.open(parent, new KittenParts(), null, 0)) {
            session.runTo(at);
            try (Recording fork = Fork.start(session, changes, folder, new KittenParts(),
                    (stream, bytes, tick) -> shown.writeBytes(bytes), new TreeMap<>(), CheckpointPlan.every(5000))) {
                fork.run();
                return fork.digest();
            }
        }
    }

    private void standsAlone(Path folder, String digest) {
        assertThat(JournalVerifier.verify(folder).problems()).isEmpty();
        ReplayResult replay = Replay.of(folder, new KittenParts()).run();
        assertThat(replay.divergence()).isNull();
        assertThat(replay.digest()).isEqualTo(digest);
    }

    private static List<GuestEvent> events(Path folder, Position from) {
        return JournalFlux.events(folder).flatMapIterable(batch -> batch)
                .filter(event -> event.at().compareTo(from) >= 0).collectList().blockOptional().orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"echo, '', 'first|second line|quit|'", "timers, '', ''", "ipc, '', ''", "sockets, '', ''",
        "checksum, 20000, ''"})
    void withNothingChangedItDoesWhatItsParentDid(String guest, String argument, String input) {
        MachineSetup setup = argument.isEmpty() ? KittenParts.guest(guest) : KittenParts.guest(guest, argument);
        Path parent = temporary.resolve("parent");
        String digest = record(parent, setup, input.replace('|', '\n'));
        long ticks = JournalMap.of(parent, false).last().tick();
        Path previous = parent;
        // Each is a fork of the one before: a fork of a fork works.
        for (int part = 0; part < 4; part++) {
            Path folder = temporary.resolve("fork" + part);
            Position at = new Position(ticks * part / 4 + part, part);
            assertThat(fork(previous, at, folder, Fork.Changes.none(setup))).as("fork at %s", at).isEqualTo(digest);
            standsAlone(folder, digest);
            JournalHeader header = header(folder);
            JournalHeader.Parent link = Objects.requireNonNull(header.parent());
            assertThat(link.journal()).isEqualTo(String.valueOf(previous.getFileName()));
            assertThat(link.at()).isGreaterThanOrEqualTo(at);
            assertThat(events(folder, Position.START)).isEqualTo(events(parent, link.at()));
            long[] next = {link.at().tick()};
            StepQuery.of(folder).forEach((tick, core, space, rip, bytes, instruction) -> assertThat(tick)
                    .isEqualTo(next[0]++));
            assertThat(next[0]).isEqualTo(ticks);
            previous = folder;
        }
    }

    private static JournalHeader header(Path folder) {
        JournalMap map = JournalMap.of(folder, false);
        return map.read(map.entries().getFirst()).header();
    }

    @Test
    void whatIsTypedAtItChangesItsFuture() {
        Path parent = temporary.resolve("parent");
        MachineSetup setup = KittenParts.guest("echo");
        String digest = record(parent, setup, "one\nquit\n");
        Path folder = temporary.resolve("fork");
        String other = fork(parent, new Position(0, 0), folder, new Fork.Changes(setup, null,
                List.of(new Input.StreamBytes("com2", "typed\n".getBytes(StandardCharsets.ISO_8859_1))), Map.of()));
        assertThat(other).isNotEqualTo(digest);
        assertThat(shown.toString(StandardCharsets.ISO_8859_1)).contains("1: typed\n2: one\n3: quit\n");
        standsAlone(folder, other);
    }

    @Test
    void anotherSwitchOfTheKernelChangesItsFuture() {
        Path parent = temporary.resolve("parent");
        MachineSetup setup = KittenParts.guest("timers");
        String digest = record(parent, setup, "");
        KittenOptions options = setup.kernel().withPatch("time", false);
        Path folder = temporary.resolve("fork");
        String other = fork(parent, new Position(0, 0), folder,
                Fork.Changes.none(setup.with(options, setup.configuration())));
        assertThat(other).isNotEqualTo(digest);
        standsAlone(folder, other);
    }

    @Test
    void twoForksWithTheSameSeedAreTheSame() {
        Path parent = temporary.resolve("parent");
        MachineSetup setup = KittenParts.guest("files");
        record(parent, setup, "");
        Fork.Changes seeded = new Fork.Changes(setup, 42L, List.of(), Map.of());
        String one = fork(parent, new Position(1000, 0), temporary.resolve("one"), seeded);
        String two = fork(parent, new Position(1000, 0), temporary.resolve("two"), seeded);
        assertThat(one).isEqualTo(two);
    }

    @Test
    void whatCannotBeForkedIsRefused() {
        Path parent = temporary.resolve("parent");
        MachineSetup setup = KittenParts.guest("hello");
        record(parent, setup, "");
        try (ReplaySession session = ReplaySession.open(parent, new KittenParts(), null, 0)) {
            MachineSetup larger = setup.with(setup.kernel(), setup.configuration().withMemory(128));
            assertThatThrownBy(() -> Fork.start(session, Fork.Changes.none(larger), temporary.resolve("x"),
                    new KittenParts(), OutputListener.NONE, new TreeMap<>(), CheckpointPlan.DEFAULT))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("memory");
            session.runTo(session.map().last());
            assertThatThrownBy(() -> Fork.start(session, Fork.Changes.none(setup), temporary.resolve("x"),
                    new KittenParts(), OutputListener.NONE, new TreeMap<>(), CheckpointPlan.DEFAULT))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("over");
        }
    }
}
