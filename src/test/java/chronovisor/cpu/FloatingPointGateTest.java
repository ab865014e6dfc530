package chronovisor.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What control registers make of floating-point instructions (SDM vol. 3, 13.1): the vector, or nothing. */
final class FloatingPointGateTest {
    @ParameterizedTest(name = "{0}: {1} cr0 {2} cr4 {3} xcr0 {4}")
    @CsvSource({
        // encoding, name, bits set in CR0, bits cleared in CR4, XCR0, vector
        "d9e8,     fld1 as it is,      0, 0,     7, -1", "d9e8,     fld1 with TS,       8, 0,     7, 7",
        "d9e8,     fld1 with EM,       4, 0,     7, 7", "9b,       wait with TS,        8, 0,     7, 7",
        "0f77,     emms with EM,       4, 0,     7, 6", "0f77,     emms with TS,        8, 0,     7, 7",
        "0ffcc1,   paddb mm no FXSR,   0, 0x200, 7, -1", "660ffcc1, paddb xmm no FXSR,  0, 0x200, 7, 6",
        "660ffcc1, paddb xmm with EM,  4, 0,     7, 6", "660ffcc1, paddb xmm with TS,   8, 0,     7, 7",
        "660ffcc1, paddb EM and TS,   12, 0,     7, 6", "0fae1b,   stmxcsr no FXSR,     0, 0x200, 7, 6",
        "0fae03,   fxsave with TS,     8, 0,     7, 7", "0fae03,   fxsave with EM,      4, 0,     7, 7",
        "0fc303,   movnti no FXSR,     8, 0x200, 7, -1", "0faef0,   mfence no FXSR,     12, 0x200, 7, -1",
        "f20f38f0c1, crc32 no FXSR,   12, 0x200, 7, -1", "0fae23,   xsave no OSXSAVE,   0, 0x40000, 7, 6",
        "0fae23,   xsave with TS,      8, 0,     7, 7", "0f01d0,   xgetbv no OSXSAVE,   0, 0x40000, 7, 6"})
    void anInstructionFaultsAsTheControlRegistersSay(String code, String name, long cr0, String cr4, long xcr0,
            int vector) {
        try (var m = new TestMachine(code)) {
            m.cpu.gpr[3] = TestMachine.DATA;
            m.cpu.gpr[1] = 0;
            m.cpu.cr0 |= cr0;
            m.cpu.cr4 &= ~Long.decode(cr4);
            m.cpu.system.xcr0 = xcr0;
            m.cpu.context();
            int exit = m.run(1);
            assertThat(exit).as(name).isEqualTo(vector < 0 ? Exit.SLICE : Exit.EXCEPTION);
            if (vector >= 0) {
                assertThat(m.cpu.exitVector).isEqualTo(vector);
                assertThat(m.cpu.rip).isEqualTo(TestMachine.CODE);
            }
        }
    }
}
