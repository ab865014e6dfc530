package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Step;
import chronovisor.cpu.softfloat.SoftFloat;
import chronovisor.cpu.vector.SseArithmetic.Lane32;
import chronovisor.cpu.vector.SseArithmetic.Lane64;
import chronovisor.isa.Instruction;
import org.jspecify.annotations.Nullable;

/** Floating point across lanes (ADDSUB, HADD, HSUB, DPPS), and sums and minima of integers (MPSADBW, PHMINPOSUW). */
final class HorizontalFamilies {

    private HorizontalFamilies() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        return switch (i.operation()) {
            case ADDSUBPD -> SsePairs.step(i, address,
                    (f, m, al, ah, bl, bh) -> SseFloat.subtract64(f, m, al, bl),
                    (f, m, al, ah, bl, bh) -> SseFloat.add64(f, m, ah, bh));
            case ADDSUBPS -> SsePairs.step(i, address, (f, m, al, ah, bl, bh) -> addSubtract(f, m, al, bl),
                    (f, m, al, ah, bl, bh) -> addSubtract(f, m, ah, bh));
            case HADDPD -> doubles(i, address, SseFloat::add64);
            case HSUBPD -> doubles(i, address, SseFloat::subtract64);
            case HADDPS -> singles(i, address, SseFloat::add32);
            case HSUBPS -> singles(i, address, SseFloat::subtract32);
            case DPPD -> dotDoubles(i, address);
            case DPPS -> dotSingles(i, address);
            case MPSADBW -> sums(i, address);
            case PHMINPOSUW -> PackedFamilies.wide(i, address, true, (al, ah, bl, bh) -> minimum(bl, bh),
                    (al, ah, bl, bh) -> 0);
            default -> null;
        };
    }

    private static long join(int low, int high) {
        return low & 0xFFFF_FFFFL | (long) high << 32;
    }

    private static long addSubtract(SoftFloat f, int m, long a, long b) {
        int low = SseFloat.subtract32(f, m, (int) a, (int) b);
        return join(low, SseFloat.add32(f, m, (int) (a >>> 32), (int) (b >>> 32)));
    }

    private static Step doubles(Instruction i, @Nullable AddressForm address, Lane64 lane) {
        return SsePairs.step(i, address, (f, m, al, ah, bl, bh) -> lane.of(f, m, al, ah),
                (f, m, al, ah, bl, bh) -> lane.of(f, m, bl, bh));
    }

    private static long neighbours(SoftFloat f, int m, long low, long high, Lane32 lane) {
        int first = lane.of(f, m, (int) low, (int) (low >>> 32));
        return join(first, lane.of(f, m, (int) high, (int) (high >>> 32)));
    }

    private static Step singles(Instruction i, @Nullable AddressForm address, Lane32 lane) {
        return SsePairs.step(i, address, (f, m, al, ah, bl, bh) -> neighbours(f, m, al, ah, lane),
                (f, m, al, ah, bl, bh) -> neighbours(f, m, bl, bh, lane));
    }

    // DPPS and DPPD add as the hardware does: every lane for itself. DPPD takes its own product as the first operand;
    // DPPS its neighbour's product, then its own first sum. That only shows when NaNs meet.

    /** An unmasked exception of one stage keeps the next from happening. */
    private static void stage(Cpu cpu, SoftFloat f) {
        SseFloat.commit(cpu, f.flags);
    }

    private static Step dotDoubles(Instruction i, @Nullable AddressForm address) {
        int c = (int) i.operand(2).value();
        int d = 4 * i.operand(0).register();
        int s = 4 * i.operand(1).register();
        return cpu -> {
            long a = address == null ? 0 : Access.aligned(cpu, address);
            long low = address == null ? cpu.xmm[s] : cpu.mmu.load64(a);
            long high = address == null ? cpu.xmm[s + 1] : cpu.mmu.load64(a + 8);
            SoftFloat f = cpu.x87.soft;
            int m = cpu.mxcsr;
            f.flags = 0;
            long first = (c & 0x10) == 0 ? 0 : SseFloat.multiply64(f, m, cpu.xmm[d], low);
            long second = (c & 0x20) == 0 ? 0 : SseFloat.multiply64(f, m, cpu.xmm[d + 1], high);
            stage(cpu, f);
            long sum = SseFloat.add64(f, m, first, second);
            long swapped = SseFloat.add64(f, m, second, first);
            stage(cpu, f);
            cpu.xmm[d] = (c & 1) == 0 ? 0 : sum;
            cpu.xmm[d + 1] = (c & 2) == 0 ? 0 : swapped;
        };
    }

    private static long products(SoftFloat f, int m, long a, long b, int select) {
        int low = (select & 1) == 0 ? 0 : SseFloat.multiply32(f, m, (int) a, (int) b);
        return join(low, (select & 2) == 0 ? 0 : SseFloat.multiply32(f, m, (int) (a >>> 32), (int) (b >>> 32)));
    }

    /** Each lane plus its neighbour, the neighbour first: which decides between two NaNs. */
    private static long swapped(SoftFloat f, int m, long a) {
        return SseArithmetic.two(f, m, a >>> 32 | a << 32, a, SseFloat::add32);
    }

    private static long lanes(int select) {
        return ((select & 1) == 0 ? 0 : 0xFFFF_FFFFL) | ((select & 2) == 0 ? 0 : 0xFFFF_FFFFL << 32);
    }

    private static Step dotSingles(Instruction i, @Nullable AddressForm address) {
        int c = (int) i.operand(2).value();
        int d = 4 * i.operand(0).register();
        int s = 4 * i.operand(1).register();
        return cpu -> {
            long a = address == null ? 0 : Access.aligned(cpu, address);
            long low = address == null ? cpu.xmm[s] : cpu.mmu.load64(a);
            long high = address == null ? cpu.xmm[s + 1] : cpu.mmu.load64(a + 8);
            SoftFloat f = cpu.x87.soft;
            int m = cpu.mxcsr;
            f.flags = 0;
            long first = products(f, m, cpu.xmm[d], low, c >>> 4);
            long second = products(f, m, cpu.xmm[d + 1], high, c >>> 6);
            stage(cpu, f);
            long left = swapped(f, m, first);
            long right = swapped(f, m, second);
            stage(cpu, f);
            long sumLow = SseArithmetic.two(f, m, left, right, SseFloat::add32);
            long sumHigh = SseArithmetic.two(f, m, right, left, SseFloat::add32);
            stage(cpu, f);
            cpu.xmm[d] = sumLow & lanes(c);
            cpu.xmm[d + 1] = sumHigh & lanes(c >> 2);
        };
    }

    private static Step sums(Instruction i, @Nullable AddressForm address) {
        int c = (int) i.operand(2).value();
        int from = c & 4;
        int block = 4 * (c & 3);
        return PackedFamilies.wide(i, address, true,
                (al, ah, bl, bh) -> differences(PackedShuffle.align(0, 0, al, ah, from),
                        PackedShuffle.align(0, 0, al, ah, from + 4), PackedShuffle.align(0, 0, bl, bh, block)),
                (al, ah, bl, bh) -> differences(PackedShuffle.align(0, 0, al, ah, from + 4),
                        PackedShuffle.align(0, 0, al, ah, from + 8), PackedShuffle.align(0, 0, bl, bh, block)));
    }

    /** Four sums of absolute differences of the four bytes of {@code block} with bytes k..k+3 of {@code a}. */
    private static long differences(long a, long next, long block) {
        long bytes = a & 0xFFFF_FFFFL | next << 32;
        long r = 0;
        for (int k = 0; k < 4; k++) {
            int sum = 0;
            for (int j = 0; j < 4; j++) {
                sum += Math.abs((int) (bytes >>> 8 * (k + j) & 0xFF) - (int) (block >>> 8 * j & 0xFF));
            }
            r |= (long) sum << 16 * k;
        }
        return r;
    }

    private static long minimum(long low, long high) {
        long best = 0x10000;
        for (int k = 0; k < 8; k++) {
            long word = (k < 4 ? low : high) >>> 16 * (k & 3) & 0xFFFF;
            if (word < (best & 0x1FFFF)) {
                best = word | (long) k << 32;
            }
        }
        return best & 0xFFFF | best >>> 16;
    }
}
