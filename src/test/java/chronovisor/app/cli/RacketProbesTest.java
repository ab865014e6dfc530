package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.environment.Environment;
import chronovisor.environment.SeededEnvironment;
import chronovisor.journal.EventJson;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalFlux;
import chronovisor.journal.JournalWriter;
import chronovisor.journal.RacketEvent;
import chronovisor.kitten.elf.ElfSections;
import chronovisor.replay.CheckpointPlan;
import chronovisor.replay.Fidelity;
import chronovisor.replay.GuestRuns;
import chronovisor.replay.KittenParts;
import chronovisor.replay.MachineSetup;
import chronovisor.replay.OutputListener;
import chronovisor.replay.Recording;
import chronovisor.replay.Session;
import chronovisor.timeline.Timeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Probes of the Racket runtime, on a program that has its symbols: see scenarios/guests/src/collector.c. */
final class RacketProbesTest {

    private static final long CHECKPOINT_TICKS = 300;

    @TempDir
    Path folder;

    private static Environment nothingTyped() {
        return new SeededEnvironment(0, 1, List.of());
    }

    private static MachineSetup collector(int cores, long chaos) {
        MachineSetup setup = KittenParts.guest("collector");
        var machine = setup.configuration().withCores(cores);
        return new MachineSetup(chaos < 0 ? machine : machine.withChaos(chaos), "", "", setup.kernel(), setup.files(),
                setup.engine());
    }

    private static List<GuestEvent> racketEvents(Path journal) {
        return Objects.requireNonNull(JournalFlux.events(journal).flatMapIterable(batch -> batch)
                .filter(event -> event instanceof RacketEvent).collectList().block());
    }

    /** With probes and without: the same instructions, the same machine in the end. */
    @ParameterizedTest
    @ValueSource(longs = {-1, 3, 4})
    void probesChangeNothingAndAreReplayed(long chaos) {
        MachineSetup setup = collector(2, chaos);
        GuestRuns.Outcome watched = GuestRuns.check(folder.resolve("watched"), setup, new Assembly(),
                RacketProbesTest::nothingTyped);
        try (Session plain = Session.live(setup, new KittenParts(), nothingTyped(), OutputListener.NONE)) {
            plain.run();
            assertThat(HexFormat.of().formatHex(plain.vm().digest())).isEqualTo(watched.journal().digest());
            assertThat(plain.vm().tick()).isEqualTo(watched.journal().ticks());
        }
        assertThat(racketEvents(folder.resolve("watched"))).hasSize(33);
    }

    /** A replay that begins at a checkpoint, which may lie between a stop and its instruction, tells the same events. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void aReplayFromItsMiddleTellsTheSame(int cores) {
        Path journal = folder.resolve("checkpoints");
        String digest;
        try (Recording recording = Recording.start(journal, collector(cores, 3), new Assembly(), Fidelity.STEPS,
                nothingTyped(), OutputListener.NONE, new TreeMap<>(), JournalWriter.Limits.DEFAULT, null,
                CheckpointPlan.every(CHECKPOINT_TICKS))) {
            recording.run();
            digest = recording.digest();
        }
        for (GuestEvent event : racketEvents(journal)) {
            try (Timeline timeline = Timeline.open(journal, new Assembly())) {
                timeline.seek(event.at());
                timeline.step(1);
                timeline.reverseStep(1);
                timeline.seek(timeline.last());
                assertThat(HexFormat.of().formatHex(timeline.digest())).isEqualTo(digest);
            }
        }
    }

    @Test
    void collectionsAreToldWithSizesAndWhereTheyStarted() {
        GuestRuns.check(folder.resolve("gc"), collector(1, -1), new Assembly(), RacketProbesTest::nothingTyped);
        List<GuestEvent> events = racketEvents(folder.resolve("gc"));
        List<RacketEvent.GcStarted> starts = events.stream()
                .filter(RacketEvent.GcStarted.class::isInstance).map(RacketEvent.GcStarted.class::cast).toList();
        List<RacketEvent.GcEnded> ends = events.stream().filter(RacketEvent.GcEnded.class::isInstance)
                .map(RacketEvent.GcEnded.class::cast).toList();
        assertThat(ends).extracting(RacketEvent.GcEnded::generation).containsExactly("minor", "major", "master");
        assertThat(ends).extracting(RacketEvent.GcEnded::administrativeAfter_bytes).containsExactly(7000L, 7001L,
                7002L);
        assertThat(ends).extracting(RacketEvent.GcEnded::cause)
                .isEqualTo(starts.stream().map(RacketEvent.GcStarted::at).toList());
    }

    @Test
    void messagesNameWhereTheyWereSent() {
        GuestRuns.check(folder.resolve("places"), collector(1, -1), new Assembly(), RacketProbesTest::nothingTyped);
        List<GuestEvent> events = racketEvents(folder.resolve("places"));
        List<GuestEvent> sent = events.stream().filter(RacketEvent.PlaceMessageSent.class::isInstance).toList();
        List<GuestEvent> received = events.stream().filter(RacketEvent.PlaceMessageReceived.class::isInstance)
                .toList();
        assertThat(received).extracting(GuestEvent::cause)
                .containsExactlyElementsOf(sent.stream().map(GuestEvent::at).toList());
        assertThat(events.stream().map(EventJson::text)).anyMatch(line -> line.contains("FutureTouched"))
                .anyMatch(line -> line.contains("what=\"start-work\""));
    }

    @Test
    void hostileSymbolTablesGiveNoSymbols() throws IOException {
        byte[] elf = Files.readAllBytes(Path.of("scenarios/guests/bin/collector"));
        assertThat(symbols(elf)).containsKeys("inform_GC", "touch");
        Random random = new Random(1);
        for (int i = 0; i < 500; i++) {
            byte[] spoilt = Arrays.copyOf(elf, i % 3 == 0 ? random.nextInt(elf.length) : elf.length);
            int table = elf.length - 64 * 16;
            for (int k = 0; k < 8; k++) {
                int at = k % 2 == 0 ? 40 + random.nextInt(24) : table + random.nextInt(64 * 16);
                if (at < spoilt.length) {
                    spoilt[at] = (byte) random.nextInt();
                }
            }
            assertThat(symbols(spoilt).size()).isLessThanOrEqualTo(2);
        }
    }

    private static java.util.SortedMap<String, Long> symbols(byte[] elf) {
        TreeMap<String, Long> found = new TreeMap<>();
        for (ElfSections.Symbol symbol : ElfSections.of(elf).symbols()) {
            if (Set.of("inform_GC", "touch").contains(symbol.name())) {
                found.putIfAbsent(symbol.name(), symbol.address());
            }
        }
        return found;
    }
}
