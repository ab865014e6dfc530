package chronovisor.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Debug traps: what the addresses and flags are was seen on a processor. */
final class SingleStepTest {
    /** PUSHFQ; OR DWORD [RSP], 0x100; POPFQ: ten bytes, after which TF is set. */
    private static final String TF_ON = "9c 810c2400010000 9d ";

    private static final long START = TestMachine.CODE + 9;
    private static final long DR7_LOCAL_0 = 1;

    private static void assertTrap(TestMachine m, long offset) {
        assertThat(m.run(100)).isEqualTo(Exit.EXCEPTION);
        assertThat(m.cpu.exitVector).isEqualTo(Vector.DB);
        assertThat(m.cpu.rip).isEqualTo(START + offset);
        assertThat(m.cpu.system.dr6 & 0xF00F).isEqualTo(DebugTraps.BS);
    }

    @Test
    void theTrapComesAfterTheInstructionThatFollowsPopf() {
        try (var m = new TestMachine(TF_ON + "90 eb00 90")) {
            assertTrap(m, 1);
            assertThat(m.cpu.retired).isEqualTo(4);
            assertTrap(m, 3);
            assertTrap(m, 4);
            assertThat(m.cpu.flagsOther & Flags.TF).isNotZero();
        }
    }

    @Test
    void aRepeatedStringInstructionTrapsAfterEachIterationAndIsOneTick() {
        try (var m = new TestMachine(TF_ON + "f3a4 90")) {
            m.cpu.gpr[1] = 3;
            m.cpu.gpr[6] = TestMachine.DATA;
            m.cpu.gpr[7] = TestMachine.DATA + 64;
            assertTrap(m, 0);
            assertThat(m.cpu.retired).isEqualTo(3);
            assertThat(m.cpu.flagsOther & Flags.RF).isNotZero();
            assertTrap(m, 0);
            assertTrap(m, 2);
            assertThat(m.cpu.retired).isEqualTo(4);
            assertThat(m.cpu.flagsOther & Flags.RF).isZero();
        }
    }

    @Test
    void comparingIterationsLeaveTheFlagsUntilTheEnd() {
        try (var m = new TestMachine(TF_ON + "f3a6 90")) {
            m.cpu.gpr[1] = 2;
            m.cpu.gpr[6] = TestMachine.DATA;
            m.cpu.gpr[7] = TestMachine.DATA + 64;
            long before = m.cpu.rflags() & Flags.ARITHMETIC;
            assertTrap(m, 0);
            assertThat(m.cpu.rflags() & Flags.ARITHMETIC).isEqualTo(before);
            assertTrap(m, 2);
            assertThat(m.cpu.rflags() & Flags.ZF).isNotZero();
        }
    }

    @Test
    void theLastInstructionThatPopfStopsSteppingWithStillTraps() {
        try (var m = new TestMachine(TF_ON + "9c 812424fffeffff 9d 90 f4")) {
            assertTrap(m, 1);
            assertTrap(m, 8);
            assertTrap(m, 9);
            assertThat(m.run(100)).isEqualTo(Exit.EXCEPTION);
            assertThat(m.cpu.exitVector).as("HLT").isEqualTo(Vector.GP);
        }
    }

    @Test
    void systemCallsAreNotTrapped() {
        try (var m = new TestMachine(TF_ON + "0f05 90")) {
            assertThat(m.run(100)).isEqualTo(Exit.SYSCALL);
            assertThat(m.cpu.gpr[11] & Flags.TF).isNotZero();
            assertTrap(m, 3);
        }
    }

    @Test
    void anInstructionThatTheMachineCompletesLeavesAPendingTrap() {
        try (var m = new TestMachine(TF_ON + "0fa2 90")) {
            assertThat(m.run(100)).isEqualTo(Exit.CPUID);
            m.cpu.retire(m.cpu.exitLength);
            assertThat(m.cpu.pendingDebug).isEqualTo(DebugTraps.BS);
        }
    }

    @Test
    void anInstructionBreakpointIsAFaultThatRfSuppresses() {
        try (var m = new TestMachine("90 90 90")) {
            m.cpu.system.dr[0] = TestMachine.CODE + 1;
            m.cpu.system.dr7 |= DR7_LOCAL_0;
            m.cpu.context();
            assertThat(m.run(3)).isEqualTo(Exit.EXCEPTION);
            assertThat(m.cpu.rip).isEqualTo(TestMachine.CODE + 1);
            assertThat(m.cpu.retired).isEqualTo(1);
            assertThat(m.cpu.system.dr6 & 0xF00F).isEqualTo(1);
            m.cpu.flagsOther |= Flags.RF;
            assertThat(m.run(2)).isEqualTo(Exit.SLICE);
        }
    }

    @Test
    void aWriteBreakpointIsATrapAfterTheStoreAndLoadsPass() {
        // mov eax, [rbx]; mov [rbx+2], al; nop
        try (var m = new TestMachine("8b03 884302 90")) {
            m.cpu.gpr[3] = TestMachine.DATA;
            m.cpu.system.dr[0] = TestMachine.DATA + 3; // four bytes: the low bits do not count
            m.cpu.system.dr7 |= DR7_LOCAL_0 | 0b1101L << 16;
            m.cpu.context();
            assertThat(m.run(3)).isEqualTo(Exit.EXCEPTION);
            assertThat(m.cpu.exitVector).isEqualTo(Vector.DB);
            assertThat(m.cpu.rip).isEqualTo(TestMachine.CODE + 5);
            assertThat(m.cpu.retired).isEqualTo(2);
            assertThat(m.cpu.system.dr6 & 0xF00F).isEqualTo(1);
        }
    }

    @Test
    void aReadWriteBreakpointSeesTheLoadAndABreakpointBesideItDoesNot() {
        try (var m = new TestMachine("8b03 90")) {
            m.cpu.gpr[3] = TestMachine.DATA;
            m.cpu.system.dr[1] = TestMachine.DATA + 4;
            m.cpu.system.dr[2] = TestMachine.DATA + 3;
            m.cpu.system.dr7 = SystemState.DR7_IDLE | 0b010100 | 0b0011L << 20 | 0b0011L << 24;
            m.cpu.context();
            assertThat(m.run(2)).isEqualTo(Exit.EXCEPTION);
            assertThat(m.cpu.system.dr6 & 0xF00F).isEqualTo(0b100);
        }
    }

    @Test
    void unalignedAccessesFaultWithAlignmentCheckingInRing3Only() {
        try (var m = new TestMachine("8b4301 90")) {
            m.cpu.gpr[3] = TestMachine.DATA;
            m.cpu.flagsOther |= Flags.AC;
            assertThat(m.run(1)).as("without CR0.AM").isEqualTo(Exit.SLICE);
            m.cpu.rip = TestMachine.CODE;
            m.cpu.cr0 |= Control.CR0_AM;
            assertThat(m.run(1)).isEqualTo(Exit.EXCEPTION);
            assertThat(m.cpu.exitVector).isEqualTo(Vector.AC);
            assertThat(m.cpu.rip).isEqualTo(TestMachine.CODE);
            m.cpu.cpl = 0;
            m.cpu.context();
            assertThat(m.run(1)).as("in ring 0").isEqualTo(Exit.SLICE);
        }
    }

    @Test
    void debugRegistersHaveTheirFixedBitsAndGeneralDetectGuardsThem() {
        // mov dr7, rax; mov dr6, rax; mov rbx, dr6; mov rcx, dr7
        try (var m = new TestMachine("0f23f8 0f23f0 0f21f3 0f21f9")) {
            m.cpu.cpl = 0;
            m.cpu.context();
            m.cpu.gpr[0] = 0xFFFFL & ~DebugTraps.GD;
            assertThat(m.run(4)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.gpr[3]).isEqualTo(0xFFFF_CFFFL);
            assertThat(m.cpu.gpr[1]).isEqualTo(0x7FF & 0xFFFF);
            m.cpu.rip = TestMachine.CODE + 6;
            m.cpu.system.dr7 = SystemState.DR7_IDLE | DebugTraps.GD;
            m.cpu.context();
            assertThat(m.run(1)).isEqualTo(Exit.EXCEPTION);
            assertThat(m.cpu.exitVector).isEqualTo(Vector.DB);
            assertThat(m.cpu.system.dr6 & DebugTraps.BD).isNotZero();
            assertThat(m.cpu.system.dr7 & DebugTraps.GD).isZero();
        }
    }
}
