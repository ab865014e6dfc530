package chronovisor.cpu.vector;

import chronovisor.cpu.softfloat.SoftFloat;
import chronovisor.cpu.vector.FloatLanes.Lane32;
import chronovisor.cpu.vector.FloatLanes.Lane64;
import chronovisor.isa.Operation;
import org.jspecify.annotations.Nullable;

/**
 * What ADDSUB, HADD and HSUB make of 128 bits of each operand, whatever the encoding (see {@link FloatLanes}).
 *
 * @param low
 *            bits 0 to 63 of the result
 * @param high
 *            bits 64 to 127
 */
record FloatPairs(Half low, Half high) {

    /** One half of a result from both halves of both operands. */
    @FunctionalInterface
    interface Half {
        long of(SoftFloat f, int mxcsr, long aLow, long aHigh, long bLow, long bHigh);
    }

    /** Null when the operation is none of these. */
    static @Nullable FloatPairs of(Operation operation) {
        return switch (operation) {
            case ADDSUBPD -> new FloatPairs((f, m, al, ah, bl, bh) -> SseFloat.subtract64(f, m, al, bl),
                    (f, m, al, ah, bl, bh) -> SseFloat.add64(f, m, ah, bh));
            case ADDSUBPS -> new FloatPairs((f, m, al, ah, bl, bh) -> addSubtract(f, m, al, bl),
                    (f, m, al, ah, bl, bh) -> addSubtract(f, m, ah, bh));
            case HADDPD -> doubles(SseFloat::add64);
            case HSUBPD -> doubles(SseFloat::subtract64);
            case HADDPS -> singles(SseFloat::add32);
            case HSUBPS -> singles(SseFloat::subtract32);
            default -> null;
        };
    }

    static long join(int low, int high) {
        return low & 0xFFFF_FFFFL | (long) high << 32;
    }

    private static long addSubtract(SoftFloat f, int m, long a, long b) {
        int low = SseFloat.subtract32(f, m, (int) a, (int) b);
        return join(low, SseFloat.add32(f, m, (int) (a >>> 32), (int) (b >>> 32)));
    }

    private static FloatPairs doubles(Lane64 lane) {
        return new FloatPairs((f, m, al, ah, bl, bh) -> lane.of(f, m, al, ah),
                (f, m, al, ah, bl, bh) -> lane.of(f, m, bl, bh));
    }

    private static long neighbours(SoftFloat f, int m, long low, long high, Lane32 lane) {
        int first = lane.of(f, m, (int) low, (int) (low >>> 32));
        return join(first, lane.of(f, m, (int) high, (int) (high >>> 32)));
    }

    private static FloatPairs singles(Lane32 lane) {
        return new FloatPairs((f, m, al, ah, bl, bh) -> neighbours(f, m, al, ah, lane),
                (f, m, al, ah, bl, bh) -> neighbours(f, m, bl, bh, lane));
    }
}
