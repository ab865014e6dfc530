package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Vector;

/** Memory operands of 128 bits. */
final class Access {

    private Access() {}

    /** The operand's address; #GP(0) unless on a 16-byte boundary (SDM vol. 1, 10.4.1.1). */
    static long aligned(Cpu cpu, AddressForm form) {
        long address = form.of(cpu);
        if ((address & 15) != 0) {
            throw cpu.raise(Vector.GP, 0);
        }
        return address;
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
}
