package chronovisor.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class InterpreterTest {
    private static final long CODE = TestMachine.CODE;
    private static final long DATA = TestMachine.DATA;

    @Test
    void dispatchIsSmallEnoughToBeCompiled() throws Exception {
        byte[] bytes;
        try (var in = Objects.requireNonNull(Dispatch.class.getResourceAsStream("Dispatch.class"))) {
            bytes = in.readAllBytes();
        }
        ClassModel model = ClassFile.of().parse(bytes);
        for (var method : model.methods()) {
            var code = method.findAttribute(java.lang.classfile.Attributes.code());
            code.ifPresent(c -> assertThat(c.codeLength()).as(method.methodName().stringValue()).isLessThan(7_500));
        }
    }

    @Test
    void sliceEndsExactlyInsideABlock() {
        // inc eax, ten times, hlt
        try (TestMachine m = new TestMachine("ffc0".repeat(10) + "f4")) {
            assertThat(m.run(7)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.gpr[0]).isEqualTo(7);
            assertThat(m.cpu.retired).isEqualTo(7);
            assertThat(m.cpu.rip).isEqualTo(CODE + 14);
            assertThat(m.run(3)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.gpr[0]).isEqualTo(10);
        }
    }

    @Test
    void faultLeavesRipAtTheInstructionAndNothingChanged() {
        // inc eax; mov rbx, [rcx] with rcx outside memory
        try (TestMachine m = new TestMachine("ffc0 488b19")) {
            m.cpu.gpr[1] = 1L << 62;
            m.cpu.gpr[3] = 7;
            assertThat(m.run(10)).isEqualTo(Exit.EXCEPTION);
            assertThat(m.cpu.exitVector).isEqualTo(Vector.GP);
            assertThat(m.cpu.rip).isEqualTo(CODE + 2);
            assertThat(m.cpu.retired).isEqualTo(1);
            assertThat(m.cpu.gpr[3]).isEqualTo(7);
        }
    }

    @Test
    void stackAccessToANonCanonicalAddressIsAStackFault() {
        try (TestMachine m = new TestMachine("50")) {
            m.cpu.gpr[Cpu.RSP] = 1L << 62;
            assertThat(m.run(1)).isEqualTo(Exit.EXCEPTION);
            assertThat(m.cpu.exitVector).isEqualTo(Vector.SS);
            assertThat(m.cpu.gpr[Cpu.RSP]).isEqualTo(1L << 62);
        }
    }

    @Test
    void storeIntoTheNextInstructionOfTheSameBlockTakesEffect() {
        // mov byte [rip + 0], 0x05 writes the immediate of: mov eax, 1 -> mov eax, 5
        try (TestMachine m = new TestMachine("c6050100000005 b801000000 f4")) {
            assertThat(m.run(2)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.gpr[0]).isEqualTo(5);
            // Once more: now the block is one that was decoded before.
            m.memory.write8(CODE + 8, (byte) 1);
            m.cpu.rip = CODE;
            assertThat(m.run(2)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.gpr[0]).isEqualTo(5);
        }
    }

    @Test
    void writeByTheMachineInvalidatesDecodedCode() {
        try (TestMachine m = new TestMachine("b801000000 ebf9")) {
            m.run(100);
            m.memory.write8(CODE + 1, (byte) 9);
            m.run(2);
            assertThat(m.cpu.gpr[0]).isEqualTo(9);
        }
    }

    @Test
    void instructionAcrossPagesIsExecutedAndFollowsWritesToItsTail() {
        byte[] code = new byte[5000];
        Arrays.fill(code, (byte) 0x90);
        byte[] mov = HexFormat.of().parseHex("b801020304");
        System.arraycopy(mov, 0, code, 4094, 5);
        try (TestMachine m = new TestMachine(code)) {
            m.cpu.rip = CODE + 4000;
            m.run(95);
            assertThat(m.cpu.gpr[0]).isEqualTo(0x04030201);
            m.memory.write8(CODE + 4098, (byte) 0x7F);
            m.cpu.rip = CODE + 4000;
            m.run(95);
            assertThat(m.cpu.gpr[0]).isEqualTo(0x7F030201);
        }
    }

    @Test
    void fetchFromAnAbsentSecondPageFaultsAfterTheInstructionsBefore() {
        byte[] code = new byte[4096];
        Arrays.fill(code, (byte) 0x90);
        code[4095] = (byte) 0xB8;
        try (TestMachine m = new TestMachine(code)) {
            long end = m.memory.sizeBytes() - 4096;
            m.memory.resolve(end >>> 12, true);
            m.memory.write(end, code, 0, 4096);
            m.cpu.rip = end + 4090;
            assertThat(m.run(100)).isEqualTo(Exit.NESTED_FAULT);
            assertThat(m.cpu.retired).isEqualTo(5);
            assertThat(m.cpu.rip).isEqualTo(end + 4095);
            assertThat(m.cpu.exitGfn).isEqualTo(m.memory.sizeBytes() >>> 12);
        }
    }

    @Test
    void repeatedMoveThatFaultsGoesOnFromThere() {
        // rep movsb towards the end of memory
        try (TestMachine m = new TestMachine("f3a4 f4")) {
            m.cpu.gpr[6] = DATA;
            m.cpu.gpr[7] = m.memory.sizeBytes() - 10;
            m.cpu.gpr[1] = 30;
            assertThat(m.run(5)).isEqualTo(Exit.NESTED_FAULT);
            assertThat(m.cpu.gpr[1]).isEqualTo(20);
            assertThat(m.cpu.gpr[6]).isEqualTo(DATA + 10);
            assertThat(m.cpu.retired).isZero();
            assertThat(m.cpu.rip).isEqualTo(CODE);
            m.cpu.gpr[7] = DATA + 0x2000;
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.gpr[1]).isZero();
            assertThat(m.cpu.retired).isEqualTo(1);
        }
    }

    @Test
    void overlappingRepeatedMoveRepeatsThePattern() {
        try (TestMachine m = new TestMachine("f3a4")) {
            m.memory.write(DATA, new byte[]{1, 2, 3}, 0, 3);
            m.cpu.gpr[6] = DATA;
            m.cpu.gpr[7] = DATA + 3;
            m.cpu.gpr[1] = 300;
            m.run(1);
            assertThat(m.memory.read8(DATA + 302)).isEqualTo((byte) 3);
            assertThat(m.memory.read8(DATA + 301)).isEqualTo((byte) 2);
        }
    }

    @Test
    void syscallRetiresBeforeItsExit() {
        try (TestMachine m = new TestMachine("f9 0f05")) {
            assertThat(m.run(10)).isEqualTo(Exit.SYSCALL);
            assertThat(m.cpu.retired).isEqualTo(2);
            assertThat(m.cpu.gpr[1]).isEqualTo(CODE + 3);
            assertThat(m.cpu.gpr[11]).isEqualTo(m.cpu.rflags());
        }
    }

    @Test
    void privilegedInstructionsFaultInRing3AndExitInRing0() {
        try (TestMachine m = new TestMachine("f4")) {
            assertThat(m.run(1)).isEqualTo(Exit.EXCEPTION);
            assertThat(m.cpu.exitVector).isEqualTo(Vector.GP);
            m.cpu.cpl = 0;
            m.cpu.context();
            assertThat(m.run(1)).isEqualTo(Exit.HLT);
            assertThat(m.cpu.exitLength).isEqualTo(1);
        }
    }

    @Test
    void imageRestoresTheWholeState() {
        try (TestMachine m = new TestMachine("48ffc0 9c 6a05 f9".repeat(5));
                TestMachine other = new TestMachine("f4")) {
            m.run(17);
            CpuImage image = m.cpu.capture();
            other.cpu.restore(CpuImage.ofBytes(image.bytes()));
            assertThat(other.cpu.capture()).isEqualTo(image);
            assertThat(image.rip()).isEqualTo(m.cpu.rip);
            assertThat(image.retired()).isEqualTo(17);
        }
    }
}
