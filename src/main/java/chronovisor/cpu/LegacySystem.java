package chronovisor.cpu;

import chronovisor.isa.Operand;

/** Segments, descriptor tables and what leaves the guest, in 16- and 32-bit code; and its opcodes of two bytes. */
final class LegacySystem {

    private LegacySystem() {}

    private static boolean isProtected(Cpu cpu) {
        return (cpu.cr0 & Control.CR0_PE) != 0;
    }

    /** MOV to a segment register: in real mode the selector is the base's upper part. */
    static void loadSegment(Cpu cpu, int segment, int selector) {
        if (segment == Operand.CS || segment > Operand.GS) {
            throw cpu.raise(Vector.UD, 0);
        }
        long base = (long) selector << 4;
        int stackBits = 16;
        if (isProtected(cpu)) {
            base = 0;
            if (!Descriptor.isNull(selector)) {
                long d = Descriptor.fetch(cpu, selector);
                boolean fits = segment == Operand.SS ? Descriptor.isWritable(d) : Descriptor.isReadable(d);
                if (!fits) {
                    throw cpu.raise(Vector.GP, selector & ~3);
                }
                if (!Descriptor.isPresent(d)) {
                    throw cpu.raise(segment == Operand.SS ? Vector.SS : Vector.NP, selector & ~3);
                }
                Descriptor.access(cpu, selector, d);
                base = Descriptor.base(d);
                stackBits = Descriptor.isBig(d) ? 32 : 16;
            }
        }
        cpu.selectors[segment] = selector;
        switch (segment) {
            case Operand.FS -> cpu.fsBase = base;
            case Operand.GS -> cpu.gsBase = base;
            default -> cpu.system.bases[segment] = base;
        }
        if (segment == Operand.SS) {
            cpu.system.stackBits = stackBits;
            cpu.system.shadow = SystemState.SHADOW_SS;
        }
    }

    /** A far jump, which is how modes are changed. */
    static void farJump(Cpu cpu, int selector, long ip) {
        if (!isProtected(cpu)) {
            enter(cpu, selector, (long) selector << 4, 16, ip);
            return;
        }
        if (Descriptor.isNull(selector)) {
            throw cpu.raise(Vector.GP, 0);
        }
        long d = Descriptor.fetch(cpu, selector);
        if (!Descriptor.isCode(d)) {
            throw cpu.raise(Vector.GP, selector & ~3);
        }
        if (Descriptor.dpl(d) != 0) {
            throw cpu.unsupported("a transfer out of ring 0");
        }
        if (!Descriptor.isPresent(d)) {
            throw cpu.raise(Vector.NP, selector & ~3);
        }
        Descriptor.access(cpu, selector, d);
        boolean is64 = Descriptor.isLong(d) && (cpu.efer & 1 << 10) != 0;
        enter(cpu, selector & ~3, Descriptor.base(d),
                is64 ? SystemState.CODE_64 : Descriptor.isBig(d) ? 32 : 16, ip);
    }

    static void farJump(Cpu cpu, LegacyCode c) {
        long at = c.address();
        long ip = c.bits == 16 ? cpu.mmu.load16(at) & 0xFFFF : cpu.mmu.load32(at) & 0xFFFF_FFFFL;
        farJump(cpu, cpu.mmu.load16(at + c.bits / 8) & 0xFFFF, ip);
    }

    private static void enter(Cpu cpu, int selector, long base, int codeBits, long ip) {
        cpu.selectors[Operand.CS] = selector;
        cpu.system.bases[Operand.CS] = base;
        cpu.system.codeBits = codeBits;
        cpu.target = ip;
        if (codeBits == SystemState.CODE_64) {
            // What it has no use for is not kept, so that equal states are equal.
            cpu.system.dropBases();
            cpu.context();
        }
    }

    /** Port I/O and HLT. */
    static int exit(Cpu cpu, LegacyCode c, int opcode) {
        return switch (opcode) {
            case 0xE4, 0xE5, 0xE6, 0xE7, 0xEC, 0xED, 0xEE, 0xEF -> {
                cpu.exitPort = opcode < 0xEC ? c.next8() : (int) cpu.gpr[2] & 0xFFFF;
                cpu.exitSize = (opcode & 1) == 0 ? 1 : c.bits / 8;
                cpu.exitIn = (opcode & 2) == 0;
                cpu.exitString = false;
                cpu.exitRepeat = false;
                yield Exit.IO;
            }
            case 0xF4 -> Exit.HLT;
            default -> LegacyMode.UNKNOWN;
        };
    }

    /** Opcodes that begin with 0F. */
    static int execute(Cpu cpu, LegacyCode c, int opcode) {
        if (opcode >>> 4 == 8) {
            long distance = Flags.extend(c.bits, c.next(c.bits));
            LegacyMode.branch(cpu, c, distance, Flags.condition(opcode & 15, cpu.flagResult, cpu.flagAux));
            return Dispatch.NEXT;
        }
        switch (opcode) {
            case 0x01 -> {
                return tables(cpu, c);
            }
            case 0x06 -> {
                cpu.cr0 &= ~Control.CR0_TS;
                cpu.context();
            }
            case 0x08, 0x09 -> {
                // INVD, WBINVD: there are no caches to write back.
            }
            case 0x20, 0x22 -> {
                int modrm = c.next8();
                cpu.exitControl = modrm >>> 3 & 7;
                cpu.exitRegister = modrm & 7;
                cpu.exitIn = opcode == 0x20;
                boolean exists = cpu.exitControl == 0 || cpu.exitControl >= 2 && cpu.exitControl <= 4;
                return exists ? Exit.CR_ACCESS : Faults.vector(cpu, Vector.UD, 0);
            }
            case 0x30 -> {
                return Exit.MSR_WRITE;
            }
            case 0x31 -> {
                return Exit.RDTSC;
            }
            case 0x32 -> {
                return Exit.MSR_READ;
            }
            case 0xA2 -> {
                return Exit.CPUID;
            }
            case 0xB6, 0xB7, 0xBE, 0xBF -> {
                c.modrm();
                int from = (opcode & 1) == 0 ? 8 : 16;
                long v = c.get(from);
                c.register(c.reg, c.bits, opcode < 0xBE ? v : Flags.extend(from, v));
            }
            case 0xBA -> {
                return bit(cpu, c);
            }
            case 0xC1 -> {
                c.modrm();
                long a = c.get(c.bits);
                long b = c.register(c.reg, c.bits);
                c.set(c.bits, a + b);
                c.register(c.reg, c.bits, a);
                cpu.flagResult = Flags.extend(c.bits, a + b);
                cpu.flagAux = Flags.addAux(c.bits, a, b, a + b);
            }
            default -> {
                return LegacyMode.UNKNOWN;
            }
        }
        return Dispatch.NEXT;
    }

    /** LGDT, LIDT, SMSW, LMSW, INVLPG. With 16-bit operands a table's base has 24 bits. */
    private static int tables(Cpu cpu, LegacyCode c) {
        c.modrm();
        return switch (c.reg) {
            case 2, 3 -> {
                long at = c.address();
                int limit = cpu.mmu.load16(at) & 0xFFFF;
                long base = cpu.mmu.load32(at + 2) & (c.bits == 16 ? 0xFF_FFFFL : 0xFFFF_FFFFL);
                if (c.reg == 2) {
                    cpu.system.gdtLimit = limit;
                    cpu.system.gdtBase = base;
                } else {
                    cpu.system.idtLimit = limit;
                    cpu.system.idtBase = base;
                }
                yield Dispatch.NEXT;
            }
            case 4 -> {
                c.set(c.isMemory() ? 16 : c.bits, cpu.cr0);
                yield Dispatch.NEXT;
            }
            case 6 -> {
                long value = c.get(16);
                // It cannot leave protected mode.
                cpu.cr0 = cpu.cr0 & ~0xEL | value & 0xF;
                cpu.context();
                yield Dispatch.NEXT;
            }
            case 7 -> {
                cpu.exitAddress = c.address();
                yield Exit.INVLPG;
            }
            default -> LegacyMode.UNKNOWN;
        };
    }

    /** BT, BTS, BTR, BTC with an immediate. */
    private static int bit(Cpu cpu, LegacyCode c) {
        c.modrm();
        if (c.reg < 4) {
            return LegacyMode.UNKNOWN;
        }
        long mask = 1L << (c.next8() & c.bits - 1);
        long v = c.get(c.bits);
        switch (c.reg) {
            case 5 -> c.set(c.bits, v | mask);
            case 6 -> c.set(c.bits, v & ~mask);
            case 7 -> c.set(c.bits, v ^ mask);
            default -> {
                // BT only looks.
            }
        }
        cpu.carry((v & mask) != 0);
        return Dispatch.NEXT;
    }
}
