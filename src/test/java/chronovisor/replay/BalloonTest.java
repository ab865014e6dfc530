package chronovisor.replay;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.device.Balloon;
import chronovisor.environment.OperatedEnvironment;
import chronovisor.environment.SeededEnvironment;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.VmmEvent;
import chronovisor.memory.FramePool;
import chronovisor.memory.FrameState;
import chronovisor.memory.GuestMemory;
import chronovisor.vmm.Hypercalls;
import chronovisor.vmm.RunResult;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The paper's ballooning: frames go to the host and come back, and the guest's programs notice nothing. */
final class BalloonTest {

    private static final long FRAMES_A_MB = 256;

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final OperatedEnvironment door = new OperatedEnvironment(new SeededEnvironment(0, 1, List.of()));

    private static MachineSetup tides(int memory_mb, String... arguments) {
        MachineSetup setup = KittenParts.guest("tides", arguments);
        return setup.with(setup.kernel(), setup.configuration().withMemory(memory_mb).withBalloon());
    }

    private void print(String stream, byte[] bytes, long tick) {
        if (stream.equals("com2")) {
            printed.writeBytes(bytes);
        }
    }

    private static Balloon.State balloon(Session session) {
        return Objects.requireNonNull(session.vm().balloon());
    }

    private static long resident(GuestMemory memory) {
        long[] count = {0};
        memory.forEachFrame((gfn, host) -> count[0] += host == memory.pool().zeroFrame() ? 0 : 1);
        return count[0];
    }

    @Test
    void framesThatNobodyNeedsGoToTheHost() {
        try (Session session = Session.live(tides(64, "16", "2"), new KittenParts(), door, this::print)) {
            // The first tide has come and gone: its frames are the guest's, free, and still the host's expense.
            session.run(200_000);
            long before = resident(session.vm().memory());
            assertThat(before).isGreaterThan(16 * FRAMES_A_MB);
            door.command("balloon " + 12 * FRAMES_A_MB);
            session.run(400_000);
            assertThat(balloon(session).allocated_frames()).isEqualTo(12 * FRAMES_A_MB);
            assertThat(resident(session.vm().memory())).isLessThanOrEqualTo(before - 12 * FRAMES_A_MB);
            assertThat(session.run().status()).isZero();
        }
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("tide 2: 16 MB, every page holds");
    }

    @Test
    void aGuestThatNeedsMoreTakesFramesBack() {
        try (Session session = Session.live(tides(64, "40", "2"), new KittenParts(), door, this::print)) {
            session.run(400_000);
            door.command("balloon " + 60 * FRAMES_A_MB);
            session.run(500_000);
            assertThat(balloon(session).allocated_frames()).isGreaterThan(40 * FRAMES_A_MB);
            long atMost = balloon(session).allocated_frames();
            assertThat(session.run().status()).isZero();
            assertThat(balloon(session).allocated_frames()).isLessThan(atMost - 20 * FRAMES_A_MB);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("tide 2: 40 MB, every page holds");
    }

    @Test
    void aSmallerBalloonGivesFramesBackAtOnce() {
        try (Session session = Session.live(tides(64, "4", "2"), new KittenParts(), door, this::print)) {
            session.run(150_000);
            door.command("balloon 5000");
            session.run(300_000);
            assertThat(balloon(session)).extracting(Balloon.State::requested_frames, Balloon.State::allocated_frames)
                    .containsExactly(5000L, 5000L);
            door.command("balloon 100");
            session.run(500_000);
            assertThat(balloon(session).allocated_frames()).isEqualTo(100);
            assertThat(balloon(session).answers()).isEqualTo(2);
        }
    }

    @Test
    void touchingABalloonedPageIsSurvived() {
        try (Session session = Session.live(tides(64, "4", "2"), new KittenParts(), door, this::print)) {
            List<GuestEvent> events = new ArrayList<>();
            session.run(150_000);
            door.command("balloon 3000");
            session.run(300_000);
            session.listen(events::add);
            GuestMemory memory = session.vm().memory();
            long gfn = 0;
            while (memory.state(gfn) != FrameState.BALLOONED) {
                gfn++;
            }
            memory.write64(gfn << 12, 0x1234);
            assertThat(memory.read64(gfn << 12)).isEqualTo(0x1234);
            assertThat(memory.state(gfn)).isEqualTo(FrameState.PRIVATE);
            assertThat(events).anyMatch(event -> event instanceof VmmEvent.NestedPageFaulted fault && fault.write());
            assertThat(balloon(session).allocated_frames()).isEqualTo(2999);
            assertThat(session.run().status()).isZero();
        }
    }

    @Test
    void aBalloonedMachineReplaysAndIsSavedAndLoaded() {
        MachineSetup setup = tides(64, "8", "2");
        KittenParts parts = new KittenParts();
        Path journal = folder.resolve("journal");
        String digest;
        try (Recording recording = Recording.start(journal, setup, parts, Fidelity.STEPS, door, this::print)) {
            recording.session().run(150_000);
            door.command("balloon 4000");
            recording.session().run(300_000);
            try (SavedMachine saved = SavedMachine.of(recording.session(), "journal")) {
                saved.write(folder.resolve("saved"));
                try (FramePool pool = new FramePool(256 << 20);
                        SavedMachine loaded = SavedMachine.read(folder.resolve("saved"), parts, pool)) {
                    assertThat(loaded.digest()).isEqualTo(saved.digest());
                    assertThat(loaded.memory().state(firstBallooned(recording.session().vm().memory())))
                            .isEqualTo(FrameState.BALLOONED);
                }
            }
            recording.run();
            digest = recording.digest();
        }
        ReplayResult replayed = Replay.of(journal, parts).run();
        assertThat(replayed.divergence()).isNull();
        assertThat(replayed.digest()).isEqualTo(digest);
    }

    private static long firstBallooned(GuestMemory memory) {
        long gfn = 0;
        while (memory.state(gfn) != FrameState.BALLOONED) {
            gfn++;
        }
        return gfn;
    }

    @Test
    void aCallThatMakesNoSenseIsRefused() {
        try (Session session = Session.live(tides(64, "4", "1"), new KittenParts(), door, this::print)) {
            session.run(1_000);
            assertThat(session.vm().core(0).hypercall(Hypercalls.BALLOON_GIVE, -1, 5)).isEqualTo(-1);
            assertThat(session.vm().core(0).hypercall(Hypercalls.BALLOON_GIVE, 1, Long.MAX_VALUE)).isEqualTo(-1);
            assertThat(session.vm().core(0).hypercall(0x1234, 0, 0)).isEqualTo(-1);
            assertThat(session.run().status()).isZero();
        }
        try (Session session = Session.live(KittenParts.guest("hello"), new KittenParts(), door, this::print)) {
            session.run(100);
            assertThat(session.vm().core(0).hypercall(Hypercalls.BALLOON_QUERY, 0, 0)).isEqualTo(-1);
        }
    }

    private static Overcommit.Report fleet(boolean balloons, int budget_mb) {
        try (Overcommit fleet = new Overcommit((long) budget_mb << 20, new KittenParts())) {
            for (int i = 0; i < 6; i++) {
                MachineSetup setup = balloons ? tides(48, "20", "2") : KittenParts.guest("tides", "20", "2");
                fleet.add("vm" + i, setup, new SeededEnvironment(0, i, List.of()), OutputListener.NONE);
            }
            return fleet.run(1_000_000);
        }
    }

    @Test
    void machinesThatAreLargerThanTheirHostEndWithBalloons() {
        Overcommit.Report report = fleet(true, 72);
        assertThat(report.machines()).allMatch(machine -> machine.result().kind() == RunResult.Kind.SHUTDOWN)
                .allMatch(machine -> machine.result().status() == 0)
                .anyMatch(machine -> machine.balloonMax_frames() > 0);
        assertThat(report.shortages()).isPositive();
        assertThat(report.reclaimed_frames()).isPositive();
        assertThat(report.framesMax()).isLessThanOrEqualTo(72 * FRAMES_A_MB);
        assertThat(fleet(true, 72)).isEqualTo(report);
    }

    @Test
    void andFailCleanlyWithout() {
        Overcommit.Report report = fleet(false, 72);
        assertThat(report.machines()).anyMatch(machine -> machine.result().kind() == RunResult.Kind.ERROR
                && machine.result().reason().contains("host memory"));
        assertThat(report.machines()).anyMatch(machine -> machine.result().kind() == RunResult.Kind.SHUTDOWN
                && machine.result().status() == 0);
    }
}
