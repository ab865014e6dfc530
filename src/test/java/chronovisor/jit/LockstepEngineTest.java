package chronovisor.jit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chronovisor.cpu.Cpu;
import chronovisor.cpu.Engine;
import chronovisor.cpu.Exit;
import chronovisor.cpu.Heat;
import chronovisor.cpu.Interpreter;
import chronovisor.cpu.TestMachine;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class LockstepEngineTest {
    /** mov ecx, 1000; add rax, rcx; mov [rsp - 8], rax; dec ecx; jnz; jmp to itself. */
    private static final byte[] LOOP = HexFormat.of().parseHex("b9e80300004801c848894424f8ffc975f4ebfe");

    @Test
    void whatAgreesRunsOn() {
        Engine engine = new LockstepEngine(() -> new JitEngine(Runnable::run, Heat.EAGER));
        try (TestMachine m = new TestMachine(LOOP, engine)) {
            assertThat(m.run(50_000)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.gpr[0]).isEqualTo(500_500);
            assertThat(m.cpu.retired).isEqualTo(50_000);
        }
    }

    @Test
    void theFirstInstructionThatDiffersIsNamed() {
        try (TestMachine m = new TestMachine(LOOP, new LockstepEngine(Wrong::new))) {
            // 1 + 4 * 250 instructions, then the add of the round in which RCX is 750.
            assertThatThrownBy(() -> m.run(10_000)).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("0x10005").hasMessageContaining("tick 1001")
                    .hasMessageContaining("register 0");
        }
    }

    /** Adds wrongly once. */
    private static final class Wrong implements Engine {
        private final Interpreter interpreter = new Interpreter();

        @Override
        public int run(Cpu cpu, long ticksMax) {
            long end = cpu.retired + ticksMax;
            int exit = Exit.SLICE;
            while (exit == Exit.SLICE && cpu.retired < end) {
                boolean wrong = cpu.rip == TestMachine.CODE + 5 && cpu.gpr[1] == 750;
                exit = interpreter.run(cpu, 1);
                cpu.gpr[0] += wrong ? 1 : 0;
            }
            return exit;
        }
    }
}
