package chronovisor.jit;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.cpu.Heat;
import chronovisor.cpu.TestMachine;
import chronovisor.cpu.Translations;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** What samples find hot. */
final class HotBlocksTest {

    private static final int RCX = 1;
    private static final int RDX = 2;
    private static final int RSI = 6;

    private static final int LOOPS = 50;

    // 0: inc eax; dec esi; jnz 0; mov esi, 50; jmp rcx
    // 10: inc ebx; jmp rdx
    private static final String TWO_PARTS = "ffc0 ffce 75fa be32000000 ffe1 909090 ffc3 ffe2";

    @Test
    void aShortBlockThatAlwaysLeadsIntoTranslatedCodeIsTranslatedToo() {
        Translations translated = new Translations();
        byte[] code = HexFormat.of().parseHex(TWO_PARTS.replace(" ", ""));
        try (TestMachine machine = new TestMachine(code,
                new JitEngine(Runnable::run, translated, new Heat(997, 2, 100, 20_000)))) {
            machine.cpu.gpr[RCX] = TestMachine.CODE + 0x10;
            machine.cpu.gpr[RDX] = TestMachine.CODE;
            machine.cpu.gpr[RSI] = LOOPS;
            machine.run(50_000);
            assertThat(translated.size()).isEqualTo(1);
            machine.run(1_000_000);
            assertThat(translated.size()).isEqualTo(2);
        }
    }
}
