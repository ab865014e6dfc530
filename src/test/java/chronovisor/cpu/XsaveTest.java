package chronovisor.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** XSAVE and its kin in ring 3, and XSETBV in ring 0 (SDM vol. 1, chapter 13). */
final class XsaveTest {
    private static final long AREA = TestMachine.DATA;

    /** xsave64 [rbx] */
    private static final String XSAVE = "480fae23";

    private static final String XRSTOR = "480fae2b";
    private static final String XSAVEOPT = "480fae33";
    private static final String XSAVEC = "480fc723";

    private static TestMachine machine(String code, long mask) {
        var m = new TestMachine(code);
        m.cpu.gpr[3] = AREA;
        m.cpu.gpr[0] = mask;
        m.cpu.gpr[2] = 0;
        return m;
    }

    private static void fill(TestMachine m) {
        var random = new Random(1);
        for (int i = 0; i < 64; i++) {
            m.cpu.xmm[i] = random.nextLong();
        }
        for (int i = 0; i < 8; i++) {
            m.cpu.x87.significand[i] = random.nextLong();
            m.cpu.x87.signExponent[i] = random.nextInt(0x10000);
        }
        m.cpu.x87.inUse = 0xA5;
        m.cpu.x87.top = 3;
        m.cpu.mxcsr = 0x1FA0;
    }

    private static void assertFault(TestMachine m, int vector) {
        assertThat(m.run(1)).isEqualTo(Exit.EXCEPTION);
        assertThat(m.cpu.exitVector).isEqualTo(vector);
    }

    @Test
    void whatIsSavedComesBack() {
        try (var m = machine(XSAVE + XRSTOR, 7)) {
            fill(m);
            long[] vectors = m.cpu.xmm.clone();
            long[] x87 = m.cpu.x87.capture();
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.memory.read64(AREA + 512)).isEqualTo(7);
            java.util.Arrays.fill(m.cpu.xmm, 0);
            m.cpu.x87.reset();
            m.cpu.mxcsr = 0x1F80;
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.xmm).isEqualTo(vectors);
            assertThat(m.cpu.x87.capture()).isEqualTo(x87);
            assertThat(m.cpu.mxcsr).isEqualTo(0x1FA0);
        }
    }

    @Test
    void onlyTheComponentsAskedForAreTouched() {
        try (var m = machine(XSAVE, 4)) {
            fill(m);
            m.memory.fill(AREA, 1024, (byte) 0x55);
            m.memory.write64(AREA + 512, 3);
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            long other = 0x5555_5555_5555_5555L;
            assertThat(m.memory.read64(AREA)).as("x87").isEqualTo(other);
            assertThat(m.memory.read64(AREA + 160)).as("XMM0").isEqualTo(other);
            assertThat(m.memory.read64(AREA + 520)).as("XCOMP_BV").isEqualTo(other);
            assertThat(m.memory.read64(AREA + 24)).as("MXCSR and mask").isEqualTo(0xFFFF_0000_1FA0L);
            assertThat(m.memory.read64(AREA + 512)).as("XSTATE_BV").isEqualTo(7);
            assertThat(m.memory.read64(AREA + 576)).isEqualTo(m.cpu.xmm[2]);
            assertThat(m.memory.read64(AREA + 832)).as("behind").isEqualTo(other);
        }
    }

    @Test
    void xsaveWritesAnInitialComponentAndXsaveoptDoesNot() {
        for (String code : new String[]{XSAVE, XSAVEOPT}) {
            try (var m = machine(code, 7)) {
                m.memory.write64(AREA + 576, -1);
                m.memory.write64(AREA + 512, 7);
                assertThat(m.run(1)).isEqualTo(Exit.SLICE);
                assertThat(m.memory.read64(AREA + 512)).as("XSTATE_BV").isZero();
                assertThat(m.memory.read64(AREA + 576)).isEqualTo(code.equals(XSAVE) ? 0 : -1);
            }
        }
    }

    @Test
    void theCompactedFormatTellsItsComponentsAndCountsMxcsrAsSse() {
        try (var m = machine(XSAVEC + XRSTOR, 7)) {
            m.cpu.mxcsr = 0x1F81;
            m.cpu.xmm[2] = 9;
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.memory.read64(AREA + 512)).isEqualTo(6);
            assertThat(m.memory.read64(AREA + 520)).isEqualTo(Long.MIN_VALUE | 7);
            m.cpu.mxcsr = 0x1F80;
            m.cpu.xmm[2] = 0;
            m.cpu.xmm[1] = 5;
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.mxcsr).isEqualTo(0x1F81);
            assertThat(m.cpu.xmm[2]).isEqualTo(9);
            assertThat(m.cpu.xmm[1]).isZero();
        }
    }

    @Test
    void aComponentThatIsNotPresentGetsItsInitialValuesButMxcsrIsLoaded() {
        try (var m = machine(XRSTOR, 6)) {
            fill(m);
            m.memory.write32(AREA + 24, 0x1F83);
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.xmm).containsOnly(0);
            assertThat(m.cpu.mxcsr).isEqualTo(0x1F83);
            assertThat(m.cpu.x87.inUse).as("not asked for").isEqualTo(0xA5);
        }
    }

    @Test
    void headersThatAreNotLegalAreRefused() {
        long[][] headers = {{8, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, Long.MIN_VALUE | 8, 0, 0},
            {4, Long.MIN_VALUE | 3, 0, 0}, {0, Long.MIN_VALUE | 7, 0, 1}};
        for (long[] header : headers) {
            try (var m = machine(XRSTOR, 7)) {
                for (int i = 0; i < header.length; i++) {
                    m.memory.write64(AREA + 512 + 8L * i, header[i]);
                }
                assertFault(m, Vector.GP);
            }
        }
    }

    @Test
    void reservedBitsOfMxcsrAreRefusedOnlyWhereItIsLoaded() {
        try (var m = machine(XRSTOR, 7)) {
            m.memory.write32(AREA + 24, 0x10000);
            assertFault(m, Vector.GP);
            m.cpu.gpr[0] = 1;
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
        }
    }

    @Test
    void anAreaIsAlignedTo64Bytes() {
        try (var m = machine(XSAVE, 7)) {
            m.cpu.gpr[3] = AREA + 16;
            assertFault(m, Vector.GP);
        }
    }

    @Test
    void xgetbvTellsWhatIsEnabledAndWhatIsInUse() {
        try (var m = machine("0f01d0 0f01d0 0f01d0", 0)) {
            m.cpu.gpr[1] = 0;
            m.run(1);
            assertThat(m.cpu.gpr[0]).isEqualTo(7);
            m.cpu.gpr[1] = 1;
            m.cpu.xmm[3] = 1;
            m.run(1);
            assertThat(m.cpu.gpr[0]).isEqualTo(4);
            m.cpu.gpr[1] = 2;
            assertFault(m, Vector.GP);
        }
    }

    @Test
    void xsetbvTakesLegalValuesInRing0Only() {
        for (long value : new long[]{0, 2, 5, 8, 9, 0xFF}) {
            try (var m = machine("0f01d1", value)) {
                m.cpu.gpr[1] = 0;
                m.cpu.cpl = 0;
                m.cpu.context();
                assertFault(m, Vector.GP);
            }
        }
        try (var m = machine("0f01d1", 3)) {
            m.cpu.gpr[1] = 0;
            assertFault(m, Vector.GP);
            m.cpu.cpl = 0;
            m.cpu.context();
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.system.xcr0).isEqualTo(3);
        }
    }

    @Test
    void xsavesAndXrstorsAreTheKernelsCompactedForms() {
        String saveCompacted = "480fc72b"; // xsaves64 [rbx]
        String restore = "480fc71b"; // xrstors64 [rbx]
        try (var m = machine(saveCompacted + restore, 7)) {
            assertFault(m, Vector.GP);
            m.cpu.cpl = 0;
            m.cpu.context();
            fill(m);
            long[] vectors = m.cpu.xmm.clone();
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.memory.read64(AREA + 520)).isEqualTo(7 | 1L << 63);
            java.util.Arrays.fill(m.cpu.xmm, 0);
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertThat(m.cpu.xmm).isEqualTo(vectors);
            assertThat(m.cpu.mxcsr).isEqualTo(0x1FA0);
        }
        try (var m = machine(XSAVE + restore, 7)) {
            m.cpu.cpl = 0;
            m.cpu.context();
            assertThat(m.run(1)).isEqualTo(Exit.SLICE);
            assertFault(m, Vector.GP);
        }
    }
}
