package chronovisor.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The addresses of gathers: each is an ordinary effective address with an element in the index register's place. */
final class GatherAddressTest {
    private static final long ALL_ONES = -1;

    private static void vector(Cpu cpu, int register, long... values) {
        System.arraycopy(values, 0, cpu.xmm, 4 * register, 4);
    }

    /** vpgatherqq ymm0, [rbx + 8*ymm1 + 16], ymm2. */
    @Test
    void elementsAreScaledAndSigned() {
        try (TestMachine m = new TestMachine("c4e2ed9144cb10")) {
            for (int i = 0; i < 16; i++) {
                m.cpu.mmu.store64(TestMachine.DATA + 8L * i, 100 + i);
            }
            m.cpu.gpr[3] = TestMachine.DATA + 48;
            vector(m.cpu, 1, 0, -8, 7, -1);
            vector(m.cpu, 2, ALL_ONES, ALL_ONES, ALL_ONES, ALL_ONES);
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.xmm).startsWith(108, 100, 115, 107);
        }
    }

    /** vpgatherdq ymm0, fs:[ebx + 4*xmm1], ymm2: truncated to 32 bits, then the segment's base. */
    @Test
    void thirtyTwoBitAddressesWrapBeforeTheSegmentIsAdded() {
        try (TestMachine m = new TestMachine("6467c4e2ed90048b")) {
            for (int i = 0; i < 16; i++) {
                m.cpu.mmu.store64(TestMachine.DATA + 8L * i, 100 + i);
            }
            m.cpu.fsBase = TestMachine.DATA;
            m.cpu.gpr[3] = 0xABCD_0000_0000L + 0xFFFF_FFF0L;
            vector(m.cpu, 1, 4L | 6L << 32, 8L | 34L << 32, 0, 0);
            vector(m.cpu, 2, ALL_ONES, ALL_ONES, ALL_ONES, ALL_ONES);
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.xmm).startsWith(100, 101, 102, 115);
        }
    }
}
