package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Step;
import chronovisor.isa.Instruction;
import org.jspecify.annotations.Nullable;

/** Broadcasts and widening moves: a narrow source, spread over a whole register. */
final class VexSpread {

    private VexSpread() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        return switch (i.operation()) {
            case VPBROADCASTB -> broadcast(i, address, 8);
            case VPBROADCASTW -> broadcast(i, address, 16);
            case VPBROADCASTD, VBROADCASTSS -> broadcast(i, address, 32);
            case VPBROADCASTQ, VBROADCASTSD -> broadcast(i, address, 64);
            case VBROADCASTF128, VBROADCASTI128 -> address == null ? null : broadcastLane(i, address);
            case VPMOVSXBW -> widen(i, address, 8, 16, true);
            case VPMOVSXBD -> widen(i, address, 8, 32, true);
            case VPMOVSXBQ -> widen(i, address, 8, 64, true);
            case VPMOVSXWD -> widen(i, address, 16, 32, true);
            case VPMOVSXWQ -> widen(i, address, 16, 64, true);
            case VPMOVSXDQ -> widen(i, address, 32, 64, true);
            case VPMOVZXBW -> widen(i, address, 8, 16, false);
            case VPMOVZXBD -> widen(i, address, 8, 32, false);
            case VPMOVZXBQ -> widen(i, address, 8, 64, false);
            case VPMOVZXWD -> widen(i, address, 16, 32, false);
            case VPMOVZXWQ -> widen(i, address, 16, 64, false);
            case VPMOVZXDQ -> widen(i, address, 32, 64, false);
            default -> null;
        };
    }

    /** The low {@code bits} times this are they in each element. */
    private static long ones(int bits) {
        return switch (bits) {
            case 8 -> 0x0101_0101_0101_0101L;
            case 16 -> 0x0001_0001_0001_0001L;
            case 32 -> 0x0000_0001_0000_0001L;
            default -> 1;
        };
    }

    private static Step broadcast(Instruction i, @Nullable AddressForm address, int bits) {
        int d = VexLanes.destination(i);
        long mask = -1L >>> 64 - bits;
        long ones = ones(bits);
        long upper = i.vectorLength() == 256 ? -1 : 0;
        if (address != null) {
            return cpu -> set(cpu.xmm, d, (LaneFamilies.load(cpu, address, bits) & mask) * ones, upper);
        }
        int s = VexLanes.b(i);
        return cpu -> set(cpu.xmm, d, (cpu.xmm[s] & mask) * ones, upper);
    }

    private static void set(long[] x, int d, long v, long upper) {
        x[d] = v;
        x[d + 1] = v;
        x[d + 2] = v & upper;
        x[d + 3] = v & upper;
    }

    private static Step broadcastLane(Instruction i, AddressForm address) {
        int d = VexLanes.destination(i);
        return cpu -> {
            long at = address.of(cpu);
            long low = cpu.mmu.load64(at);
            long high = cpu.mmu.load64(at + 8);
            long[] x = cpu.xmm;
            x[d] = low;
            x[d + 1] = high;
            x[d + 2] = low;
            x[d + 3] = high;
        };
    }

    private static Step widen(Instruction i, @Nullable AddressForm address, int from, int to, boolean signed) {
        int d = VexLanes.destination(i);
        boolean wide = i.vectorLength() == 256;
        int bits = i.vectorLength() / to * from;
        // What 64 bits of the result are made of.
        int part = 64 / to * from;
        if (address == null) {
            int s = VexLanes.b(i);
            return cpu -> widen(cpu.xmm, d, cpu.xmm[s], cpu.xmm[s + 1], part, from, to, signed, wide);
        }
        if (bits == 128) {
            return cpu -> {
                long at = address.of(cpu);
                long low = cpu.mmu.load64(at);
                widen(cpu.xmm, d, low, cpu.mmu.load64(at + 8), part, from, to, signed, true);
            };
        }
        return cpu -> widen(cpu.xmm, d, LaneFamilies.load(cpu, address, bits), 0, part, from, to, signed, wide);
    }

    private static void widen(long[] x, int d, long low, long high, int part, int from, int to, boolean signed,
            boolean wide) {
        x[d] = PackedShuffle.widen(low, from, to, signed);
        x[d + 1] = PackedShuffle.widen(low >>> part, from, to, signed);
        if (!wide) {
            VexLanes.clearUpper(x, d);
            return;
        }
        boolean both = part == 32;
        x[d + 2] = PackedShuffle.widen(both ? high : low >>> 2 * part, from, to, signed);
        x[d + 3] = PackedShuffle.widen(both ? high >>> part : low >>> 3 * part, from, to, signed);
    }
}
