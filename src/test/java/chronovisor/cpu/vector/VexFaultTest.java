package chronovisor.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.GuestException;
import chronovisor.cpu.Step;
import chronovisor.isa.Decoder;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.memory.GuestCanonicalFault;
import chronovisor.memory.GuestPageFault;
import chronovisor.memory.NestedFault;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults of VEX-encoded memory operands, as a processor was seen to do them: alignment, page ends, masked elements, gathers. */
final class VexFaultTest {

    /** The page after the only one that there is. */
    private static final long ABSENT = 0x5000;

    private static final int YMM1 = 4;
    private static final int YMM2 = 8;
    private static final String GATHER_DWORDS = "c4e26d90040b"; // vpgatherdd ymm0, [rbx+ymm1], ymm2
    private static final String GATHER_DWORDS_128 = "c4e26990040b";
    private static final String GATHER_QWORDS = "c4e2ed91040b"; // vpgatherqq ymm0, [rbx+ymm1], ymm2

    private final Cpu cpu = HardwareState.processor();

    VexFaultTest() {
        for (int i = 0; i < 64; i++) {
            cpu.xmm[i] = -1L - i;
        }
        for (int i = 0; i < 512; i++) {
            cpu.mmu.store64(0x4000 + 8L * i, 0x0101_0101_0101_0101L * (i & 0xFF));
        }
    }

    private void execute(String code, long address) {
        byte[] bytes = HexFormat.of().parseHex(code);
        Instruction i = (Instruction) Decoder.decode(bytes, 0, bytes.length);
        Operand memory = Objects.requireNonNull(i.memory());
        AddressForm form = memory.index() == Operand.NONE
                ? cpu -> address
                : cpu -> address + memory.scale() * cpu.vectorIndex();
        Step step = Objects.requireNonNull(VectorFamilies.bind(i, form));
        step.execute(cpu);
    }

    private void dwords(int register, int... values) {
        for (int k = 0; k < 4; k++) {
            cpu.xmm[register + k] = values[2 * k] & 0xFFFF_FFFFL | (long) values[2 * k + 1] << 32;
        }
    }

    private int dword(int register, int k) {
        return (int) (cpu.xmm[register + k / 2] >>> 32 * (k & 1));
    }

    /** Pages of 4 KiB: that at 0x4000 is where it is without paging, the others are not there. */
    private void paging() {
        for (long page : new long[]{1, 2, 3, 6}) {
            cpu.mmu.memory().resolve(page, true);
        }
        cpu.mmu.store64(0x1000, 0x2007);
        cpu.mmu.store64(0x2000, 0x3007);
        cpu.mmu.store64(0x3000, 0x6007);
        cpu.mmu.store64(0x6020, 0x4007);
        cpu.cr3 = 0x1000;
        cpu.cr4 = 1 << 5;
        cpu.efer = 0x500;
        cpu.cr0 |= 1L << 31;
        cpu.cpl = 3;
        cpu.context();
    }

    @ParameterizedTest
    @CsvSource({"c5fe7f03, 32", "c5fa7f03, 16", "c5fc1103, 32", "c5fd1103, 32", "c5fc2903, 32", "c5fde703, 32",
        "c4e37d390301, 16", "c5fa1103, 4", "c5fb1103, 8", "c5f97e03, 4", "c5f9d603, 8", "c5f81703, 8",
        "c4e379140300, 1", "c5f8ae1b, 4"})
    void aStoreThatReachesAnAbsentPageWritesNothing(String code, int bytes) {
        boolean aligned = code.equals("c5fc2903") || code.equals("c5fde703") || bytes == 1;
        long address = ABSENT - (aligned ? 0 : 1);
        byte before = cpu.mmu.load8(ABSENT - 1);
        assertThatThrownBy(() -> execute(code, address)).isInstanceOf(NestedFault.class);
        assertThat(cpu.mmu.load8(ABSENT - 1)).isEqualTo(before);
        assertThatCode(() -> execute(code, ABSENT - bytes)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"c5fe6f03, 32", "c5fa6f03, 16", "c5f5fe03, 32", "c5f1fe03, 16", "c5f5f103, 16", "c4e27d2003, 16",
        "c4e27d2103, 8", "c4e27d2203, 4", "c4e2792203, 2", "c4e27d7803, 1", "c4e27d5a03, 16", "c4e375380301, 16",
        "c4e27d1703, 32", "c4e3754c0320, 32", "c4e375460331, 32", "c4e3fd001b1b, 32", "c5ff1203, 32", "c5fb1203, 8",
        "c5f01203, 8", "c4e371200300, 1", "c4e371210300, 4", "c4e379630300, 16"})
    void aLoadThatReachesAnAbsentPageChangesNoRegister(String code, int bytes) {
        long[] xmm = cpu.xmm.clone();
        long[] gpr = cpu.gpr.clone();
        long flags = cpu.rflags();
        assertThatThrownBy(() -> execute(code, ABSENT - bytes + 1)).isInstanceOf(NestedFault.class);
        assertThat(cpu.xmm).isEqualTo(xmm);
        assertThat(cpu.gpr).isEqualTo(gpr);
        assertThat(cpu.rflags()).isEqualTo(flags);
        assertThatCode(() -> execute(code, ABSENT - bytes)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"c5fd6f03", "c5fd7f03", "c5fc2803", "c5fd2903", "c5fde703", "c5fc2b03", "c4e27d2a03"})
    void alignedMovesOf256BitsWantThirtyTwoBytes(String code) {
        assertThatThrownBy(() -> execute(code, 0x4010)).isInstanceOf(GuestException.class);
        assertThatCode(() -> execute(code, 0x4020)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"c5f96f03", "c5f97f03", "c5f82803", "c5f92903", "c5f9e703", "c5f82b03", "c4e2792a03"})
    void alignedMovesOf128BitsWantSixteenBytes(String code) {
        assertThatThrownBy(() -> execute(code, 0x4008)).isInstanceOf(GuestException.class);
        assertThatCode(() -> execute(code, 0x4010)).doesNotThrowAnyException();
    }

    /** vpmaskmovd, vmaskmovps, vpmaskmovd with only the elements before the page's end, then with none. */
    @ParameterizedTest
    @ValueSource(strings = {"c4e2758c03", "c4e2752c03", "c4e2758e03"})
    void disabledElementsAreNotTouched(String code) {
        dwords(YMM1, -1, 0, 0x8000_0000, 0, 0, 0x7FFF_FFFF, 0, 0);
        assertThatCode(() -> execute(code, ABSENT - 16)).doesNotThrowAnyException();
        dwords(YMM1, 0, 0, 0, 0, 0, 0, 0, 0);
        assertThatCode(() -> execute(code, ABSENT)).doesNotThrowAnyException();
        assertThatCode(() -> execute(code, 1L << 62)).doesNotThrowAnyException();
    }

    @Test
    void aMaskedLoadThatFaultsChangesNoRegister() {
        dwords(YMM1, -1, 0, 0, 0, 0, -1, 0, 0);
        long[] xmm = cpu.xmm.clone();
        assertThatThrownBy(() -> execute("c4e2758c03", ABSENT - 16)).isInstanceOf(NestedFault.class);
        assertThat(cpu.xmm).isEqualTo(xmm);
    }

    @Test
    void aMaskedStoreThatFaultsWritesNothing() {
        dwords(YMM1, -1, 0, 0, 0, 0, -1, 0, 0);
        long before = cpu.mmu.load64(ABSENT - 16);
        assertThatThrownBy(() -> execute("c4e2758e03", ABSENT - 16)).isInstanceOf(NestedFault.class);
        assertThat(cpu.mmu.load64(ABSENT - 16)).isEqualTo(before);
    }

    @Test
    void aGatherThatFaultsKeepsWhatItHasAndGoesOnFromThere() {
        paging();
        dwords(YMM1, 8, 16, 4096, 24, 32, 5000, 40, 48);
        dwords(YMM2, 0x8000_0000, 0xC000_0000, 0x8000_0001, 0x8000_0000, 0, 0x8000_0000, 0x8000_0000, 0x7FFF_FFFF);
        int third = dword(0, 2);
        int last = dword(0, 7);
        assertThatThrownBy(() -> execute(GATHER_DWORDS, 0x4000)).isInstanceOf(GuestPageFault.class)
                .extracting(fault -> ((GuestPageFault) fault).address).isEqualTo(ABSENT);
        assertThat(dword(0, 0)).isEqualTo(0x01010101);
        assertThat(dword(0, 1)).isEqualTo(0x02020202);
        assertThat(dword(0, 2)).isEqualTo(third);
        assertThat(new int[]{dword(YMM2, 0), dword(YMM2, 1), dword(YMM2, 2), dword(YMM2, 3), dword(YMM2, 4),
            dword(YMM2, 5), dword(YMM2, 6), dword(YMM2, 7)}).containsExactly(0, 0, -1, -1, 0, -1, -1, 0);
        dwords(YMM1, 0, 0, 24, 32, 0, 40, 48, 0);
        execute(GATHER_DWORDS, 0x4000);
        assertThat(new int[]{dword(0, 0), dword(0, 1), dword(0, 2), dword(0, 3), dword(0, 5), dword(0, 6)})
                .containsExactly(0x01010101, 0x02020202, 0x03030303, 0x04040404, 0x05050505, 0x06060606);
        assertThat(dword(0, 7)).isEqualTo(last);
        assertThat(cpu.xmm).satisfies(x -> assertThat(new long[]{x[8], x[9], x[10], x[11]}).containsOnly(0));
    }

    @Test
    void aGatherWhoseFirstElementFaultsLeavesTheDestination() {
        paging();
        dwords(YMM1, 8, 4096, 16, 24, 0, 0, 0, 0);
        dwords(YMM2, 0, 0x8000_0001, 0x8000_0000, 1, -1, -1, -1, -1);
        long[] before = {cpu.xmm[0], cpu.xmm[1], cpu.xmm[2], cpu.xmm[3]};
        assertThatThrownBy(() -> execute(GATHER_DWORDS_128, 0x4000)).isInstanceOf(GuestPageFault.class);
        assertThat(new long[]{cpu.xmm[0], cpu.xmm[1], cpu.xmm[2], cpu.xmm[3]}).isEqualTo(before);
        assertThat(new long[]{cpu.xmm[8], cpu.xmm[9], cpu.xmm[10], cpu.xmm[11]}).containsExactly(-1L << 32,
                0xFFFF_FFFFL, 0, 0);
    }

    @Test
    void aGatherOf128BitsThatFaultsClearsTheUpperHalfOfWhatItWrote() {
        paging();
        dwords(YMM1, 8, 4096, 16, 24, 0, 0, 0, 0);
        dwords(YMM2, -1, -1, -1, -1, -1, -1, -1, -1);
        assertThatThrownBy(() -> execute(GATHER_DWORDS_128, 0x4000)).isInstanceOf(GuestPageFault.class);
        assertThat(dword(0, 0)).isEqualTo(0x01010101);
        assertThat(new long[]{cpu.xmm[2], cpu.xmm[3]}).containsOnly(0);
    }

    @Test
    void aGatherFromANonCanonicalAddressKeepsWhatItHas() {
        System.arraycopy(new long[]{8, 1L << 62, 16, 24}, 0, cpu.xmm, YMM1, 4);
        System.arraycopy(new long[]{-1, -1, -1, -1}, 0, cpu.xmm, YMM2, 4);
        assertThatThrownBy(() -> execute(GATHER_QWORDS, 0x4000)).isInstanceOf(GuestCanonicalFault.class);
        assertThat(cpu.xmm[0]).isEqualTo(0x0101_0101_0101_0101L);
        assertThat(new long[]{cpu.xmm[8], cpu.xmm[9], cpu.xmm[10], cpu.xmm[11]}).containsExactly(0, -1, -1, -1);
    }

    @Test
    void aGatherThatWaitsForAFrameLeavesNoTrace() {
        System.arraycopy(new long[]{8, 0x1000, 16, 24}, 0, cpu.xmm, YMM1, 4);
        long[] xmm = cpu.xmm.clone();
        assertThatThrownBy(() -> execute(GATHER_QWORDS, 0x4000)).isInstanceOf(NestedFault.class);
        assertThat(cpu.xmm).isEqualTo(xmm);
    }
}
