package chronovisor.cpu;

import chronovisor.isa.Operand;

/** Loads of segment registers in 64-bit mode, where all but FS and GS are flat (SDM vol. 2, MOV and LDS; vol. 3, 5.6 and 5.7). */
final class Segments {
    private static final int SEGMENTS = 6;

    private Segments() {}

    /** Loads a selector into a register other than CS; raises before anything is changed. */
    static void load(Cpu cpu, int segment, int selector) {
        if (segment == Operand.CS) {
            throw cpu.raise(Vector.UD, 0);
        }
        if (segment == Operand.SS) {
            checkStack(cpu, selector, cpu.cpl);
            cpu.selectors[Operand.SS] = selector;
            cpu.system.shadow = SystemState.SHADOW_SS;
            return;
        }
        long base = 0;
        if (!Descriptor.isNull(selector)) {
            long d = Descriptor.fetch(cpu, selector);
            boolean privileged = Math.max(cpu.cpl, selector & 3) > Descriptor.dpl(d) && !Descriptor.isConforming(d);
            if (!Descriptor.isReadable(d) || privileged) {
                throw cpu.raise(Vector.GP, selector & ~3);
            }
            if (!Descriptor.isPresent(d)) {
                throw cpu.raise(Vector.NP, selector & ~3);
            }
            Descriptor.access(cpu, selector, d);
            base = Descriptor.base(d);
        }
        set(cpu, segment, selector, base);
    }

    private static void set(Cpu cpu, int segment, int selector, long base) {
        cpu.selectors[segment] = selector;
        if (segment == Operand.FS) {
            cpu.fsBase = base;
            cpu.gpr[Cpu.SLOT_FS] = base;
        } else if (segment == Operand.GS) {
            cpu.gsBase = base;
            cpu.gpr[Cpu.SLOT_GS] = base;
        }
    }

    /** What a stack segment has to be for a privilege level: the null selector serves outside of ring 3. */
    static void checkStack(Cpu cpu, int selector, int privilege) {
        if (Descriptor.isNull(selector)) {
            if (privilege == 3 || (selector & 3) != privilege) {
                throw cpu.raise(Vector.GP, 0);
            }
            return;
        }
        long d = Descriptor.fetch(cpu, selector);
        if ((selector & 3) != privilege || !Descriptor.isWritable(d) || Descriptor.dpl(d) != privilege) {
            throw cpu.raise(Vector.GP, selector & ~3);
        }
        if (!Descriptor.isPresent(d)) {
            throw cpu.raise(Vector.SS, selector & ~3);
        }
        Descriptor.access(cpu, selector, d);
    }

    /** On a return to an outer ring: data segments that it may not use become null (SDM vol. 3, 5.8.6). */
    static void dropPrivileged(Cpu cpu) {
        for (int segment = 0; segment < SEGMENTS; segment++) {
            int selector = cpu.selectors[segment];
            if (segment == Operand.CS || segment == Operand.SS || Descriptor.isNull(selector)
                    || !Descriptor.exists(cpu, selector)) {
                continue;
            }
            long d = Descriptor.read(cpu, selector);
            if (Descriptor.dpl(d) < cpu.cpl && !Descriptor.isConforming(d)) {
                set(cpu, segment, 0, 0);
            }
        }
    }
}
