package chronovisor.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.GuestException;
import chronovisor.cpu.Step;
import chronovisor.cpu.x87.X87Families;
import chronovisor.isa.Decoder;
import chronovisor.isa.Instruction;
import chronovisor.memory.NestedFault;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults of memory operands change nothing; FXSAVE and FXRSTOR, which the hardware comparison leaves out. */
final class NoPartialEffectTest {

    /** The page after the only one that there is. */
    private static final long ABSENT = 0x5000;

    private final Cpu cpu = HardwareState.processor();

    NoPartialEffectTest() {
        cpu.x87.inUse = 0xFF;
        for (int i = 0; i < 8; i++) {
            cpu.x87.significand[i] = 0x8000_0000_0000_0000L + i;
            cpu.x87.signExponent[i] = 0x4000 + i;
        }
        for (int i = 0; i < 64; i++) {
            cpu.xmm[i] = -1L - i;
        }
    }

    private static Step step(String code, long address) {
        byte[] bytes = HexFormat.of().parseHex(code);
        Instruction i = (Instruction) Decoder.decode(bytes, 0, bytes.length);
        AddressForm form = cpu -> address;
        Step step = VectorFamilies.bind(i, form);
        return step != null ? step : Objects.requireNonNull(X87Families.bind(i, form));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0f1103", "f30f7f03", "0f2903", "f20f1103", "660fe703", "db3b", "dd1b", "d91b", "df33",
        "df3b",
        "dd0b", "dd33", "d933", "0f7f03", "660f130b", "0fae03", "660ff7c1"})
    void aStoreThatCrossesIntoAnAbsentPageWritesNothing(String code) {
        int bytes = code.equals("0f2903") || code.equals("660fe703") || code.equals("0fae03") ? 0 : 1;
        long address = ABSENT - bytes;
        byte before = cpu.mmu.load8(ABSENT - 1);
        long[] state = cpu.x87.capture();
        assertThatThrownBy(() -> step(code, address).execute(cpu)).isInstanceOf(NestedFault.class);
        assertThat(cpu.mmu.load8(ABSENT - 1)).isEqualTo(before);
        assertThat(cpu.x87.capture()).isEqualTo(state);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0f1003", "660f6f03", "f30f6f03", "0f5803", "f20f5803", "660f6003", "db2b", "dd03", "d923",
        "dd23", "df23", "0ffc03", "0f2a03", "660f3a630300", "0fae0b", "0fae13"})
    void aLoadFromAnAbsentPageChangesNoRegister(String code) {
        long address = code.equals("0fae0b")
                ? ABSENT
                : code.startsWith("66") || code.startsWith("0f58") ? ABSENT : ABSENT - 1;
        long[] state = cpu.x87.capture();
        long[] xmm = cpu.xmm.clone();
        assertThatThrownBy(() -> step(code, address).execute(cpu)).isInstanceOf(NestedFault.class);
        assertThat(cpu.x87.capture()).isEqualTo(state);
        assertThat(cpu.xmm).isEqualTo(xmm);
        assertThat(cpu.mxcsr).isEqualTo(0x1F80);
    }

    @Test
    void fxrstorTakesBackWhatFxsaveGave() {
        cpu.x87.top = 5;
        cpu.x87.status = 0x4121;
        cpu.mxcsr = 0x5FA1;
        long[] state = cpu.x87.capture();
        long[] xmm = cpu.xmm.clone();
        step("480fae03", 0x4200).execute(cpu);
        assertThat(cpu.mmu.load16(0x4202) & 0xFFFF).isEqualTo(0x4121 | 5 << 11);
        assertThat(cpu.mmu.load64(0x4220)).isEqualTo(0x8000_0000_0000_0005L);
        cpu.x87.reset();
        cpu.mxcsr = 0x1F80;
        for (int i = 0; i < 64; i += 4) {
            cpu.xmm[i] = 0;
            cpu.xmm[i + 1] = 0;
        }
        step("480fae0b", 0x4200).execute(cpu);
        assertThat(cpu.x87.capture()).isEqualTo(state);
        assertThat(cpu.xmm).isEqualTo(xmm);
        assertThat(cpu.mxcsr).isEqualTo(0x5FA1);
    }

    @Test
    void fxrstorRefusesReservedBitsOfMxcsrAndChangesNothing() {
        step("480fae03", 0x4200).execute(cpu);
        cpu.mmu.store32(0x4218, 0x10000);
        cpu.mmu.store16(0x4200, (short) 0);
        assertThatThrownBy(() -> step("480fae0b", 0x4200).execute(cpu)).isInstanceOf(GuestException.class);
        assertThat(cpu.x87.control).isEqualTo(0x37F);
    }

    @Test
    void fxsaveWantsSixteenByteAlignment() {
        assertThatThrownBy(() -> step("480fae03", 0x4208).execute(cpu)).isInstanceOf(GuestException.class);
    }
}
