package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Step;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import org.jspecify.annotations.Nullable;

/** Permutations within and across lanes, and lanes of 128 bits in and out. */
final class VexPermutes {

    private VexPermutes() {}

    /** A step on a last source of 256 bits, in a register or loaded. */
    @FunctionalInterface
    private interface Wide {
        void apply(long[] x, long b0, long b1, long b2, long b3);
    }

    private static Step wide(Instruction i, @Nullable AddressForm address, Wide operation) {
        if (address == null) {
            int b = VexLanes.b(i);
            return cpu -> {
                long[] x = cpu.xmm;
                operation.apply(x, x[b], x[b + 1], x[b + 2], x[b + 3]);
            };
        }
        return cpu -> {
            long at = address.of(cpu);
            operation.apply(cpu.xmm, cpu.mmu.load64(at), cpu.mmu.load64(at + 8), cpu.mmu.load64(at + 16),
                    cpu.mmu.load64(at + 24));
        };
    }

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        return switch (i.operation()) {
            case VPERMILPS -> permuteSingles(i, address);
            case VPERMILPD -> permuteDoubles(i, address);
            case VPERMD, VPERMPS -> permuteDwords(i, address);
            case VPERMQ, VPERMPD -> permuteQwords(i, address);
            case VPERM2F128, VPERM2I128 -> permuteLanes(i, address);
            case VINSERTF128, VINSERTI128 -> insertLane(i, address);
            case VEXTRACTF128, VEXTRACTI128 -> extractLane(i, address);
            default -> null;
        };
    }

    private static boolean byImmediate(Instruction i) {
        return i.operand(2).kind() == Operand.Kind.IMMEDIATE;
    }

    private static Step permuteSingles(Instruction i, @Nullable AddressForm address) {
        int c = PackedFamilies.control(i);
        Lane lane = byImmediate(i)
                ? new Lane((al, ah, bl, bh) -> PackedShuffle.shuffleDwordsLow(bl, bh, c),
                        (al, ah, bl, bh) -> PackedShuffle.shuffleDwordsHigh(bl, bh, c))
                : new Lane((al, ah, bl, bh) -> singles(al, ah, bl), (al, ah, bl, bh) -> singles(al, ah, bh));
        return VexLanes.lanes(i, address, lane, lane);
    }

    private static long singles(long low, long high, long controls) {
        return PackedShuffle.dword(low, high, (int) controls)
                | PackedShuffle.dword(low, high, (int) (controls >>> 32)) << 32;
    }

    private static Step permuteDoubles(Instruction i, @Nullable AddressForm address) {
        if (byImmediate(i)) {
            int c = PackedFamilies.control(i);
            return VexLanes.lanes(i, address, doubles(c), doubles(c >>> 2));
        }
        Lane lane = new Lane((al, ah, bl, bh) -> (bl & 2) == 0 ? al : ah, (al, ah, bl, bh) -> (bh & 2) == 0 ? al : ah);
        return VexLanes.lanes(i, address, lane, lane);
    }

    private static Lane doubles(int c) {
        return new Lane((al, ah, bl, bh) -> (c & 1) == 0 ? bl : bh, (al, ah, bl, bh) -> (c & 2) == 0 ? bl : bh);
    }

    private static long qword(long b0, long b1, long b2, long b3, int index) {
        return switch (index & 3) {
            case 0 -> b0;
            case 1 -> b1;
            case 2 -> b2;
            default -> b3;
        };
    }

    private static long dword(long b0, long b1, long b2, long b3, int index) {
        return qword(b0, b1, b2, b3, index >>> 1) >>> 32 * (index & 1) & 0xFFFF_FFFFL;
    }

    private static long dwords(long controls, long b0, long b1, long b2, long b3) {
        return dword(b0, b1, b2, b3, (int) controls) | dword(b0, b1, b2, b3, (int) (controls >>> 32)) << 32;
    }

    private static void set(long[] x, int d, long r0, long r1, long r2, long r3) {
        x[d] = r0;
        x[d + 1] = r1;
        x[d + 2] = r2;
        x[d + 3] = r3;
    }

    /** The first source has the indices, the second the elements. */
    private static Step permuteDwords(Instruction i, @Nullable AddressForm address) {
        int d = VexLanes.destination(i);
        int a = VexLanes.a(i);
        return wide(i, address, (x, b0, b1, b2, b3) -> set(x, d, dwords(x[a], b0, b1, b2, b3),
                dwords(x[a + 1], b0, b1, b2, b3), dwords(x[a + 2], b0, b1, b2, b3),
                dwords(x[a + 3], b0, b1, b2, b3)));
    }

    private static Step permuteQwords(Instruction i, @Nullable AddressForm address) {
        int d = VexLanes.destination(i);
        int c = PackedFamilies.control(i);
        return wide(i, address, (x, b0, b1, b2, b3) -> set(x, d, qword(b0, b1, b2, b3, c),
                qword(b0, b1, b2, b3, c >>> 2), qword(b0, b1, b2, b3, c >>> 4), qword(b0, b1, b2, b3, c >>> 6)));
    }

    /** Each lane is one of the four of both sources, or zero. */
    private static Step permuteLanes(Instruction i, @Nullable AddressForm address) {
        int d = VexLanes.destination(i);
        int a = VexLanes.a(i);
        int c = PackedFamilies.control(i);
        long lower = (c & 0x08) == 0 ? -1 : 0;
        long upper = (c & 0x80) == 0 ? -1 : 0;
        return wide(i, address, (x, b0, b1, b2, b3) -> set(x, d, qword(x[a], x[a + 2], b0, b2, c) & lower,
                qword(x[a + 1], x[a + 3], b1, b3, c) & lower, qword(x[a], x[a + 2], b0, b2, c >>> 4) & upper,
                qword(x[a + 1], x[a + 3], b1, b3, c >>> 4) & upper));
    }

    private static Step insertLane(Instruction i, @Nullable AddressForm address) {
        int d = VexLanes.destination(i);
        int a = VexLanes.a(i);
        int lane = 2 * (PackedFamilies.control(i) & 1);
        if (address == null) {
            int b = VexLanes.b(i);
            return cpu -> insertLane(cpu.xmm, d, a, lane, cpu.xmm[b], cpu.xmm[b + 1]);
        }
        return cpu -> {
            long at = address.of(cpu);
            insertLane(cpu.xmm, d, a, lane, cpu.mmu.load64(at), cpu.mmu.load64(at + 8));
        };
    }

    private static void insertLane(long[] x, int d, int a, int lane, long low, long high) {
        x[d + 2 - lane] = x[a + 2 - lane];
        x[d + 3 - lane] = x[a + 3 - lane];
        x[d + lane] = low;
        x[d + lane + 1] = high;
    }

    private static Step extractLane(Instruction i, @Nullable AddressForm address) {
        int s = VexLanes.register(i, 1) + 2 * (PackedFamilies.control(i) & 1);
        if (address != null) {
            return cpu -> Access.store128(cpu, address.of(cpu), cpu.xmm[s], cpu.xmm[s + 1]);
        }
        int d = VexLanes.destination(i);
        return cpu -> extractLane(cpu, d, s);
    }

    private static void extractLane(Cpu cpu, int d, int s) {
        long[] x = cpu.xmm;
        x[d] = x[s];
        x[d + 1] = x[s + 1];
        VexLanes.clearUpper(x, d);
    }
}
