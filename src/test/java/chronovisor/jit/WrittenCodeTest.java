package chronovisor.jit;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.cpu.Engine;
import chronovisor.cpu.Heat;
import chronovisor.cpu.Interpreter;
import chronovisor.cpu.TestMachine;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Code that is written over where an instruction stood that does nothing, and so is no operation of its block. */
final class WrittenCodeTest {

    private static final int RAX = 0;
    private static final int RBX = 3;
    private static final int RDI = 7;

    static Stream<Engine> engines() {
        return Stream.of(new Interpreter(), new JitEngine(Runnable::run, Heat.EAGER),
                new LockstepEngine(() -> new JitEngine(Runnable::run, Heat.EAGER)));
    }

    private static byte[] code(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    @ParameterizedTest
    @MethodSource("engines")
    void whatIsWrittenOverANopAtTheStartOfALinkedBlockRuns(Engine engine) {
        // inc eax; jmp 4; 4: nop (7 bytes); jmp 0
        try (TestMachine m = new TestMachine(code("ffc0 eb00 0f1f8000000000 ebf3"), engine)) {
            m.run(40);
            assertThat(m.cpu.gpr[RAX]).isEqualTo(10);
            // add ebx, 5; nop (4 bytes)
            byte[] other = code("83c305 0f1f4000");
            m.memory.write(TestMachine.CODE + 4, other, 0, other.length);
            m.run(5);
            assertThat(m.cpu.gpr[RAX]).isEqualTo(11);
            assertThat(m.cpu.gpr[RBX]).isEqualTo(5);
            assertThat(m.cpu.rip).isEqualTo(TestMachine.CODE);
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void whatAStoreMakesOfTheNopBehindItRuns(Engine engine) {
        // mov word [rdi], inc eax; nop (2 bytes); nop (3 bytes); jmp to itself
        try (TestMachine m = new TestMachine(code("66c707ffc0 6690 0f1f00 ebfe"), engine)) {
            m.cpu.gpr[RDI] = TestMachine.CODE + 5;
            m.run(4);
            assertThat(m.cpu.gpr[RAX]).isEqualTo(1);
            assertThat(m.cpu.rip).isEqualTo(TestMachine.CODE + 10);
        }
    }
}
