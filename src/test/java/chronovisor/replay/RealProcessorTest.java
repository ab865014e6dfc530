package chronovisor.replay;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.cpu.trace.CpuStep;
import chronovisor.environment.SeededEnvironment;
import chronovisor.journal.JournalReader;
import chronovisor.journal.JournalRecord;
import chronovisor.journal.JournalVerifier;
import chronovisor.journal.RecordType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RealProcessorTest {

    @TempDir
    Path temporary;

    private static SeededEnvironment environment() {
        return new SeededEnvironment(0, 1, List.of());
    }

    private Path record(Fidelity fidelity) {
        Path folder = temporary.resolve(fidelity.text());
        try (Recording recording = Recording.start(folder, FlatParts.setup(FlatParts.LOOP), new FlatParts(), fidelity,
                environment(), OutputListener.NONE)) {
            assertThat(recording.run().status()).isEqualTo(9);
        }
        return folder;
    }

    @Test
    void whatMustHoldForEveryGuestHolds() {
        GuestRuns.Outcome outcome = GuestRuns.check(temporary.resolve("journal"), FlatParts.setup(FlatParts.LOOP),
                new FlatParts(), RealProcessorTest::environment);
        assertThat(outcome.result().status()).isEqualTo(9);
        assertThat(outcome.output("com1")).isEqualTo("x");
        assertThat(outcome.journal().ticks()).isEqualTo(FlatParts.LOOP_TICKS);
    }

    @Test
    void itHoldsForCoresThatTakeTurns() {
        GuestRuns.Outcome outcome = GuestRuns.check(temporary.resolve("cores"), FlatParts.setup(FlatParts.LOOP, 3),
                new FlatParts(), RealProcessorTest::environment);
        assertThat(outcome.output("com1")).isEqualTo("xxx");
        assertThat(outcome.journal().ticks()).isEqualTo(3 * FlatParts.LOOP_TICKS);
    }

    @Test
    void aRangeOfStepsIsReadFromTheJournalAlone() {
        List<String> steps = new ArrayList<>();
        StepQuery.of(record(Fidelity.STEPS)).between(5, 8)
                .forEach((tick, core, space, rip, bytes, instruction) -> steps
                        .add(tick + " " + Long.toHexString(rip) + " " + instruction.operation().mnemonic()));
        assertThat(steps).containsExactly("5 40000f dec", "6 400011 jcc", "7 400005 add", "8 400008 mov");
    }

    @Test
    void runningAgainTellsWhatEachStepChanged() {
        List<String> lines = new ArrayList<>();
        StepQuery.of(record(Fidelity.STEPS)).between(0, 4).forEachEffect(new FlatParts(),
                (CpuStep step, StepEffects effects) -> lines.add(step.mnemonic() + " " + effects.text()));
        assertThat(lines.get(0)).isEqualTo("mov rcx=0x3e8");
        assertThat(lines.get(1)).startsWith("add rax=0x3e8");
        assertThat(lines.get(2)).isEqualTo("mov [0x6007f8]=e803");
        assertThat(lines.get(3)).isEqualTo("push rsp=0x6007f8");
        assertThat(lines.get(4)).isEqualTo("pop rbx=0x3e8 rsp=0x600800");
    }

    @Test
    void effectsAreRecordedWhenAskedForAndTheRunIsTheSame() {
        Path folder = record(Fidelity.EFFECTS);
        assertThat(JournalVerifier.verify(folder).digest())
                .isEqualTo(JournalVerifier.verify(record(Fidelity.STEPS)).digest());
        assertThat(Replay.of(folder, new FlatParts()).run().divergence()).isNull();
        List<StepEffects> effects = new ArrayList<>();
        try (JournalReader reader = JournalReader.open(folder)) {
            JournalRecord record = reader.next(glance -> glance.type() == RecordType.EFFECTS);
            while (record != null) {
                effects.addAll(StepEffects.decode(record.payload()));
                record = reader.next(glance -> glance.type() == RecordType.EFFECTS);
            }
        }
        assertThat(effects).hasSize((int) FlatParts.LOOP_TICKS);
        assertThat(effects.get(2).memory()).hasSize(1);
    }
}
