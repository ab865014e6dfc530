package chronovisor.replay;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.environment.SeededEnvironment;
import chronovisor.journal.EventJson;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalFlux;
import chronovisor.journal.VmmEvent;
import chronovisor.memory.FramePool;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.GuestConfiguration.Paging;
import chronovisor.vmm.RunResult;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Palacios's two ways to virtualize memory: the guest's programs do the same under both, and each run replays. */
final class ShadowPagingTest {

    @TempDir
    private Path folder;

    private record Ran(int status, long ticks, String printed, Path journal, String digest) {}

    private static MachineSetup setup(String guest, Paging paging, int cores, String engine) {
        MachineSetup setup = KittenParts.guest(guest);
        GuestConfiguration given = setup.configuration().withCores(cores).withPaging(paging);
        return setup.with(setup.kernel(), given).withEngine(engine);
    }

    private static SeededEnvironment inputs() {
        return new SeededEnvironment(0, 1, List.of());
    }

    private Ran run(String guest, Paging paging, int cores, String engine, CheckpointPlan checkpoints) {
        Path journal = folder.resolve(guest + paging + cores + engine + checkpoints.hashCode());
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (FramePool pool = new FramePool(1L << 30);
                Recording recording = Recording.start(journal, setup(guest, paging, cores, engine),
                        new KittenParts(), Fidelity.STEPS, inputs(), (stream, bytes, tick) -> {
                            if (stream.equals("com2")) {
                                printed.writeBytes(bytes);
                            }
                        }, new TreeMap<>(), checkpoints, pool)) {
            RunResult result = recording.run();
            return new Ran(result.status(), recording.session().vm().tick(), printed.toString(StandardCharsets.UTF_8),
                    journal,
                    recording.digest());
        }
    }

    private static List<GuestEvent> events(Path journal) {
        return JournalFlux.events(journal).flatMapIterable(batch -> batch).toStream().toList();
    }

    @ParameterizedTest
    @CsvSource({"hello,1", "files,1", "threads,2", "barrier,2", "rows-memory,1"})
    void aGuestDoesTheSameUnderBothAndReplays(String guest, int cores) {
        Ran nested = run(guest, Paging.NESTED, cores, "interpreter", CheckpointPlan.DEFAULT);
        Ran shadow = run(guest, Paging.SHADOW, cores, "interpreter", CheckpointPlan.DEFAULT);
        assertThat(shadow.status()).isEqualTo(nested.status());
        assertThat(shadow.printed()).isEqualTo(nested.printed());
        assertThat(shadow.ticks()).isEqualTo(nested.ticks());
        assertThat(events(nested.journal())).noneMatch(VmmEvent.ShadowPageFaulted.class::isInstance)
                .anyMatch(VmmEvent.NestedPageFaulted.class::isInstance);
        assertThat(events(shadow.journal())).anyMatch(VmmEvent.ShadowPageFaulted.class::isInstance)
                .noneMatch(VmmEvent.NestedPageFaulted.class::isInstance);
        ReplayResult replayed = Replay.of(shadow.journal(), new KittenParts()).run();
        assertThat(replayed.divergence()).isNull();
        assertThat(replayed.digest()).isEqualTo(shadow.digest());
    }

    @Test
    void shadowPageFaultsDoNotDependOnTheEngine() {
        Ran interpreted = run("rows-memory", Paging.SHADOW, 1, "interpreter", CheckpointPlan.DEFAULT);
        Ran translated = run("rows-memory", Paging.SHADOW, 1, "jit", CheckpointPlan.DEFAULT);
        assertThat(events(translated.journal()).stream().map(EventJson::text))
                .containsExactlyElementsOf(events(interpreted.journal()).stream().map(EventJson::text).toList());
        assertThat(translated.digest()).isEqualTo(interpreted.digest());
    }

    @Test
    void theShadowPageTableIsPartOfEveryCheckpoint() {
        Ran plain = run("barrier", Paging.SHADOW, 2, "interpreter", CheckpointPlan.NONE);
        MachineSetup setup = setup("barrier", Paging.SHADOW, 2, "interpreter");
        KittenParts parts = new KittenParts();
        try (FramePool pool = new FramePool(1L << 30);
                Session session = Session.live(setup, parts, inputs(), OutputListener.NONE, pool)) {
            session.run(plain.ticks() / 2);
            try (SavedMachine saved = SavedMachine.of(session, "half")) {
                saved.write(folder.resolve("half"));
            }
            try (SavedMachine loaded = SavedMachine.read(folder.resolve("half"), parts, pool);
                    Session other = Session.live(setup, parts, inputs(), OutputListener.NONE, pool)) {
                loaded.into(other);
                other.run();
                session.run();
                assertThat(other.vm().digest()).isEqualTo(session.vm().digest());
                assertThat(other.events()).isEqualTo(session.events());
            }
        }
    }
}
