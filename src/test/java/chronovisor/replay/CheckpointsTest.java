package chronovisor.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chronovisor.environment.Input;
import chronovisor.environment.SeededEnvironment;
import chronovisor.environment.SeededEnvironment.Condition.Now;
import chronovisor.environment.SeededEnvironment.Step;
import chronovisor.journal.JournalMap;
import chronovisor.journal.JournalVerifier;
import chronovisor.journal.JournalWriter;
import chronovisor.journal.MachineCheckpoint;
import chronovisor.journal.Position;
import chronovisor.journal.RecordType;
import chronovisor.journal.Verification;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checkpoints in journals: they change nothing of a run, are checked by replays, and are where a run can go on. */
final class CheckpointsTest {

    /** From so many checkpoints the run goes on to its end. */
    private static final int PLACES_MAX = 5;

    @TempDir
    Path temporary;

    private static SeededEnvironment environment(String input) {
        List<Step> script = new ArrayList<>();
        if (!input.isEmpty()) {
            script.add(new Step(new Now(),
                    new Input.StreamBytes("com2", input.getBytes(StandardCharsets.ISO_8859_1))));
        }
        script.add(new Step(new Now(), new Input.StreamEnd("com2")));
        return new SeededEnvironment(1_700_000_000_000_000_000L, 1, script);
    }

    private String record(String name, MachineSetup setup, String input, Fidelity fidelity, CheckpointPlan plan) {
        try (Recording recording = Recording.start(temporary.resolve(name), setup, new KittenParts(), fidelity,
                environment(input), OutputListener.NONE, new TreeMap<>(), JournalWriter.Limits.DEFAULT, null, plan)) {
            recording.run();
            return recording.digest();
        }
    }

    private static List<JournalMap.Entry> checkpoints(JournalMap map) {
        return map.entries().stream().filter(entry -> entry.type() == RecordType.STATE).toList();
    }

    @ParameterizedTest
    @CsvSource({"STEPS, echo, '', 'first|second line|quit|', 300", "STEPS, timers, '', '', 2000",
        "STEPS, ipc, '', '', 20000", "INPUTS, sockets, '', '', 20000", "EFFECTS, hello, '', '', 300",
        "STEPS, checksum, 100000, '', 250000"})
    void theyChangeNothingAndReplayFindsTheSame(Fidelity fidelity, String guest, String argument, String input,
            long ticks) {
        MachineSetup setup = argument.isEmpty() ? KittenParts.guest(guest) : KittenParts.guest(guest, argument);
        String typed = input.replace('|', '\n');
        String without = record("without", setup, typed, fidelity, CheckpointPlan.NONE);
        String with = record("with", setup, typed, fidelity, CheckpointPlan.every(ticks));
        assertThat(with).isEqualTo(without);
        Path folder = temporary.resolve("with");
        Verification verification = JournalVerifier.verify(folder);
        assertThat(verification.problems()).isEmpty();
        assertThat(verification.digest()).isEqualTo(with);
        List<JournalMap.Entry> found = checkpoints(JournalMap.of(folder, false));
        assertThat(found).hasSize((int) ((verification.ticks() - 1) / ticks));
        assertThat(found).allMatch(entry -> entry.last().tick() % ticks == 0);
        ReplayResult replay = Replay.of(folder, new KittenParts()).run();
        assertThat(replay.divergence()).isNull();
        assertThat(replay.digest()).isEqualTo(with);
        if (fidelity != Fidelity.INPUTS) {
            long[] next = {0};
            StepQuery.of(folder).forEach((tick, core, space, rip, bytes, instruction) -> assertThat(tick)
                    .isEqualTo(next[0]++));
            assertThat(next[0]).isEqualTo(verification.ticks());
        }
        goOnFromEach(folder, with);
    }

    /** From every checkpoint, in a session that has never run there, to the end. */
    private static void goOnFromEach(Path folder, String digest) {
        try (ReplaySession session = ReplaySession.open(folder, new KittenParts(), null, 0)) {
            List<Position> places = new ArrayList<>(session.checkpoints());
            assertThat(places).isNotEmpty();
            while (places.size() > PLACES_MAX) {
                places.remove(places.size() / 3);
            }
            // Back and forth, so that memory is made from the one of another checkpoint.
            for (int i = 0; !places.isEmpty(); i++) {
                Position place = places.remove(i % 2 == 0 ? places.size() - 1 : 0);
                session.load(place);
                assertThat(session.position()).isEqualTo(place);
                session.runTo(session.map().last());
                assertThat(HexFormat.of().formatHex(session.vm().digest())).as("from %s", place).isEqualTo(digest);
            }
        }
    }

    @Test
    void twoRecordingsHaveTheSameCheckpoints() {
        MachineSetup setup = KittenParts.guest("timers");
        record("one", setup, "", Fidelity.STEPS, CheckpointPlan.every(1500));
        record("two", setup, "", Fidelity.INPUTS, CheckpointPlan.every(1500));
        JournalMap one = JournalMap.of(temporary.resolve("one"), false);
        JournalMap two = JournalMap.of(temporary.resolve("two"), false);
        List<MachineCheckpoint> ones = checkpoints(one).stream().map(entry -> one.read(entry).state()).toList();
        List<MachineCheckpoint> twos = checkpoints(two).stream().map(entry -> two.read(entry).state()).toList();
        assertThat(ones).isNotEmpty();
        assertThat(twos.stream().map(MachineCheckpoint::digest))
                .containsExactlyElementsOf(ones.stream().map(MachineCheckpoint::digest).toList());
    }

    @Test
    void manyChangedFramesCallForACheckpoint() {
        record("dirty", KittenParts.guest("checksum", "1000000"), "", Fidelity.INPUTS,
                new CheckpointPlan(Long.MAX_VALUE, 1));
        List<JournalMap.Entry> found = checkpoints(JournalMap.of(temporary.resolve("dirty"), false));
        assertThat(found).isNotEmpty().allMatch(entry -> entry.last().tick() % 5_000_000 == 0);
    }

    @Test
    void damageToOneIsNamedAndWhatComesBeforeIsStillThere() throws IOException {
        record("damaged", KittenParts.guest("timers"), "", Fidelity.STEPS, CheckpointPlan.every(1500));
        Path folder = temporary.resolve("damaged");
        JournalMap map = JournalMap.of(folder, false);
        JournalMap.Entry second = checkpoints(map).get(1);
        long offset = map.read(second).offset() + 200;
        Path segment = folder.resolve(map.read(second).file());
        try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
            file.seek(offset);
            int there = file.read();
            file.seek(offset);
            file.write(there ^ 0x10);
        }
        Verification verification = JournalVerifier.verify(folder);
        assertThat(verification.problems()).hasSize(1);
        assertThat(verification.problems().getFirst().offset()).isEqualTo(offset);
        assertThat(verification.problems().getFirst().position()).isEqualTo(second.last());
        try (ReplaySession session = ReplaySession.open(folder, new KittenParts(), null, 0)) {
            session.load(session.checkpoints().getFirst());
            session.run(second.last().tick());
            assertThat(session.vm().tick()).isEqualTo(second.last().tick());
        }
    }

    @Test
    void anIndexIsAddedBesideAndLeavesTheJournalAsItIs() throws IOException {
        MachineSetup setup = KittenParts.guest("timers");
        String digest = record("plain", setup, "", Fidelity.STEPS, CheckpointPlan.NONE);
        Path folder = temporary.resolve("plain");
        String chain = JournalMap.of(folder, true).chain().toHex();
        int count = Indexer.index(folder, new KittenParts(), CheckpointPlan.every(4000), progress -> {});
        assertThat(count).isGreaterThan(1);
        assertThat(Indexer.index(folder, new KittenParts(), CheckpointPlan.every(4000), progress -> {}))
                .isEqualTo(count);
        assertThat(JournalMap.of(folder, true).chain().toHex()).isEqualTo(chain);
        assertThat(JournalVerifier.verify(folder).problems()).isEmpty();
        assertThat(Replay.of(folder, new KittenParts()).run().identical()).isTrue();
        goOnFromEach(folder, digest);
        Path segment = folder.resolve("index/19700101-0000.cq4");
        try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
            long offset = segment.toFile().length() / 2;
            file.seek(offset);
            int there = file.read();
            file.seek(offset);
            file.write(there ^ 1);
        }
        assertThat(JournalVerifier.verify(folder).problems()).hasSize(1).first()
                .matches(problem -> problem.file().startsWith("index/"));
    }

    @Test
    void theIndexOfAnotherJournalIsRefused() throws IOException {
        record("one", KittenParts.guest("hello"), "", Fidelity.STEPS, CheckpointPlan.NONE);
        record("two", KittenParts.guest("bare"), "", Fidelity.STEPS, CheckpointPlan.NONE);
        Indexer.index(temporary.resolve("one"), new KittenParts(), CheckpointPlan.every(100), progress -> {});
        java.nio.file.Files.move(temporary.resolve("one/index"), temporary.resolve("two/index"));
        assertThatThrownBy(() -> ReplaySession.open(temporary.resolve("two"), new KittenParts(), null, 0))
                .hasMessageContaining("index of another journal");
    }
}
