package chronovisor.cpu;

import chronovisor.memory.Mmu;

/**
 * The packed operations that do not leave a block, a method for each group of {@link Op}. The groups are methods of their own so that what
 * their operations have in common is computed once, and what they have not is not: HotSpot computes the common parts of a switch's arms before
 * the switch, and in one switch over all operations that was seventy instructions for each.
 */
final class PackedGroups {
    private static final long M32 = 0xFFFF_FFFFL;

    private PackedGroups() {}

    /** Adds to negations at 64 bits. */
    static void arithmetic64(Cpu cpu, long[] g, long w, long x) {
        int d = Op.destination(w);
        int s = Op.source(w);
        switch ((int) w & Op.CODE) {
            case Op.ADD_RR64 -> Packed.add64(cpu, g, d, g[s]);
            case Op.ADD_RI64 -> Packed.add64(cpu, g, d, x);
            case Op.SUB_RR64 -> Packed.sub64(cpu, g, d, g[s]);
            case Op.SUB_RI64 -> Packed.sub64(cpu, g, d, x);
            case Op.AND_RR64 -> Packed.and64(cpu, g, d, g[s]);
            case Op.AND_RI64 -> Packed.and64(cpu, g, d, x);
            case Op.OR_RR64 -> Packed.or64(cpu, g, d, g[s]);
            case Op.OR_RI64 -> Packed.or64(cpu, g, d, x);
            case Op.XOR_RR64 -> Packed.xor64(cpu, g, d, g[s]);
            case Op.XOR_RI64 -> Packed.xor64(cpu, g, d, x);
            case Op.CMP_RR64 -> Packed.cmp64(cpu, g, d, g[s]);
            case Op.CMP_RI64 -> Packed.cmp64(cpu, g, d, x);
            case Op.TEST_RR64 -> Packed.test64(cpu, g, d, g[s]);
            case Op.TEST_RI64 -> Packed.test64(cpu, g, d, x);
            case Op.ADC_RR64 -> Packed.adc64(cpu, g, d, g[s]);
            case Op.ADC_RI64 -> Packed.adc64(cpu, g, d, x);
            case Op.SBB_RR64 -> Packed.sbb64(cpu, g, d, g[s]);
            case Op.SBB_RI64 -> Packed.sbb64(cpu, g, d, x);
            case Op.INC64 -> Packed.inc64(cpu, g, d);
            case Op.DEC64 -> Packed.dec64(cpu, g, d);
            case Op.NEG64 -> Packed.neg64(cpu, g, d);
            case Op.NOT64 -> Packed.not64(cpu, g, d);
            default -> throw unknown(w);
        }
    }

    /** The same at 32 bits. */
    static void arithmetic32(Cpu cpu, long[] g, long w, long x) {
        int d = Op.destination(w);
        int s = Op.source(w);
        switch ((int) w & Op.CODE) {
            case Op.ADD_RR32 -> Packed.add32(cpu, g, d, g[s]);
            case Op.ADD_RI32 -> Packed.add32(cpu, g, d, x);
            case Op.SUB_RR32 -> Packed.sub32(cpu, g, d, g[s]);
            case Op.SUB_RI32 -> Packed.sub32(cpu, g, d, x);
            case Op.AND_RR32 -> Packed.and32(cpu, g, d, g[s]);
            case Op.AND_RI32 -> Packed.and32(cpu, g, d, x);
            case Op.OR_RR32 -> Packed.or32(cpu, g, d, g[s]);
            case Op.OR_RI32 -> Packed.or32(cpu, g, d, x);
            case Op.XOR_RR32 -> Packed.xor32(cpu, g, d, g[s]);
            case Op.XOR_RI32 -> Packed.xor32(cpu, g, d, x);
            case Op.CMP_RR32 -> Packed.cmp32(cpu, g, d, g[s]);
            case Op.CMP_RI32 -> Packed.cmp32(cpu, g, d, x);
            case Op.TEST_RR32 -> Packed.test32(cpu, g, d, g[s]);
            case Op.TEST_RI32 -> Packed.test32(cpu, g, d, x);
            case Op.ADC_RR32 -> Packed.adc32(cpu, g, d, g[s]);
            case Op.ADC_RI32 -> Packed.adc32(cpu, g, d, x);
            case Op.SBB_RR32 -> Packed.sbb32(cpu, g, d, g[s]);
            case Op.SBB_RI32 -> Packed.sbb32(cpu, g, d, x);
            case Op.INC32 -> Packed.inc32(cpu, g, d);
            case Op.DEC32 -> Packed.dec32(cpu, g, d);
            case Op.NEG32 -> Packed.neg32(cpu, g, d);
            case Op.NOT32 -> Packed.not32(cpu, g, d);
            default -> throw unknown(w);
        }
    }

    /** Shifts, rotates and products at 64 bits. */
    static void shifts64(Cpu cpu, long[] g, long w, long x) {
        int d = Op.destination(w);
        int s = Op.source(w);
        switch ((int) w & Op.CODE) {
            case Op.SHL_RI64 -> Packed.shl64(cpu, g, d, (int) x);
            case Op.SHR_RI64 -> Packed.shr64(cpu, g, d, (int) x);
            case Op.SAR_RI64 -> Packed.sar64(cpu, g, d, (int) x);
            case Op.ROL_RI64 -> Packed.rol64(cpu, g, d, (int) x);
            case Op.ROR_RI64 -> Packed.ror64(cpu, g, d, (int) x);
            case Op.SHL_CL64 -> Packed.shlCl64(cpu, g, d);
            case Op.SHR_CL64 -> Packed.shrCl64(cpu, g, d);
            case Op.SAR_CL64 -> Packed.sarCl64(cpu, g, d);
            case Op.IMUL_RR64 -> Packed.imul64(cpu, g, d, g[d], g[s]);
            case Op.IMUL_RRI64 -> Packed.imul64(cpu, g, d, g[s], x);
            case Op.SIGN64 -> g[d] = g[s] >> 63;
            default -> throw unknown(w);
        }
    }

    /** The same at 32 bits. */
    static void shifts32(Cpu cpu, long[] g, long w, long x) {
        int d = Op.destination(w);
        int s = Op.source(w);
        switch ((int) w & Op.CODE) {
            case Op.SHL_RI32 -> Packed.shl32(cpu, g, d, (int) x);
            case Op.SHR_RI32 -> Packed.shr32(cpu, g, d, (int) x);
            case Op.SAR_RI32 -> Packed.sar32(cpu, g, d, (int) x);
            case Op.ROL_RI32 -> Packed.rol32(cpu, g, d, (int) x);
            case Op.ROR_RI32 -> Packed.ror32(cpu, g, d, (int) x);
            case Op.SHL_CL32 -> Packed.shlCl32(cpu, g, d);
            case Op.SHR_CL32 -> Packed.shrCl32(cpu, g, d);
            case Op.SAR_CL32 -> Packed.sarCl32(cpu, g, d);
            case Op.IMUL_RR32 -> Packed.imul32(cpu, g, d, g[d], g[s]);
            case Op.IMUL_RRI32 -> Packed.imul32(cpu, g, d, g[s], x);
            case Op.SIGN32 -> g[d] = (int) g[s] >> 31 & M32;
            default -> throw unknown(w);
        }
    }

    /** Arithmetic at 8 bits. */
    static void arithmetic8(Cpu cpu, long[] g, long w, long x) {
        int d = Op.destination(w);
        int s = Op.source(w);
        switch ((int) w & Op.CODE) {
            case Op.ADD_RR8 -> Packed.add8(cpu, g, d, g[s]);
            case Op.ADD_RI8 -> Packed.add8(cpu, g, d, x);
            case Op.SUB_RR8 -> Packed.sub8(cpu, g, d, g[s]);
            case Op.SUB_RI8 -> Packed.sub8(cpu, g, d, x);
            case Op.AND_RR8 -> Packed.and8(cpu, g, d, g[s]);
            case Op.AND_RI8 -> Packed.and8(cpu, g, d, x);
            case Op.OR_RR8 -> Packed.or8(cpu, g, d, g[s]);
            case Op.OR_RI8 -> Packed.or8(cpu, g, d, x);
            case Op.XOR_RR8 -> Packed.xor8(cpu, g, d, g[s]);
            case Op.XOR_RI8 -> Packed.xor8(cpu, g, d, x);
            case Op.CMP_RR8 -> Packed.cmp8(cpu, g[d], g[s]);
            case Op.CMP_RI8 -> Packed.cmp8(cpu, g[d], x);
            case Op.TEST_RR8 -> Packed.test8(cpu, g[d], g[s]);
            case Op.TEST_RI8 -> Packed.test8(cpu, g[d], x);
            default -> throw unknown(w);
        }
    }

    /** Moves between registers. */
    static void moves(Cpu cpu, long[] g, long w, long x) {
        int d = Op.destination(w);
        int s = Op.source(w);
        switch ((int) w & Op.CODE) {
            case Op.MOV_RR64 -> g[d] = g[s];
            case Op.MOV_RR32 -> g[d] = g[s] & M32;
            case Op.MOV_RI -> g[d] = x;
            case Op.MOV_RR8 -> g[d] = g[d] & ~0xFFL | g[s] & 0xFF;
            case Op.MOV_RI8 -> g[d] = g[d] & ~0xFFL | x;
            case Op.ZX8 -> g[d] = g[s] & 0xFF;
            case Op.ZX16 -> g[d] = g[s] & 0xFFFF;
            case Op.SX8_32 -> g[d] = (byte) g[s] & M32;
            case Op.SX8_64 -> g[d] = (byte) g[s];
            case Op.SX16_32 -> g[d] = (short) g[s] & M32;
            case Op.SX16_64 -> g[d] = (short) g[s];
            case Op.SX32_64 -> g[d] = (int) g[s];
            case Op.LEA64 -> g[d] = Packed.address(g, w, x);
            case Op.LEA32 -> g[d] = Packed.address(g, w, x) & M32;
            case Op.SETCC -> g[d] = g[d] & ~0xFFL | (Flags.condition(s, cpu.flagResult, cpu.flagAux) ? 1 : 0);
            case Op.CMOV64 -> Packed.cmov64(cpu, g, d, s, (int) x);
            case Op.CMOV32 -> Packed.cmov32(cpu, g, d, s, (int) x);
            default -> throw unknown(w);
        }
    }

    /** Loads. */
    static void loads(Mmu mmu, long[] g, long w, long x) {
        int d = Op.destination(w);
        long va = Packed.address(g, w, x);
        switch ((int) w & Op.CODE) {
            case Op.LOAD64 -> g[d] = mmu.load64(va);
            case Op.LOAD32 -> g[d] = mmu.load32(va) & M32;
            case Op.LOAD_SX32 -> g[d] = mmu.load32(va);
            case Op.LOAD16 -> g[d] = mmu.load16(va) & 0xFFFF;
            case Op.LOAD_SX16_32 -> g[d] = mmu.load16(va) & M32;
            case Op.LOAD_SX16_64 -> g[d] = mmu.load16(va);
            case Op.LOAD8 -> g[d] = mmu.load8(va) & 0xFF;
            case Op.LOAD_SX8_32 -> g[d] = mmu.load8(va) & M32;
            case Op.LOAD_SX8_64 -> g[d] = mmu.load8(va);
            case Op.LOAD8_MERGE -> g[d] = g[d] & ~0xFFL | mmu.load8(va) & 0xFF;
            case Op.RMW64 -> g[d] = Packed.loadToWrite64(mmu, va);
            case Op.RMW32 -> g[d] = Packed.loadToWrite32(mmu, va);
            default -> throw unknown(w);
        }
    }

    /** Stores. */
    static void stores(Mmu mmu, long[] g, long w, long x) {
        long value = g[Op.source(w)];
        long va = Packed.address(g, w, x);
        switch ((int) w & Op.CODE) {
            case Op.STORE64 -> mmu.store64(va, value);
            case Op.STORE32 -> mmu.store32(va, (int) value);
            case Op.STORE16 -> mmu.store16(va, (short) value);
            case Op.STORE8 -> mmu.store8(va, (byte) value);
            default -> throw unknown(w);
        }
    }

    /** Whether a conditional branch is taken. */
    static boolean taken(Cpu cpu, Node node, long w, long x) {
        long result = cpu.flagResult;
        long aux = cpu.flagAux;
        return switch ((int) w & Op.CODE) {
            case Op.JO -> Flags.overflow(aux);
            case Op.JNO -> !Flags.overflow(aux);
            case Op.JB -> aux < 0;
            case Op.JAE -> aux >= 0;
            case Op.JE -> result == 0;
            case Op.JNE -> result != 0;
            case Op.JBE -> result == 0 || aux < 0;
            case Op.JA -> result != 0 && aux >= 0;
            case Op.JS -> Flags.sign(result, aux);
            case Op.JNS -> !Flags.sign(result, aux);
            case Op.JP -> Flags.parity(result, aux);
            case Op.JNP -> !Flags.parity(result, aux);
            case Op.JL -> Flags.less(result, aux);
            case Op.JGE -> !Flags.less(result, aux);
            case Op.JLE -> result == 0 || Flags.less(result, aux);
            case Op.JG -> result != 0 && !Flags.less(result, aux);
            case Op.JCC_STEP -> {
                node.steps[(int) x].execute(cpu);
                yield cpu.target != 0;
            }
            default -> throw unknown(w);
        };
    }

    static IllegalStateException unknown(long w) {
        return new IllegalStateException("packed operation " + (w & Op.CODE));
    }
}
