package chronovisor.cpu.x87;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.cpu.Exit;
import chronovisor.cpu.TestMachine;
import org.junit.jupiter.api.Test;

/** FIP, FDP and FOP as a processor with FDP_EXCPTN_ONLY keeps them. */
final class X87PointersTest {
    @Test
    void everyInstructionButControlOnesLeavesItsAddress() {
        // fld1; fnop; fnstcw [rbx]; fldcw [rbx]; fnstsw ax; wait; fnclex; emms; fs fld dword [rbx]
        try (var m = new TestMachine("d9e8 d9d0 d93b d92b dfe0 9b dbe2 0f77 64d903")) {
            m.cpu.gpr[3] = TestMachine.DATA;
            long[] expected = {0, 2, 2, 2, 2, 2, 2, 2, 15};
            for (long offset : expected) {
                assertThat(m.run(1)).isEqualTo(Exit.SLICE);
                assertThat(m.cpu.x87.instructionPointer).isEqualTo(TestMachine.CODE + offset);
            }
            assertThat(m.cpu.x87.opcode).isZero();
            assertThat(m.cpu.x87.dataPointer).isZero();
        }
    }

    @Test
    void anUnmaskedExceptionAloneLeavesOperandAndOpcode() {
        // fld1; fdiv qword [rbx] by zero, masked; fnclex; fldcw [rbx+8]; fld1; fdiv qword [rbx]; fnclex; fld1
        try (var m = new TestMachine("d9e8 dc33 dbe2 d96b08 d9e8 dc33 dbe2 d9e8")) {
            m.cpu.gpr[3] = TestMachine.DATA;
            m.memory.write32(TestMachine.DATA + 8, 0x37B);
            m.run(5);
            assertThat(m.cpu.x87.opcode).isZero();
            m.run(1);
            assertThat(m.cpu.x87.opcode).isEqualTo(0x433);
            assertThat(m.cpu.x87.dataPointer).isEqualTo(TestMachine.DATA);
            assertThat(m.cpu.x87.instructionPointer).isEqualTo(TestMachine.CODE + 11);
            m.run(2);
            assertThat(m.cpu.x87.opcode).isEqualTo(0x433);
            assertThat(m.cpu.x87.instructionPointer).isEqualTo(TestMachine.CODE + 15);
        }
    }
}
