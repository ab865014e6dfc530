package chronovisor.replay;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.device.TextScreen;
import chronovisor.device.VgaText;
import chronovisor.journal.EventJson;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalFlux;
import chronovisor.journal.JournalVerifier;
import chronovisor.journal.VmmEvent;
import chronovisor.memory.FramePool;
import chronovisor.vmm.GuestConfiguration.Paging;
import chronovisor.vmm.PlatformMap;
import chronovisor.vmm.RunResult;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A guest that brings its own kernel drives the machine's devices, as it does under QEMU; each run is recorded and replayed. */
final class BareMetalTest {

    @TempDir
    private Path folder;

    private record Ran(RunResult result, long ticks, String printed, Path journal, String digest, TextScreen screen) {}

    private Ran run(Paging paging, int cores, String engine, CheckpointPlan checkpoints) {
        Path journal = folder.resolve(engine + paging + cores + checkpoints.hashCode());
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (FramePool pool = new FramePool(512 << 20);
                Recording recording = Recording.start(journal, MetalGuest.setup(paging, cores, engine),
                        new KittenParts(), Fidelity.STEPS, MetalGuest.inputs(),
                        (stream, bytes, tick) -> printed.writeBytes(bytes), new TreeMap<>(), checkpoints, pool)) {
            RunResult result = recording.run();
            VgaText.State screen = (VgaText.State) recording.session().vm().captureDevices().get("screen");
            return new Ran(result, recording.session().vm().tick(), printed.toString(StandardCharsets.US_ASCII),
                    journal, recording.digest(),
                    Objects.requireNonNull(VgaText.screen(Objects.requireNonNull(screen))));
        }
    }

    private static List<GuestEvent> events(Path journal) {
        return JournalFlux.events(journal).flatMapIterable(batch -> batch).toStream().toList();
    }

    @ParameterizedTest
    @CsvSource({"interpreter, NESTED, 4", "jit, NESTED, 2", "jit, SHADOW, 4", "interpreter, SHADOW, 1",
        "interpreter, NESTED, 16"})
    void itFindsAndDrivesItsDevicesAndReplays(String engine, Paging paging, int cores) {
        Ran ran = run(paging, cores, engine, CheckpointPlan.every(200_000));
        assertThat(ran.printed()).isEqualTo(MetalGuest.expected(cores));
        assertThat(ran.result()).isEqualTo(new RunResult(RunResult.Kind.SHUTDOWN, 0,
                "every core has halted with interrupts disabled"));
        assertThat(ran.screen().text()).isEqualTo("""
                  B!Guest of its own kernel
                  writes to the screen, and scrolls it.
                """);
        assertThat(ran.screen().cursor()).isEqualTo(82);
        assertThat(JournalVerifier.verify(ran.journal()).problems()).isEmpty();
        ReplayResult replayed = Replay.of(ran.journal(), new KittenParts()).run();
        assertThat(replayed.divergence()).isNull();
        assertThat(replayed.digest()).isEqualTo(ran.digest());
    }

    @Test
    void neitherTheEngineNorCheckpointsMakeADifference() {
        Ran interpreted = run(Paging.NESTED, 3, "interpreter", CheckpointPlan.NONE);
        List<String> events = events(interpreted.journal()).stream().map(EventJson::text).toList();
        for (String engine : List.of("jit", "lockstep", "interpreter")) {
            Ran other = run(Paging.NESTED, 3, engine, CheckpointPlan.every(50_000));
            assertThat(other.ticks()).isEqualTo(interpreted.ticks());
            assertThat(other.digest()).isEqualTo(interpreted.digest());
            assertThat(events(other.journal()).stream().map(EventJson::text)).containsExactlyElementsOf(events);
        }
    }

    @Test
    void accessesOfDeviceMemoryAreExitsThatTellTheDevice() {
        Ran ran = run(Paging.SHADOW, 2, "jit", CheckpointPlan.NONE);
        Set<String> read = events(ran.journal()).stream()
                .flatMap(event -> event instanceof VmmEvent.DeviceMemoryRead e ? java.util.stream.Stream.of(e) : null)
                .map(event -> PlatformMap.deviceAtAddress(event.address())).collect(Collectors.toSet());
        Set<String> written = events(ran.journal()).stream()
                .flatMap(event -> event instanceof VmmEvent.DeviceMemoryWritten e
                        ? java.util.stream.Stream.of(e)
                        : null)
                .map(event -> PlatformMap.deviceAtAddress(event.address())).collect(Collectors.toSet());
        assertThat(read).containsExactlyInAnyOrder("lapic", "ioapic", "screen");
        assertThat(written).isEqualTo(read);
    }

    @ParameterizedTest
    @CsvSource({"NESTED, 10", "SHADOW, 35", "NESTED, 60", "NESTED, 85"})
    void savedAtAnyTimeItGoesOnAsIfNothingHadHappened(Paging paging, int percent) {
        Ran whole = run(paging, 4, "interpreter", CheckpointPlan.NONE);
        MachineSetup setup = MetalGuest.setup(paging, 4, "interpreter");
        KittenParts parts = new KittenParts();
        try (FramePool pool = new FramePool(512 << 20);
                Session session = Session.live(setup, parts, MetalGuest.inputs(), OutputListener.NONE, pool)) {
            session.run(whole.ticks() * percent / 100);
            try (SavedMachine saved = SavedMachine.of(session, "part")) {
                saved.write(folder.resolve("part"));
            }
            try (SavedMachine loaded = SavedMachine.read(folder.resolve("part"), parts, pool);
                    Session other = Session.live(setup, parts, MetalGuest.inputs(), OutputListener.NONE, pool)) {
                loaded.into(other);
                other.run();
                assertThat(java.util.HexFormat.of().formatHex(other.vm().digest())).isEqualTo(whole.digest());
            }
        }
    }
}
