package chronovisor.jit;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.cpu.Engine;
import chronovisor.cpu.Exit;
import chronovisor.cpu.Heat;
import chronovisor.cpu.Interpreter;
import chronovisor.cpu.TestMachine;
import chronovisor.cpu.trace.StepBatch;
import chronovisor.cpu.trace.StepTrace;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Loops of one block tell the trace their trips when they are left; batches that end in the middle of one are cut where they always are. */
final class TracedLoopsTest {

    private static final int TICKS = 2_600_000;
    private static final int RSI = 6;
    private static final int RDI = 7;
    private static final long MEMORY_END = 16 << 20;
    private static final long SCANNED = 100_000;

    // mov ecx, 1000; 5: dec ecx; jne 5; inc eax; jmp 0
    private static final String COUNTING = "b9e8030000 ffc9 75fc ffc0 ebf3";

    // mov al, [rdi]; add rdi, 1; cmp rdi, rsi; jne 0; jmp 0
    private static final String SCANNING = "8a07 4883c701 4839f7 75f5 ebf3";

    @Test
    void aCountingLoopGivesTheBatchesThatTheInterpreterGives() {
        assertThat(batches(COUNTING, new JitEngine(Runnable::run, Heat.EAGER)))
                .isEqualTo(batches(COUNTING, new Interpreter())).hasSizeGreaterThan(2);
    }

    @Test
    void aLoopThatFaultsGivesTheBatchesThatTheInterpreterGives() {
        assertThat(batches(SCANNING, new JitEngine(Runnable::run, Heat.EAGER)))
                .isEqualTo(batches(SCANNING, new Interpreter())).hasSizeGreaterThan(1);
    }

    /** Runs in slices that fall anywhere; a scan that has come to the end of memory begins again. */
    private static List<StepBatch> batches(String code, Engine engine) {
        List<StepBatch> batches = new ArrayList<>();
        Random random = new Random(1);
        try (TestMachine m = new TestMachine(HexFormat.of().parseHex(code.replace(" ", "")), engine)) {
            m.cpu.trace = new StepTrace(0, batches::add);
            m.cpu.gpr[RDI] = MEMORY_END - SCANNED;
            m.cpu.gpr[RSI] = 2 * MEMORY_END;
            while (m.cpu.retired < TICKS) {
                if (m.run(1 + random.nextInt(30_000)) == Exit.NESTED_FAULT) {
                    m.cpu.gpr[RDI] = MEMORY_END - SCANNED;
                }
            }
            Objects.requireNonNull(m.cpu.trace).cut();
        }
        return batches;
    }
}
