package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Step;
import chronovisor.cpu.softfloat.SoftFloat;
import chronovisor.isa.Instruction;
import org.jspecify.annotations.Nullable;

/**
 * DPPS and DPPD, legacy and VEX-encoded. They add as the hardware does: every lane for itself. DPPD takes its own product as the first
 * operand; DPPS its neighbour's product, then its own first sum. That only shows when NaNs meet. An unmasked exception of one stage
 * keeps the next from happening.
 */
final class DotProduct {

    private DotProduct() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        return switch (i.operation()) {
            case DPPD, VDPPD -> doubles(i, address);
            case DPPS, VDPPS -> singles(i, address);
            default -> null;
        };
    }

    private static Step doubles(Instruction i, @Nullable AddressForm address) {
        boolean vex = i.vectorLength() != 0;
        int d = 4 * i.operand(0).register();
        int a = vex ? 4 * i.operand(1).register() : d;
        int c = FloatLanes.control(i);
        return FloatSource.bind(i, address, (cpu, b0, b1, b2, b3) -> {
            SoftFloat f = cpu.x87.soft;
            int m = cpu.mxcsr;
            f.flags = 0;
            long first = (c & 0x10) == 0 ? 0 : SseFloat.multiply64(f, m, cpu.xmm[a], b0);
            long second = (c & 0x20) == 0 ? 0 : SseFloat.multiply64(f, m, cpu.xmm[a + 1], b1);
            SseFloat.commit(cpu, f.flags);
            long sum = SseFloat.add64(f, m, first, second);
            long swapped = SseFloat.add64(f, m, second, first);
            SseFloat.commit(cpu, f.flags);
            cpu.xmm[d] = (c & 1) == 0 ? 0 : sum;
            cpu.xmm[d + 1] = (c & 2) == 0 ? 0 : swapped;
            if (vex) {
                FloatSource.clearUpper(cpu, d);
            }
        });
    }

    private static long products(SoftFloat f, int m, long a, long b, int select) {
        int low = (select & 1) == 0 ? 0 : SseFloat.multiply32(f, m, (int) a, (int) b);
        int high = (select & 2) == 0 ? 0 : SseFloat.multiply32(f, m, (int) (a >>> 32), (int) (b >>> 32));
        return FloatPairs.join(low, high);
    }

    /** Each lane plus its neighbour, the neighbour first: which decides between two NaNs. */
    private static long swapped(SoftFloat f, int m, long a) {
        return FloatLanes.two(f, m, a >>> 32 | a << 32, a, SseFloat::add32);
    }

    private static long sums(SoftFloat f, int m, long own, long other, int select) {
        long mask = ((select & 1) == 0 ? 0 : 0xFFFF_FFFFL) | ((select & 2) == 0 ? 0 : 0xFFFF_FFFFL << 32);
        return FloatLanes.two(f, m, own, other, SseFloat::add32) & mask;
    }

    private static Step singles(Instruction i, @Nullable AddressForm address) {
        boolean vex = i.vectorLength() != 0;
        boolean wide = i.vectorLength() == 256;
        int d = 4 * i.operand(0).register();
        int a = vex ? 4 * i.operand(1).register() : d;
        int c = FloatLanes.control(i);
        return FloatSource.bind(i, address, (cpu, b0, b1, b2, b3) -> {
            SoftFloat f = cpu.x87.soft;
            long[] x = cpu.xmm;
            int m = cpu.mxcsr;
            f.flags = 0;
            long product0 = products(f, m, x[a], b0, c >>> 4);
            long product1 = products(f, m, x[a + 1], b1, c >>> 6);
            long product2 = wide ? products(f, m, x[a + 2], b2, c >>> 4) : 0;
            long product3 = wide ? products(f, m, x[a + 3], b3, c >>> 6) : 0;
            SseFloat.commit(cpu, f.flags);
            long pair0 = swapped(f, m, product0);
            long pair1 = swapped(f, m, product1);
            long pair2 = wide ? swapped(f, m, product2) : 0;
            long pair3 = wide ? swapped(f, m, product3) : 0;
            SseFloat.commit(cpu, f.flags);
            long r0 = sums(f, m, pair0, pair1, c);
            long r1 = sums(f, m, pair1, pair0, c >> 2);
            long r2 = wide ? sums(f, m, pair2, pair3, c) : 0;
            long r3 = wide ? sums(f, m, pair3, pair2, c >> 2) : 0;
            SseFloat.commit(cpu, f.flags);
            x[d] = r0;
            x[d + 1] = r1;
            if (vex) {
                x[d + 2] = r2;
                x[d + 3] = r3;
            }
        });
    }
}
