package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Vector;

/** Memory operands of 128 and 256 bits. */
final class Access {

    private Access() {}

    /** The operand's address; #GP(0) unless on a 16-byte boundary (SDM vol. 1, 10.4.1.1). */
    static long aligned(Cpu cpu, AddressForm form) {
        return aligned(cpu, form, 16);
    }

    /** The operand's address, checked when {@code aligned} says so. */
    static long address(Cpu cpu, AddressForm form, boolean aligned) {
        return aligned ? aligned(cpu, form) : form.of(cpu);
    }

    /** Stores 128 bits; when they cross a page the second one is checked before the first is written. */
    static void store128(Cpu cpu, long address, long low, long high) {
        if ((address & 0xFFF) > 0xFF0) {
            cpu.mmu.checkWrite(address, 16);
        }
        cpu.mmu.store64(address, low);
        cpu.mmu.store64(address + 8, high);
    }

    /** The operand's address; #GP(0) unless a multiple of {@code bytes}, a power of two. */
    static long aligned(Cpu cpu, AddressForm form, int bytes) {
        long address = form.of(cpu);
        if ((address & bytes - 1) != 0) {
            throw cpu.raise(Vector.GP, 0);
        }
        return address;
    }

    /** Stores the 256 bits of the register at {@code s}, or nothing. */
    static void store256(Cpu cpu, long address, int s) {
        long[] x = cpu.xmm;
        cpu.mmu.store256(address, x[s], x[s + 1], x[s + 2], x[s + 3]);
    }
}
