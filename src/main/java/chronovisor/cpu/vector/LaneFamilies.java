package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Step;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.isa.Operation;
import org.jspecify.annotations.Nullable;

/** Single lanes in and out of vectors, masks, blends, widening moves: PEXTR, PINSR, PMOVMSKB, BLEND, PMOVSX, PTEST. */
final class LaneFamilies {

    private LaneFamilies() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        return switch (i.operation()) {
            case EMMS -> cpu -> {
                MmxFamilies.check(cpu);
                cpu.x87.inUse = 0;
                cpu.x87.top = 0;
            };
            case PMOVMSKB -> mask(i);
            case PEXTRB -> extract(i, address, 8);
            case PEXTRW -> extract(i, address, 16);
            case PEXTRD, EXTRACTPS -> extract(i, address, 32);
            case PEXTRQ -> extract(i, address, 64);
            case PINSRB -> insert(i, address, 8);
            case PINSRW -> insert(i, address, 16);
            case PINSRD -> insert(i, address, 32);
            case PINSRQ -> insert(i, address, 64);
            case INSERTPS -> insertPs(i, address);
            case PBLENDVB -> blendVariable(i, address, 8);
            case BLENDVPS -> blendVariable(i, address, 32);
            case BLENDVPD -> blendVariable(i, address, 64);
            case PMOVSXBW -> widen(i, address, 8, 16, true);
            case PMOVSXBD -> widen(i, address, 8, 32, true);
            case PMOVSXBQ -> widen(i, address, 8, 64, true);
            case PMOVSXWD -> widen(i, address, 16, 32, true);
            case PMOVSXWQ -> widen(i, address, 16, 64, true);
            case PMOVSXDQ -> widen(i, address, 32, 64, true);
            case PMOVZXBW -> widen(i, address, 8, 16, false);
            case PMOVZXBD -> widen(i, address, 8, 32, false);
            case PMOVZXBQ -> widen(i, address, 8, 64, false);
            case PMOVZXWD -> widen(i, address, 16, 32, false);
            case PMOVZXWQ -> widen(i, address, 16, 64, false);
            case PMOVZXDQ -> widen(i, address, 32, 64, false);
            case PTEST -> test(i, address);
            default -> {
                Lane lane = lane(i.operation(), PackedFamilies.control(i));
                yield lane == null ? null : PackedFamilies.wide(i, address, lane);
            }
        };
    }

    /** What a blend by immediate makes of 128 bits. */
    static @Nullable Lane lane(Operation operation, int control) {
        return switch (operation) {
            case BLENDPS -> blend(control, 32);
            case BLENDPD -> blend(control, 64);
            case PBLENDW -> blend(control, 16);
            default -> null;
        };
    }

    static Step mask(Instruction i) {
        int d = i.operand(0).register();
        int s = i.operand(1).register();
        if (i.operand(1).kind() == Operand.Kind.MMX) {
            return cpu -> {
                MmxFamilies.check(cpu);
                cpu.x87.enterMmx();
                cpu.gpr[d] = PackedInteger.signMask(cpu.x87.significand[s]);
            };
        }
        int x = 4 * s;
        return cpu -> cpu.gpr[d] = PackedInteger.signMask(cpu.xmm[x]) | PackedInteger.signMask(cpu.xmm[x + 1]) << 8;
    }

    /** The lane that the immediate names. */
    private static int lane(Instruction i, int lanes) {
        return PackedFamilies.control(i) & lanes - 1;
    }

    /** Index of the long that holds the lane, and the lane's place in it, for a 128-bit register. */
    static Step extract(Instruction i, @Nullable AddressForm address, int bits) {
        Operand from = i.operand(1);
        Operand to = i.operand(0);
        long mask = bits == 64 ? -1 : (1L << bits) - 1;
        int d = to.register();
        if (from.kind() == Operand.Kind.MMX) {
            int shift = 16 * lane(i, 4);
            int s = from.register();
            return cpu -> {
                MmxFamilies.check(cpu);
                cpu.x87.enterMmx();
                cpu.gpr[d] = cpu.x87.significand[s] >>> shift & mask;
            };
        }
        int bit = lane(i, 128 / bits) * bits;
        int s = 4 * from.register() + bit / 64;
        int shift = bit % 64;
        if (address == null) {
            return cpu -> cpu.gpr[d] = cpu.xmm[s] >>> shift & mask;
        }
        return switch (bits) {
            case 8 -> cpu -> cpu.mmu.store8(address.of(cpu), (byte) (cpu.xmm[s] >>> shift));
            case 16 -> cpu -> cpu.mmu.store16(address.of(cpu), (short) (cpu.xmm[s] >>> shift));
            case 32 -> cpu -> cpu.mmu.store32(address.of(cpu), (int) (cpu.xmm[s] >>> shift));
            default -> cpu -> cpu.mmu.store64(address.of(cpu), cpu.xmm[s]);
        };
    }

    static long load(Cpu cpu, AddressForm address, int bits) {
        long a = address.of(cpu);
        return switch (bits) {
            case 8 -> cpu.mmu.load8(a);
            case 16 -> cpu.mmu.load16(a);
            case 32 -> cpu.mmu.load32(a);
            default -> cpu.mmu.load64(a);
        };
    }

    /** PINSR and, with the register that gives the other lanes as an operand of its own, VPINSR. */
    static Step insert(Instruction i, @Nullable AddressForm address, int bits) {
        int count = i.operandCount();
        Operand to = i.operand(0);
        long mask = bits == 64 ? -1 : (1L << bits) - 1;
        int s = i.operand(count - 2).register();
        if (to.kind() == Operand.Kind.MMX) {
            int shift = 16 * lane(i, 4);
            int d = to.register();
            return cpu -> {
                MmxFamilies.check(cpu);
                long v = address == null ? cpu.gpr[s] : load(cpu, address, bits);
                cpu.x87.mmx(d, cpu.x87.significand[d] & ~(mask << shift) | (v & mask) << shift);
            };
        }
        int bit = lane(i, 128 / bits) * bits;
        int d = 4 * to.register();
        int a = 4 * i.operand(count - 3).register();
        int half = bit / 64;
        int shift = bit % 64;
        return cpu -> {
            long v = address == null ? cpu.gpr[s] : load(cpu, address, bits);
            long[] x = cpu.xmm;
            x[d + 1 - half] = x[a + 1 - half];
            x[d + half] = x[a + half] & ~(mask << shift) | (v & mask) << shift;
        };
    }

    /** INSERTPS and VINSERTPS. */
    static Step insertPs(Instruction i, @Nullable AddressForm address) {
        int count = i.operandCount();
        int control = PackedFamilies.control(i);
        int d = 4 * i.operand(0).register();
        int a = 4 * i.operand(count - 3).register();
        int s = 4 * i.operand(count - 2).register();
        int from = control >>> 6 & 3;
        int half = control >>> 5 & 1;
        int shift = 32 * (control >>> 4 & 1);
        return cpu -> {
            long[] x = cpu.xmm;
            long v = address == null
                    ? PackedShuffle.dword(x[s], x[s + 1], from)
                    : cpu.mmu.load32(address.of(cpu)) & 0xFFFF_FFFFL;
            x[d + 1 - half] = x[a + 1 - half];
            x[d + half] = x[a + half] & ~(0xFFFF_FFFFL << shift) | v << shift;
            x[d] &= ~select(control, 32, 0);
            x[d + 1] &= ~select(control, 32, 2);
        };
    }

    /** Bits of the lanes whose bit in {@code control}, counted from {@code first}, is set. */
    private static long select(int control, int bits, int first) {
        long mask = 0;
        long lane = bits == 64 ? -1 : (1L << bits) - 1;
        for (int k = 0; k < 64 / bits; k++) {
            if ((control >>> first + k & 1) != 0) {
                mask |= lane << bits * k;
            }
        }
        return mask;
    }

    private static Lane blend(int control, int bits) {
        long low = select(control, bits, 0);
        long high = select(control, bits, 64 / bits);
        return new Lane((al, ah, bl, bh) -> al & ~low | bl & low, (al, ah, bl, bh) -> ah & ~high | bh & high);
    }

    /** The sign bit of each lane of {@code bits} bits, spread over the bytes' sign bits of its lane. */
    static long signs(long mask, int bits) {
        long r = 0;
        for (int k = 0; k < 64; k += bits) {
            r |= mask << 64 - bits - k >> 63 >>> 64 - bits << k;
        }
        return r;
    }

    private static Step blendVariable(Instruction i, @Nullable AddressForm address, int bits) {
        int d = 4 * i.operand(0).register();
        int s = 4 * i.operand(1).register();
        return cpu -> {
            long[] x = cpu.xmm;
            long low;
            long high;
            if (address == null) {
                low = x[s];
                high = x[s + 1];
            } else {
                long a = Access.aligned(cpu, address);
                low = cpu.mmu.load64(a);
                high = cpu.mmu.load64(a + 8);
            }
            long maskLow = signs(x[0], bits);
            long maskHigh = signs(x[1], bits);
            x[d] = x[d] & ~maskLow | low & maskLow;
            x[d + 1] = x[d + 1] & ~maskHigh | high & maskHigh;
        };
    }

    private static Step widen(Instruction i, @Nullable AddressForm address, int from, int to, boolean signed) {
        int d = 4 * i.operand(0).register();
        int s = 4 * i.operand(1).register();
        int bits = 128 / to * from;
        int half = bits / 2;
        return cpu -> {
            long v = address == null ? cpu.xmm[s] : load(cpu, address, bits);
            cpu.xmm[d] = PackedShuffle.widen(v, from, to, signed);
            cpu.xmm[d + 1] = PackedShuffle.widen(v >>> half, from, to, signed);
        };
    }

    private static Step test(Instruction i, @Nullable AddressForm address) {
        int d = 4 * i.operand(0).register();
        int s = 4 * i.operand(1).register();
        return cpu -> {
            long[] x = cpu.xmm;
            long low;
            long high;
            if (address == null) {
                low = x[s];
                high = x[s + 1];
            } else {
                long a = Access.aligned(cpu, address);
                low = cpu.mmu.load64(a);
                high = cpu.mmu.load64(a + 8);
            }
            cpu.compareFlags((low & x[d] | high & x[d + 1]) == 0, false, (low & ~x[d] | high & ~x[d + 1]) == 0);
        };
    }
}
