package chronovisor.cpu.x87;

import chronovisor.cpu.Cpu;
import chronovisor.cpu.ExtendedState;
import chronovisor.cpu.StateArea;
import chronovisor.cpu.Vector;
import chronovisor.memory.Mmu;

/** Saving and loading the unit's state: FNSTENV, FNSAVE, FXSAVE and back (SDM vol. 1, 8.1.10 and 10.5.1). */
final class X87Environment {

    private X87Environment() {}

    /** FNSTENV: 28 bytes, or 14 with an operand size of 16; then all exceptions are masked. */
    static void storeEnvironment(Cpu cpu, long address, boolean small) {
        cpu.mmu.checkWrite(address, small ? 14 : 28);
        writeEnvironment(cpu, address, small);
        cpu.x87.control |= X87.EXCEPTIONS;
        cpu.x87.updateSummary();
    }

    private static void writeEnvironment(Cpu cpu, long address, boolean small) {
        X87 f = cpu.x87;
        Mmu m = cpu.mmu;
        if (small) {
            m.store16(address, (short) f.control);
            m.store16(address + 2, (short) f.statusWord());
            m.store16(address + 4, (short) f.tagWord());
            m.store16(address + 6, (short) f.instructionPointer);
            m.store16(address + 8, (short) 0);
            m.store16(address + 10, (short) f.dataPointer);
            m.store16(address + 12, (short) 0);
            return;
        }
        m.store32(address, f.control | 0xFFFF_0000);
        m.store32(address + 4, f.statusWord() | 0xFFFF_0000);
        m.store32(address + 8, f.tagWord() | 0xFFFF_0000);
        m.store32(address + 12, (int) f.instructionPointer);
        m.store32(address + 16, f.opcode << 16);
        m.store32(address + 20, (int) f.dataPointer);
        m.store32(address + 24, 0xFFFF_0000);
    }

    static void loadEnvironment(Cpu cpu, long address, boolean small) {
        Mmu m = cpu.mmu;
        X87 f = cpu.x87;
        int step = small ? 2 : 4;
        int control = m.load16(address) & 0xFFFF;
        int status = m.load16(address + step) & 0xFFFF;
        int tags = m.load16(address + 2L * step) & 0xFFFF;
        if (small) {
            long instruction = m.load16(address + 6) & 0xFFFF;
            long data = m.load16(address + 10) & 0xFFFF;
            m.load16(address + 12);
            f.instructionPointer = instruction;
            f.dataPointer = data;
            f.opcode = 0;
        } else {
            long instruction = m.load32(address + 12) & 0xFFFF_FFFFL;
            int opcode = m.load32(address + 16) >>> 16 & 0x7FF;
            long data = m.load32(address + 20) & 0xFFFF_FFFFL;
            m.load32(address + 24);
            f.instructionPointer = instruction;
            f.dataPointer = data;
            f.opcode = opcode;
        }
        f.control = control & 0x1F3F | 0x40;
        f.tagWord(tags);
        f.statusWord(status);
    }

    /** FNSAVE: environment and registers in stack order, then FNINIT. */
    static void save(Cpu cpu, long address, boolean small) {
        int header = small ? 14 : 28;
        cpu.mmu.checkWrite(address, header + 80);
        writeEnvironment(cpu, address, small);
        X87 f = cpu.x87;
        for (int i = 0; i < 8; i++) {
            int physical = f.top + i & 7;
            cpu.mmu.store64(address + header + 10L * i, f.significand[physical]);
            cpu.mmu.store16(address + header + 10L * i + 8, (short) f.signExponent[physical]);
        }
        f.initialize();
    }

    static void restore(Cpu cpu, long address, boolean small) {
        int header = small ? 14 : 28;
        Mmu m = cpu.mmu;
        // The last byte first: if it can be read, so can all, for the area spans two pages at most.
        m.load8(address + header + 79);
        m.load8(address);
        loadEnvironment(cpu, address, small);
        X87 f = cpu.x87;
        for (int i = 0; i < 8; i++) {
            int physical = f.top + i & 7;
            f.significand[physical] = m.load64(address + header + 10L * i);
            f.signExponent[physical] = m.load16(address + header + 10L * i + 8) & 0xFFFF;
        }
    }

    private static void checkArea(Cpu cpu, long address) {
        if ((address & 15) != 0) {
            throw cpu.raise(Vector.GP, 0);
        }
    }

    /** FXSAVE: x87, MXCSR and XMM state; {@code wide} (REX.W) has 64-bit pointers. */
    static void fxsave(Cpu cpu, long address, boolean wide) {
        checkArea(cpu, address);
        cpu.mmu.checkWrite(address, ExtendedState.LEGACY_BYTES);
        StateArea area = StateArea.of(cpu.mmu, address);
        ExtendedState.saveX87(cpu, area, wide);
        ExtendedState.saveMxcsr(cpu, area);
        ExtendedState.saveXmm(cpu, area);
    }

    static void fxrstor(Cpu cpu, long address, boolean wide) {
        checkArea(cpu, address);
        cpu.mmu.checkRead(address, ExtendedState.LEGACY_BYTES);
        StateArea area = StateArea.of(cpu.mmu, address);
        int mxcsr = ExtendedState.mxcsr(cpu, area);
        ExtendedState.loadX87(cpu, area, wide);
        ExtendedState.loadXmm(cpu, area);
        cpu.mxcsr = mxcsr;
    }
}
