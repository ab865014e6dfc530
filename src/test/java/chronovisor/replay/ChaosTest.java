package chronovisor.replay;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.environment.Environment;
import chronovisor.environment.SeededEnvironment;
import chronovisor.journal.EventTypes;
import chronovisor.journal.JournalFlux;
import chronovisor.journal.JournalReader;
import chronovisor.vmm.GuestConfiguration;
import chronovisor.vmm.MachineState;
import chronovisor.vmm.RunResult;
import chronovisor.vmm.Schedule;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A drawn schedule is part of the run: repeatable, replayable, restorable, and it shows races that an even one hides. */
final class ChaosTest {

    private static final int SEEDS = 12;

    @TempDir
    Path folder;

    private static Environment nothingTyped() {
        return new SeededEnvironment(0, 1, java.util.List.of());
    }

    private static MachineSetup race(int cores, long seed) {
        MachineSetup setup = KittenParts.guest("race");
        GuestConfiguration machine = setup.configuration().withCores(cores);
        return new MachineSetup(seed < 0 ? machine : machine.withChaos(seed), "", "", setup.kernel(), setup.files(),
                setup.engine());
    }

    private static Session session(MachineSetup setup) {
        return Session.live(setup, new KittenParts(), nothingTyped(), OutputListener.NONE);
    }

    private static String digest(Session session) {
        return HexFormat.of().formatHex(session.vm().digest());
    }

    @ParameterizedTest
    @CsvSource({"1, 3", "2, 1", "4, 9"})
    void aDrawnRunIsRecordedVerifiedReplayedAndRestored(int cores, long seed) {
        GuestRuns.check(folder.resolve("race"), race(cores, seed), new KittenParts(), ChaosTest::nothingTyped);
        try (JournalReader reader = JournalReader.open(folder.resolve("race"))) {
            Objects.requireNonNull(reader.next());
            assertThat(MachineSetup.of(Objects.requireNonNull(reader.next()).checkpoint()).configuration().schedule())
                    .isEqualTo(new Schedule.Chaos(Schedule.CHAOS_TICKS, seed));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void racesShowUnderSomeSeedsAndNotByRoundRobin(int cores) {
        try (Session even = session(race(cores, -1))) {
            assertThat(even.run().status()).isZero();
        }
        Set<String> ends = new HashSet<>();
        Set<Integer> statuses = new TreeSet<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            try (Session first = session(race(cores, seed)); Session again = session(race(cores, seed))) {
                RunResult result = first.run();
                assertThat(result.kind()).isEqualTo(RunResult.Kind.SHUTDOWN);
                assertThat(again.run()).isEqualTo(result);
                assertThat(digest(again)).isEqualTo(digest(first));
                ends.add(digest(first));
                statuses.add(result.status());
            }
        }
        assertThat(ends).as("different seeds, different runs").hasSize(SEEDS);
        assertThat(statuses).contains(1);
    }

    @Test
    void aComputingThreadIsPreemptedOnASingleCoreWithoutItsDoing() {
        try (Recording recording = Recording.start(folder.resolve("one"), race(1, 1), new KittenParts(), Fidelity.STEPS,
                nothingTyped(), OutputListener.NONE)) {
            recording.run();
        }
        long switches = Objects.requireNonNull(JournalFlux.events(folder.resolve("one"))
                .flatMapIterable(batch -> batch)
                .filter(event -> EventTypes.of(event).name().equals("InterruptInjected"))
                .count().block());
        assertThat(switches).isGreaterThan(20);
    }

    /** The generator is state: a machine that has drawn on goes back to what it had drawn when it was captured. */
    @Test
    void aCapturedMachineDrawsOnWhereItStood() {
        try (Session session = session(race(2, 5))) {
            session.run(60_000);
            try (MachineState state = session.vm().capture()) {
                assertThat(MachineState.read(state.canonicalBytes(), state.memory(), state.kernelForm())
                        .canonicalBytes()).isEqualTo(state.canonicalBytes());
                session.run();
                String end = digest(session);
                session.vm().restore(state);
                session.run();
                assertThat(digest(session)).isEqualTo(end);
            }
        }
    }
}
