package chronovisor.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chronovisor.environment.Environment;
import chronovisor.environment.Input;
import chronovisor.environment.SeededEnvironment;
import chronovisor.environment.SeededEnvironment.Condition;
import chronovisor.environment.SeededEnvironment.Step;
import chronovisor.journal.JournalException;
import chronovisor.journal.JournalVerifier;
import chronovisor.memory.FramePool;
import chronovisor.vmm.RunResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Paused, saved, read again, gone on: the same run as one that nobody has interrupted. */
final class SavedMachineTest {

    private static final long POOL_BYTES = 512L << 20;

    @TempDir
    private Path folder;

    /** Input comes when the guest is ready for it, and so does a pause that has no tick. */
    private static Environment environment(String input, long pauseTick) {
        List<Step> script = new ArrayList<>();
        Condition ready = input.isEmpty()
                ? new Condition.Now()
                : new Condition.After("com2", Pattern.compile("ready"));
        if (pauseTick != 0) {
            script.add(new Step(pauseTick > 0 ? new Condition.AtTick(pauseTick) : ready,
                    new Input.OperatorCommand("pause")));
            ready = pauseTick > 0 ? ready : new Condition.Now();
        }
        if (!input.isEmpty()) {
            script.add(new Step(ready,
                    new Input.StreamBytes("com2", input.getBytes(StandardCharsets.ISO_8859_1))));
        }
        script.add(new Step(new Condition.Now(), new Input.StreamEnd("com2")));
        return new SeededEnvironment(1_700_000_000_000_000_000L, 1, script);
    }

    private Recording recording(String name, MachineSetup setup, Environment environment, FramePool pool) {
        return Recording.start(folder.resolve(name), setup, new KittenParts(), Fidelity.STEPS, environment,
                OutputListener.NONE, new TreeMap<>(), CheckpointPlan.every(300_000), pool);
    }

    private static RunResult go(Recording recording) {
        return recording.session().run(Long.MAX_VALUE, progress -> {}, session -> 0L);
    }

    private void holds(String name) {
        assertThat(JournalVerifier.verify(folder.resolve(name)).problems()).isEmpty();
        ReplayResult replayed = Replay.of(folder.resolve(name), new KittenParts()).run();
        assertThat(replayed.divergence()).isNull();
        assertThat(replayed.identical()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"checksum, 50000, '', 123456", "checksum, 50000, '', 500000", "echo, x, 'one\ntwo\nquit\n', -1"})
    void goingOnIsTheSameAsNotHavingStopped(String program, String argument, String input, long pauseTick)
            throws IOException {
        MachineSetup setup = KittenParts.guest(program, argument);
        String whole;
        try (FramePool pool = new FramePool(POOL_BYTES);
                Recording recording = recording("whole", setup, environment(input, 0), pool)) {
            recording.run();
            whole = recording.digest();
        }
        Environment outside = environment(input, pauseTick);
        try (FramePool pool = new FramePool(POOL_BYTES);
                Recording paused = recording("paused", setup, outside, pool)) {
            assertThat(go(paused).kind()).isEqualTo(RunResult.Kind.PAUSED);
            try (SavedMachine saved = SavedMachine.of(paused.session(), "paused")) {
                saved.write(folder.resolve("saved"));
            }
            // What comes now comes to the machine that goes on in another pool, as it would in another process.
            try (FramePool other = new FramePool(POOL_BYTES);
                    SavedMachine read = SavedMachine.read(folder.resolve("saved"), new KittenParts(), other);
                    Recording resumed = read.resume(folder.resolve("resumed"), new KittenParts(), Fidelity.STEPS,
                            outside, OutputListener.NONE, new TreeMap<>(), CheckpointPlan.every(300_000))) {
                resumed.run();
                assertThat(resumed.digest()).isEqualTo(whole);
            }
            paused.end(new RunResult(RunResult.Kind.PAUSED, 0, "left"));
        }
        holds("paused");
        holds("resumed");
        assertThat(JournalVerifier.verify(folder.resolve("saved")).problems()).isEmpty();
    }

    @Test
    void aMachineThatIsPausedAndGoesOnReplaysAndCanBeVisited() {
        MachineSetup setup = KittenParts.guest("checksum", "50000");
        String whole;
        try (FramePool pool = new FramePool(POOL_BYTES);
                Recording recording = recording("whole", setup, environment("", 0), pool)) {
            recording.run();
            whole = recording.digest();
        }
        try (FramePool pool = new FramePool(POOL_BYTES);
                Recording paused = recording("paused", setup, environment("", 400_000), pool)) {
            assertThat(go(paused).kind()).isEqualTo(RunResult.Kind.PAUSED);
            RunResult result = go(paused);
            assertThat(result.kind()).isEqualTo(RunResult.Kind.SHUTDOWN);
            paused.end(result);
            assertThat(paused.digest()).isEqualTo(whole);
        }
        holds("paused");
        try (ReplaySession session = ReplaySession.open(folder.resolve("paused"), new KittenParts(), null, 0)) {
            session.run(500_000);
            assertThat(session.over()).isFalse();
            assertThat(session.vm().tick()).isEqualTo(500_000);
        }
    }

    @Test
    void twinsShareTheirFramesAndGoTheirOwnWays() {
        MachineSetup setup = KittenParts.guest("checksum", "50000");
        try (FramePool pool = new FramePool(POOL_BYTES);
                Recording paused = recording("parent", setup, environment("", 400_000), pool)) {
            go(paused);
            long before = pool.framesUsed();
            List<SavedMachine> twins = new ArrayList<>();
            try (SavedMachine saved = SavedMachine.of(paused.session(), "parent")) {
                for (int i = 0; i < 100; i++) {
                    twins.add(saved.twin());
                }
            }
            assertThat(pool.framesUsed()).isEqualTo(before);
            String first = twins.getFirst().digest();
            try (Recording one = twins.get(1).resume(folder.resolve("one"), new KittenParts(), Fidelity.STEPS,
                    environment("", 0), OutputListener.NONE, new TreeMap<>(), CheckpointPlan.NONE)) {
                one.run();
            }
            assertThat(twins.getFirst().digest()).isEqualTo(first);
            twins.forEach(SavedMachine::close);
            holds("one");
        }
    }

    @Test
    void whatIsNoSavedMachineIsRefused() throws IOException {
        MachineSetup setup = KittenParts.guest("hello");
        try (FramePool pool = new FramePool(POOL_BYTES);
                Recording recording = recording("run", setup, environment("", 0), pool)) {
            recording.run();
        }
        Files.createDirectory(folder.resolve("empty"));
        try (FramePool pool = new FramePool(POOL_BYTES)) {
            for (String name : List.of("run", "empty")) {
                assertThatThrownBy(() -> SavedMachine.read(folder.resolve(name), new KittenParts(), pool))
                        .isInstanceOf(JournalException.class);
            }
        }
    }
}
