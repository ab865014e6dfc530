package chronovisor.jit;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.cpu.Exit;
import chronovisor.cpu.Heat;
import chronovisor.cpu.TestMachine;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class RegionCompilerTest {

    private static final int RAX = 0;
    private static final int RCX = 1;

    @Test
    void aBlockThatIsTooLargeForAMethodIsLeftToTheInterpreter() {
        // 62 times adc [rax + rcx * 8 + 4096], rdx, which is long; dec rbx; jmp to the start.
        byte[] code = HexFormat.of().parseHex("481194c800100000".repeat(62) + "48ffcb" + "e908feffff");
        try (TestMachine m = new TestMachine(code, new JitEngine(Runnable::run, Heat.EAGER))) {
            m.cpu.gpr[RAX] = TestMachine.DATA;
            m.cpu.gpr[RCX] = 1;
            assertThat(m.run(64_000)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.gpr[3]).isEqualTo(-1000);
        }
    }
}
