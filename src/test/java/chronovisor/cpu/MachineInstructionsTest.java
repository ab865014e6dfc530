package chronovisor.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.isa.Operand;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Instructions that cannot be compared with hardware from a program, of the groups of {@link chronovisor.isa.Unproven}: those that ask
 * the machine or need privilege. Returns and far transfers are in {@link DescriptorTransferTest}, state areas in {@link XsaveTest}.
 */
final class MachineInstructionsTest {
    private static final int RAX = 0;
    private static final int RCX = 1;

    /** cpuid, rdtsc, rdtscp. */
    @ParameterizedTest
    @CsvSource({"0fa2, CPUID", "0f31, RDTSC", "0f01f9, RDTSCP"})
    void machineIsAskedWithNothingRetired(String hex, String exit) {
        try (TestMachine m = new TestMachine(hex)) {
            assertThat(Exit.name(m.run(1))).isEqualTo(exit);
            assertThat(m.cpu.exitLength).isEqualTo(hex.length() / 2);
            assertThat(m.cpu.rip).isEqualTo(TestMachine.CODE);
            assertThat(m.cpu.retired).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0f31", "0f01f9"})
    void timeStampIsPrivilegedWhenTheKernelSaysSo(String hex) {
        try (TestMachine m = new TestMachine(hex)) {
            m.cpu.cr4 |= Control.CR4_TSD;
            assertGeneralProtection(m, 0);
        }
    }

    /** rdrand and rdseed of ax, ecx and r9. */
    @ParameterizedTest
    @CsvSource({"660fc7f0, 2, 0", "0fc7f1, 4, 1", "490fc7f1, 8, 9", "660fc7f8, 2, 0", "0fc7f9, 4, 1", "490fc7f9, 8, 9"})
    void randomNumberIsAskedForBySizeAndRegister(String hex, int bytes, int register) {
        try (TestMachine m = new TestMachine(hex)) {
            assertThat(m.run(1)).isEqualTo(Exit.ENTROPY);
            assertThat(m.cpu.exitSize).isEqualTo(bytes);
            assertThat(m.cpu.exitRegister).isEqualTo(register);
        }
    }

    @Test
    void processorNumberIsTheLowHalfOfTscAux() {
        try (TestMachine m = new TestMachine("f30fc7f9")) {
            m.cpu.tscAux = 0x1234_5678_9ABC_DEF0L;
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.gpr[RCX]).isEqualTo(0x9ABC_DEF0L);
        }
    }

    /** rdpmc (no counters for programs), sysenter (IA32_SYSENTER_CS is 0), invlpg [rax], xsetbv. */
    @ParameterizedTest
    @ValueSource(strings = {"0f33", "0f34", "0f0138", "0f01d1"})
    void whatAProgramMayNotDoIsAGeneralProtectionFault(String hex) {
        try (TestMachine m = new TestMachine(hex)) {
            m.cpu.cr4 |= Control.CR4_OSXSAVE;
            m.cpu.context();
            assertGeneralProtection(m, 0);
        }
    }

    @Test
    void invalidationLeavesWithItsAddressInRing0() {
        try (TestMachine m = new TestMachine("0f013c08")) {
            m.cpu.cpl = 0;
            m.cpu.context();
            m.cpu.gpr[RAX] = 0x1_2345_0000L;
            m.cpu.gpr[RCX] = 0x678;
            assertThat(m.run(1)).isEqualTo(Exit.INVLPG);
            assertThat(m.cpu.exitAddress).isEqualTo(0x1_2345_0678L);
        }
    }

    @Test
    void softwareInterruptLeavesWithItsVectorAndLength() {
        try (TestMachine m = new TestMachine("cd80")) {
            assertThat(m.run(1)).isEqualTo(Exit.EXCEPTION);
            assertThat(m.cpu.exitVector).isEqualTo(0x80);
            assertThat(m.cpu.exitLength).isEqualTo(2);
            assertThat(m.cpu.rip).isEqualTo(TestMachine.CODE);
        }
    }

    @Test
    void systemCallIsUndefinedUntilItIsEnabled() {
        try (TestMachine m = new TestMachine("0f05")) {
            m.cpu.efer = 0;
            assertThat(m.run(1)).isEqualTo(Exit.EXCEPTION);
            assertThat(m.cpu.exitVector).isEqualTo(Vector.UD);
            m.cpu.efer = 1;
            assertThat(m.run(1)).isEqualTo(Exit.SYSCALL);
        }
    }

    /** mov ds, eax; mov fs, eax; mov gs, eax. */
    @ParameterizedTest
    @CsvSource({"8ed8, 3", "8ee0, 4", "8ee8, 5"})
    void nullSelectorIsLoadedAndAnUnknownOneIsNot(String hex, int segment) {
        try (TestMachine m = new TestMachine(hex + hex)) {
            m.cpu.fsBase = 0x1000;
            m.cpu.gsBase = 0x1000;
            m.cpu.gpr[RAX] = 3;
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.selectors[segment]).isEqualTo(3);
            assertThat(segment == Operand.FS ? m.cpu.fsBase : segment == Operand.GS ? m.cpu.gsBase : 0).isZero();
            m.cpu.gpr[RAX] = 0x1233;
            assertGeneralProtection(m, 0x1230);
        }
    }

    /** pop fs, pop gs. */
    @ParameterizedTest
    @CsvSource({"0fa1, 4", "0fa9, 5"})
    void segmentIsPoppedWithEightBytes(String hex, int segment) {
        try (TestMachine m = new TestMachine(hex)) {
            m.cpu.selectors[segment] = 0x2B;
            m.memory.write64(TestMachine.STACK, 0);
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.selectors[segment]).isZero();
            assertThat(m.cpu.gpr[Cpu.RSP]).isEqualTo(TestMachine.STACK + 8);
        }
    }

    private static void assertGeneralProtection(TestMachine m, long errorCode) {
        assertThat(m.run(1)).isEqualTo(Exit.EXCEPTION);
        assertThat(m.cpu.exitVector).isEqualTo(Vector.GP);
        assertThat(m.cpu.exitErrorCode).isEqualTo(errorCode);
    }
}
