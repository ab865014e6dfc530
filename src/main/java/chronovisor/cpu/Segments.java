package chronovisor.cpu;

import chronovisor.isa.Operand;

/** Loads of segment registers in 64-bit mode, where all but FS and GS are flat. */
final class Segments {
    private Segments() {}

    /**
     * Loads a selector (SDM vol. 2, MOV). There is no descriptor table to read yet: the null selector and the ones already in use are
     * accepted, which is what programs do; anything else raises #GP(selector).
     */
    static void load(Cpu cpu, int segment, int selector) {
        boolean nullSelector = (selector & ~3) == 0;
        if (segment == Operand.CS) {
            throw cpu.raise(Vector.UD, 0);
        }
        boolean known = selector == cpu.selectors[Operand.SS] || selector == cpu.selectors[segment];
        if (nullSelector ? segment == Operand.SS : !known) {
            throw cpu.raise(Vector.GP, selector & ~3);
        }
        cpu.selectors[segment] = selector;
        if (segment == Operand.FS) {
            cpu.fsBase = 0;
            cpu.gpr[Cpu.SLOT_FS] = 0;
        } else if (segment == Operand.GS) {
            cpu.gsBase = 0;
            cpu.gpr[Cpu.SLOT_GS] = 0;
        }
    }
}
