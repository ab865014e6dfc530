package chronovisor.cpu.vector;

import chronovisor.isa.Family;
import java.util.Arrays;
import java.util.Objects;

/** Makes the states that instructions are tried in: the same for the same code and case number, everywhere. */
final class HardwareCases {

    private static final int[] SINGLES = {0, 1, 0x7FFFFF, 0x800000, 0x800001, 0x3F800000, 0x3F7FFFFF, 0x3F800001,
        0x40000000, 0x7F7FFFFF, 0x7F800000, 0x7F800001, 0x7FBFFFFF, 0x7FC00000, 0x7FFFFFFF, 0x4B000000, 0x4B7FFFFF,
        0x4F000000, 0x4EFFFFFF, 0x5F000000, 0x3F000000, 0x3EFFFFFF, 0x00400000, 0x33800000, 0x7E800000, 0x42280000};
    private static final long[] DOUBLES = {0, 1, 0xFFFFFFFFFFFFFL, 0x10000000000000L, 0x10000000000001L,
        0x3FF0000000000000L, 0x3FEFFFFFFFFFFFFFL, 0x3FF0000000000001L, 0x4000000000000000L, 0x7FEFFFFFFFFFFFFFL,
        0x7FF0000000000000L, 0x7FF0000000000001L, 0x7FF7FFFFFFFFFFFFL, 0x7FF8000000000000L, 0x7FFFFFFFFFFFFFFFL,
        0x4330000000000000L, 0x433FFFFFFFFFFFFFL, 0x41DFFFFFFFC00000L, 0x41E0000000000000L, 0x43E0000000000000L,
        0x43DFFFFFFFFFFFFFL, 0x3FE0000000000000L, 0x3FDFFFFFFFFFFFFFL, 0x8000000000000L, 0x380FFFFFFFFFFFFFL,
        0x3810000000000000L, 0x36A0000000000000L, 0x47EFFFFFE0000000L, 0x47EFFFFFF0000000L, 0x41DFFFFFFFE00000L};
    private static final int[] EXPONENTS = {0, 0, 1, 2, 0x3FFF, 0x3FFE, 0x4000, 0x3FFD, 0x403E, 0x403D, 0x401E, 0x400E,
        0x403F, 0x7FFE, 0x7FFF, 0x7FFF, 0x3C01, 0x3C00, 0x43FE, 0x43FF, 0x3F81, 0x3F80, 0x407E, 0x407F, 0x403B, 0x403A};
    private static final long[] SIGNIFICANDS = {0, 1L << 63, 1L << 63 | 1, -1, -2, 3L << 62, 3L << 62 | 1, 1,
        Long.MAX_VALUE, 0xC90FDAA22168C235L, 1L << 62, 5L << 61, 0xFFFFFF8000000000L, 0xFFFFFFFFFFFFF800L,
        0x8000008000000000L, 0x8000000000000400L, 0xDE0B6B3A763FFFF0L, 0xFFFFFFFFFFFFFC00L};

    private long seed;

    private HardwareCases(long seed) {
        this.seed = seed;
    }

    /** Fills {@code s} with case {@code number} of {@code form}. */
    static void fill(byte[] s, HardwareForm form, int number) {
        HardwareCases r = new HardwareCases(
                Arrays.hashCode(form.code()) * 0x9E3779B97F4A7C15L + number * 0xD1B54A32D192ED03L);
        r.next();
        r.fill(s);
        if (form.gather()) {
            r.indices(s, form);
        }
        if (form.instruction().family() == Family.FMA) {
            r.nearlyCancelling(s, form);
        }
    }

    private long next() {
        seed += 0x9E3779B97F4A7C15L;
        long z = seed;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }

    private int below(int bound) {
        return (int) Long.remainderUnsigned(next() >>> 8, bound);
    }

    private boolean oneIn(int n) {
        return below(n) == 0;
    }

    private void fill(byte[] s) {
        Arrays.fill(s, (byte) 0);
        boolean masked = !oneIn(5);
        x87(s, masked);
        int mxcsr = masked ? 0x1F80 : below(64) << 7;
        mxcsr |= oneIn(2) ? below(64) : 0;
        mxcsr |= oneIn(2) ? 0 : below(4) << 13;
        mxcsr |= oneIn(4) ? 0x40 : 0;
        mxcsr |= oneIn(4) ? 0x8000 : 0;
        HardwareState.put32(s, 24, mxcsr);
        HardwareState.put32(s, 28, 0xFFFF);
        int kind = below(4);
        for (int i = 0; i < 3; i++) {
            lane128(s, HardwareState.XMM + 16 * i, kind);
        }
        for (int i = 3; i < 16; i++) {
            HardwareState.put64(s, HardwareState.XMM + 16 * i, next());
        }
        for (int i = 0; i < 3; i++) {
            HardwareState.put64(s, HardwareState.RAX + 8 * i, integer());
        }
        HardwareState.put64(s, HardwareState.RFLAGS, 0x202 | next() & 0x8D5);
        memory(s, kind);
        for (int i = 0; i < 3; i++) {
            lane128(s, HardwareState.UPPER + 16 * i, kind);
        }
        for (int i = 3; i < 16; i++) {
            HardwareState.put64(s, HardwareState.XMM + 8 + 16 * i, next());
            HardwareState.put64(s, HardwareState.UPPER + 16 * i, next());
            HardwareState.put64(s, HardwareState.UPPER + 8 + 16 * i, next());
        }
    }

    /** Indices of a gather from the middle of the memory: small enough, with any scale, to stay in it. */
    private void indices(byte[] s, HardwareForm form) {
        int at = 16 * Objects.requireNonNull(form.instruction().memory()).index();
        for (int half : new int[]{HardwareState.XMM + at, HardwareState.UPPER + at}) {
            for (int i = 0; i < 16; i += form.indexBytes()) {
                int index = below(16) - 8;
                if (form.indexBytes() == 8) {
                    HardwareState.put64(s, half + i, index);
                } else {
                    HardwareState.put32(s, half + i, index);
                }
            }
        }
    }

    /** Makes some lanes of one operand close to the product of the two others, of either sign. */
    private void nearlyCancelling(byte[] s, HardwareForm form) {
        int third = form.instruction().operand(2).isMemory()
                ? HardwareState.MEMORY + form.displacement()
                : HardwareState.XMM + 16;
        boolean isDouble = form.instruction().operation().name().endsWith("D");
        int lanes = 16 / (isDouble ? 8 : 4);
        for (int half = 0; half < 2; half++) {
            boolean memory = form.instruction().operand(2).isMemory();
            int upper = HardwareState.UPPER - HardwareState.XMM;
            int[] at = {HardwareState.XMM + half * upper, HardwareState.XMM + 32 + half * upper,
                third + half * (memory ? 16 : upper)};
            for (int lane = 0; lane < lanes; lane++) {
                int addend = below(6);
                if (addend < 3) {
                    int offset = lane * 16 / lanes;
                    nearProduct(s, isDouble, at[(addend + 1) % 3] + offset, at[(addend + 2) % 3] + offset,
                            at[addend] + offset);
                }
            }
        }
    }

    private void nearProduct(byte[] s, boolean isDouble, int x, int y, int z) {
        // Now and then factors whose product needs few bits, or is a midpoint.
        int few = oneIn(3) ? below(53) : 0;
        // Up to a double's 53 bits below the product, sometimes at its own end.
        int distance = oneIn(3) ? 0 : below(isDouble ? 112 : 52);
        if (isDouble) {
            for (int factor : new int[]{x, y}) {
                long bits = oneIn(2) ? real() : HardwareState.get64(s, factor);
                HardwareState.put64(s, factor, few == 0 ? bits : bits & -1L << few);
            }
            double product = Double.longBitsToDouble(HardwareState.get64(s, x))
                    * Double.longBitsToDouble(HardwareState.get64(s, y));
            long bits = Double.doubleToLongBits(product) + (oneIn(2) ? below(5) - 2 : 0);
            double near = Math.scalb(Double.longBitsToDouble(bits), -distance);
            long sign = (long) below(2) << 63;
            // Which NaN the host's arithmetic makes depends on how this is compiled.
            if (!Double.isNaN(near)) {
                HardwareState.put64(s, z, Double.doubleToRawLongBits(near) ^ sign);
            }
        } else {
            for (int factor : new int[]{x, y}) {
                int bits = oneIn(2) ? single() : HardwareState.get32(s, factor);
                HardwareState.put32(s, factor, few == 0 ? bits : bits & -1 << few / 2);
            }
            float product = Float.intBitsToFloat(HardwareState.get32(s, x))
                    * Float.intBitsToFloat(HardwareState.get32(s, y));
            int bits = Float.floatToIntBits(product) + (oneIn(2) ? below(5) - 2 : 0);
            float near = Math.scalb(Float.intBitsToFloat(bits), -distance);
            int sign = below(2) << 31;
            if (!Float.isNaN(near)) {
                HardwareState.put32(s, z, Float.floatToRawIntBits(near) ^ sign);
            }
        }
    }

    private void x87(byte[] s, boolean masked) {
        int control = masked ? 0x3F : below(64);
        control |= 0x40 | below(4) << 10;
        int precision = below(8);
        control |= (precision < 4 ? 3 : precision < 6 ? 2 : 0) << 8;
        HardwareState.put16(s, 0, control);
        int status = below(8) << 11 | (int) next() & 0x4700;
        if (oneIn(4)) {
            // Sticky exceptions; now and then an unmasked one, which is then pending.
            int sticky = below(128) & (oneIn(8) ? 0x7F : control & 0x3F | 0x40);
            status |= sticky | ((sticky & ~control & 0x3F) != 0 ? 0x8080 : 0);
        }
        HardwareState.put16(s, 2, status);
        s[4] = (byte) (oneIn(3)
                ? next()
                : oneIn(2) ? -1 : 0x7F >>> (status >>> 11 & 7) | ~(0x7F >>> (status >>> 11 & 7)) << 1);
        for (int i = 0; i < 8; i++) {
            extended(s, 32 + 16 * i);
        }
        if (oneIn(3)) {
            // An argument close to the other.
            HardwareState.put64(s, 48, HardwareState.get64(s, 32) + below(5) - 2);
            HardwareState.put16(s, 56, HardwareState.get16(s, 40) ^ below(2) << 15);
        }
    }

    private void extended(byte[] s, int at) {
        int how = below(6);
        int exponent = switch (how) {
            case 0 -> EXPONENTS[below(EXPONENTS.length)];
            case 1 -> below(0x8000);
            case 2 -> 0x3FFF + below(8) - 4;
            case 3 -> 0x3FFF + below(72) - 4;
            default -> 0x3FFF + below(150) - 75;
        };
        long significand = switch (below(4)) {
            case 0 -> SIGNIFICANDS[below(SIGNIFICANDS.length)];
            case 1 -> 1L << 63 | next() << below(64);
            default -> 1L << 63 | next();
        };
        if (exponent == 0 && oneIn(2)) {
            significand &= Long.MAX_VALUE;
        }
        if (significand >= 0 && exponent != 0 && !oneIn(4)) {
            significand |= 1L << 63;
        }
        HardwareState.put64(s, at, significand);
        HardwareState.put16(s, at + 8, exponent | below(2) << 15);
    }

    private int single() {
        int sign = below(2) << 31;
        return sign | switch (below(5)) {
            case 0, 1 -> SINGLES[below(SINGLES.length)];
            case 2 -> 127 + below(50) - 25 << 23 | (int) next() & 0x7FFFFF;
            case 3 -> 127 + below(34) << 23 | (int) next() & 0x7FFFFF & -1 << below(24);
            default -> (int) next() & Integer.MAX_VALUE;
        };
    }

    private long real() {
        long sign = (long) below(2) << 63;
        return sign | switch (below(5)) {
            case 0, 1 -> DOUBLES[below(DOUBLES.length)];
            case 2 -> 1023L + below(110) - 55 << 52 | next() & 0xFFFFFFFFFFFFFL;
            case 3 -> 1023L + below(66) << 52 | next() & 0xFFFFFFFFFFFFFL & -1L << below(53);
            default -> next() & Long.MAX_VALUE;
        };
    }

    private long integer() {
        return switch (below(5)) {
            case 0 -> below(512) - 256;
            case 1 -> next() >> below(64);
            case 2 -> (1L << below(64)) + below(3) - 1;
            default -> next();
        };
    }

    private void lane128(byte[] s, int at, int kind) {
        switch (kind) {
            case 0 -> {
                for (int i = 0; i < 16; i += 4) {
                    HardwareState.put32(s, at + i, single());
                }
            }
            case 1 -> {
                HardwareState.put64(s, at, real());
                HardwareState.put64(s, at + 8, real());
            }
            case 2 -> {
                HardwareState.put64(s, at, integer());
                HardwareState.put64(s, at + 8, integer());
            }
            default -> {
                for (int i = 0; i < 16; i++) {
                    s[at + i] = (byte) (oneIn(3) ? 0x7F + below(3) : oneIn(2) ? below(3) - 1 : next());
                }
            }
        }
    }

    private void memory(byte[] s, int kind) {
        int k = oneIn(2) ? kind : below(6);
        for (int i = 0; i < HardwareState.MEMORY_BYTES; i += 16) {
            switch (k) {
                case 4 -> {
                    extended(s, HardwareState.MEMORY + i);
                    HardwareState.put32(s, HardwareState.MEMORY + i + 10, (int) next());
                }
                case 5 -> {
                    for (int b = 0; b < 9; b++) {
                        s[HardwareState.MEMORY + i + b] = (byte) (below(10) << 4 | below(10));
                    }
                    s[HardwareState.MEMORY + i + 9] = (byte) (below(2) << 7);
                }
                default -> lane128(s, HardwareState.MEMORY + i, k);
            }
        }
    }
}
