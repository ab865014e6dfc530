package chronovisor.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chronovisor.isa.CpuFeature;
import chronovisor.isa.OpcodeRow;
import chronovisor.isa.OpcodeTable;
import chronovisor.isa.Operation;
import chronovisor.isa.Support;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CpuModelsTest {
    private static final String OLDEST = "x86-64";

    /** Needs a kernel of its own to be of use, so it does not keep SYSCALL from being told. */
    private static final Set<Operation> NOT_YET = EnumSet.of(Operation.SYSRET);

    @ParameterizedTest
    @ValueSource(strings = {"x86-64", "x86-64-v2", "x86-64-v3", "core-i3-2011"})
    void modelHasNoInstructionThatThisMachineLacks(String name) {
        CpuModel model = CpuModels.named(name);
        List<OpcodeRow> broken = new ArrayList<>();
        for (OpcodeRow row : OpcodeTable.rows()) {
            boolean optional = row.feature() != CpuFeature.BASE;
            if (optional && row.existsWith(model.features()) && row.support() != Support.SUPPORTED
                    && !NOT_YET.contains(row.operation())) {
                broken.add(row);
            }
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void eachLevelHasAllOfTheOneBefore() {
        assertThat(CpuModels.named("x86-64-v2").features()).containsAll(CpuModels.named(OLDEST).features());
        assertThat(CpuModels.named("x86-64-v3").features()).containsAll(CpuModels.named("x86-64-v2").features());
    }

    @Test
    void secondLevelIsComplete() {
        assertThat(CpuModels.untold("x86-64-v2")).isEmpty();
    }

    @Test
    void theMachineOfThePaperHasNeitherAesNorWhatCameLater() {
        assertThat(CpuModels.named("core-i3-2011").features()).contains(CpuFeature.PCLMULQDQ, CpuFeature.POPCNT)
                .doesNotContain(CpuFeature.AES, CpuFeature.AVX2, CpuFeature.BMI1, CpuFeature.MOVBE, CpuFeature.RDRAND);
    }

    @Test
    void unknownNameIsAnsweredWithTheListOfThoseThereAre() {
        assertThatThrownBy(() -> CpuModels.named("486")).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no CPU model '486'; there are x86-64, x86-64-v2, x86-64-v3, core-i3-2011");
    }

    @Test
    void textKeepsTheFeaturesThatWereToldThen() {
        CpuModel then = CpuModels.named("x86-64-v3").withFeatures(EnumSet.of(CpuFeature.SSE, CpuFeature.MOVBE));
        assertThat(then.text()).isEqualTo("x86-64-v3=SSE,MOVBE");
        assertThat(CpuModel.parse(then.text())).isEqualTo(then);
    }

    @ParameterizedTest
    @ValueSource(strings = {"X86_64_V3", "x86-64=NONSENSE", "486=SSE", "x86-64="})
    void textOfNoModelIsRefused(String text) {
        assertThatThrownBy(() -> CpuModel.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void levelsOfOldJournalsKeepTheirSignatureAndLeaves() {
        CpuModel old = CpuModel.parse("X86_64_V2");
        assertThat(old.signature()).isEqualTo(0x6FB);
        assertThat(old.leafMax()).isEqualTo(7);
        assertThat(old.features()).isEqualTo(CpuModels.named("x86-64-v2").features());
        assertThat(CpuModel.parse(old.text())).isEqualTo(old);
    }

    /** popcnt, movbe, crc32, pshufb, andn, lahf, cmpxchg16b, rdrand, clflushopt, fisttp, xgetbv, vaddps. */
    @ParameterizedTest
    @ValueSource(strings = {"f30fb8c1", "0f38f001", "f20f38f1c1", "660f3800c1", "c4e270f2c1", "9f", "480fc70e",
        "0fc7f0", "660fae39", "db09", "0f01d0"})
    void instructionThatTheModelLacksIsUndefined(String hex) {
        try (TestMachine m = new TestMachine(hex)) {
            m.cpu.model = CpuModels.named(OLDEST);
            m.cpu.gpr[1] = TestMachine.DATA;
            m.cpu.gpr[6] = TestMachine.DATA;
            assertThat(m.run(1)).isEqualTo(Exit.EXCEPTION);
            assertThat(m.cpu.exitVector).isEqualTo(Vector.UD);
            assertThat(m.cpu.rip).isEqualTo(TestMachine.CODE);
        }
    }

    /** Of 0x10: TZCNT gives 4 like BSF, LZCNT gives 59 where BSR gives 4; without the feature F3 is ignored. */
    @ParameterizedTest
    @CsvSource({"x86-64-v2, f3480fbcc1, 4", "x86-64-v3, f3480fbcc1, 4", "x86-64-v2, f3480fbdc1, 4",
        "x86-64-v3, f3480fbdc1, 59"})
    void bitCountsAreBitScansOnOlderProcessors(String model, String hex, long expected) {
        try (TestMachine m = new TestMachine(hex)) {
            m.cpu.model = CpuModels.named(model);
            m.cpu.gpr[1] = 0x10;
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.gpr[0]).isEqualTo(expected);
        }
    }

    @Test
    void bitScanOfZeroLeavesTheDestinationWhereBitCountWouldNot() {
        try (TestMachine m = new TestMachine("f3480fbcc1")) {
            m.cpu.model = CpuModels.named("x86-64-v2");
            m.cpu.gpr[0] = 77;
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.gpr[0]).isEqualTo(77);
        }
    }

    /** endbr64, prefetchw [rcx], cldemote [rcx], rdsspq rax. */
    @ParameterizedTest
    @ValueSource(strings = {"f30f1efa", "0f0d09", "0f1c01", "f3480f1ec8"})
    void hintsDoNothingOnProcessorsWithoutThem(String hex) {
        try (TestMachine m = new TestMachine(hex)) {
            m.cpu.model = CpuModels.named(OLDEST);
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.gpr[0]).isZero();
        }
    }
}
