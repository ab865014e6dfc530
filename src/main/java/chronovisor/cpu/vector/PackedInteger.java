package chronovisor.cpu.vector;

/** Integer arithmetic on the lanes of one 64-bit half (SDM vol. 2, PADD to PXOR). */
public final class PackedInteger {

    private static final long HIGH8 = 0x8080_8080_8080_8080L;
    private static final long HIGH16 = 0x8000_8000_8000_8000L;
    private static final long HIGH32 = 0x8000_0000_8000_0000L;

    private PackedInteger() {}

    private static long add(long a, long b, long high) {
        return ((a & ~high) + (b & ~high)) ^ ((a ^ b) & high);
    }

    private static long subtract(long a, long b, long high) {
        return ((a | high) - (b & ~high)) ^ (~(a ^ b) & high);
    }

    /** The highest bit of each lane where a &gt;= b, unsigned. */
    private static long notBelow(long a, long b, long high) {
        long t = (a | high) - (b & ~high);
        return ((a & ~b) | (~(a ^ b) & t)) & high;
    }

    /** The highest bit of each lane that is zero. */
    private static long zeroLanes(long x, long high) {
        return ~(((x & ~high) + ~high) | x | ~high);
    }

    // Twice a lane's top bit (carried out of the lane) less one: all ones below the carry. Quicker than to multiply.

    private static long fill8(long tops) {
        return (tops << 1) - (tops >>> 7);
    }

    private static long fill16(long tops) {
        return (tops << 1) - (tops >>> 15);
    }

    private static long fill32(long tops) {
        return (tops << 1) - (tops >>> 31);
    }

    public static long addBytes(long a, long b) {
        return add(a, b, HIGH8);
    }

    public static long addWords(long a, long b) {
        return add(a, b, HIGH16);
    }

    public static long addDwords(long a, long b) {
        return add(a, b, HIGH32);
    }

    public static long subtractBytes(long a, long b) {
        return subtract(a, b, HIGH8);
    }

    public static long subtractWords(long a, long b) {
        return subtract(a, b, HIGH16);
    }

    public static long subtractDwords(long a, long b) {
        return subtract(a, b, HIGH32);
    }

    public static long equalBytes(long a, long b) {
        return fill8(zeroLanes(a ^ b, HIGH8));
    }

    public static long equalWords(long a, long b) {
        return fill16(zeroLanes(a ^ b, HIGH16));
    }

    public static long equalDwords(long a, long b) {
        return fill32(zeroLanes(a ^ b, HIGH32));
    }

    public static long equalQwords(long a, long b) {
        return a == b ? -1 : 0;
    }

    public static long greaterBytes(long a, long b) {
        return fill8(~notBelow(b ^ HIGH8, a ^ HIGH8, HIGH8) & HIGH8);
    }

    public static long greaterWords(long a, long b) {
        return fill16(~notBelow(b ^ HIGH16, a ^ HIGH16, HIGH16) & HIGH16);
    }

    public static long greaterDwords(long a, long b) {
        return fill32(~notBelow(b ^ HIGH32, a ^ HIGH32, HIGH32) & HIGH32);
    }

    public static long greaterQwords(long a, long b) {
        return a > b ? -1 : 0;
    }

    private static long choose(long mask, long a, long b) {
        return (a & mask) | (b & ~mask);
    }

    public static long minUnsignedBytes(long a, long b) {
        return choose(fill8(notBelow(a, b, HIGH8)), b, a);
    }

    public static long maxUnsignedBytes(long a, long b) {
        return choose(fill8(notBelow(a, b, HIGH8)), a, b);
    }

    public static long minUnsignedWords(long a, long b) {
        return choose(fill16(notBelow(a, b, HIGH16)), b, a);
    }

    public static long maxUnsignedWords(long a, long b) {
        return choose(fill16(notBelow(a, b, HIGH16)), a, b);
    }

    public static long minUnsignedDwords(long a, long b) {
        return choose(fill32(notBelow(a, b, HIGH32)), b, a);
    }

    public static long maxUnsignedDwords(long a, long b) {
        return choose(fill32(notBelow(a, b, HIGH32)), a, b);
    }

    public static long minSignedBytes(long a, long b) {
        return choose(greaterBytes(a, b), b, a);
    }

    public static long maxSignedBytes(long a, long b) {
        return choose(greaterBytes(a, b), a, b);
    }

    public static long minSignedWords(long a, long b) {
        return choose(greaterWords(a, b), b, a);
    }

    public static long maxSignedWords(long a, long b) {
        return choose(greaterWords(a, b), a, b);
    }

    public static long minSignedDwords(long a, long b) {
        return choose(greaterDwords(a, b), b, a);
    }

    public static long maxSignedDwords(long a, long b) {
        return choose(greaterDwords(a, b), a, b);
    }

    public static long subtractUnsignedSaturatingBytes(long a, long b) {
        return subtractBytes(a, b) & fill8(notBelow(a, b, HIGH8));
    }

    public static long subtractUnsignedSaturatingWords(long a, long b) {
        return subtractWords(a, b) & fill16(notBelow(a, b, HIGH16));
    }

    public static long addUnsignedSaturatingBytes(long a, long b) {
        return addBytes(a, b) | fill8(~notBelow(~a, b, HIGH8) & HIGH8);
    }

    public static long addUnsignedSaturatingWords(long a, long b) {
        return addWords(a, b) | fill16(~notBelow(~a, b, HIGH16) & HIGH16);
    }

    static int clampByte(int v) {
        return Math.clamp(v, Byte.MIN_VALUE, Byte.MAX_VALUE);
    }

    static int clampWord(int v) {
        return Math.clamp(v, Short.MIN_VALUE, Short.MAX_VALUE);
    }

    public static long addSignedSaturatingBytes(long a, long b) {
        long r = 0;
        for (int i = 0; i < 64; i += 8) {
            r |= (clampByte((byte) (a >>> i) + (byte) (b >>> i)) & 0xFFL) << i;
        }
        return r;
    }

    public static long subtractSignedSaturatingBytes(long a, long b) {
        long r = 0;
        for (int i = 0; i < 64; i += 8) {
            r |= (clampByte((byte) (a >>> i) - (byte) (b >>> i)) & 0xFFL) << i;
        }
        return r;
    }

    public static long addSignedSaturatingWords(long a, long b) {
        long r = 0;
        for (int i = 0; i < 64; i += 16) {
            r |= (clampWord((short) (a >>> i) + (short) (b >>> i)) & 0xFFFFL) << i;
        }
        return r;
    }

    public static long subtractSignedSaturatingWords(long a, long b) {
        long r = 0;
        for (int i = 0; i < 64; i += 16) {
            r |= (clampWord((short) (a >>> i) - (short) (b >>> i)) & 0xFFFFL) << i;
        }
        return r;
    }

    /** PAVGB: the rounded-up mean. */
    public static long averageBytes(long a, long b) {
        return (a | b) - ((a ^ b) >>> 1 & ~HIGH8);
    }

    /** PAVGW. */
    public static long averageWords(long a, long b) {
        return (a | b) - ((a ^ b) >>> 1 & ~HIGH16);
    }

    /** PMULLW. */
    public static long multiplyLowWords(long a, long b) {
        long r = 0;
        for (int i = 0; i < 64; i += 16) {
            r |= ((short) (a >>> i) * (short) (b >>> i) & 0xFFFFL) << i;
        }
        return r;
    }

    /** PMULHW. */
    public static long multiplyHighSignedWords(long a, long b) {
        long r = 0;
        for (int i = 0; i < 64; i += 16) {
            r |= ((short) (a >>> i) * (short) (b >>> i) >> 16 & 0xFFFFL) << i;
        }
        return r;
    }

    /** PMULHUW. */
    public static long multiplyHighUnsignedWords(long a, long b) {
        long r = 0;
        for (int i = 0; i < 64; i += 16) {
            r |= ((a >>> i & 0xFFFF) * (b >>> i & 0xFFFF) >>> 16) << i;
        }
        return r;
    }

    /** PMULHRSW: the product of two 1.15 fractions, rounded. */
    public static long multiplyRoundWords(long a, long b) {
        long r = 0;
        for (int i = 0; i < 64; i += 16) {
            r |= (((short) (a >>> i) * (short) (b >>> i) >> 14) + 1 >> 1 & 0xFFFFL) << i;
        }
        return r;
    }

    /** PMULLD. */
    public static long multiplyLowDwords(long a, long b) {
        return (a * b & 0xFFFF_FFFFL) | (a >>> 32) * (b >>> 32) << 32;
    }

    /** PMULUDQ. */
    public static long multiplyUnsignedDwords(long a, long b) {
        return (a & 0xFFFF_FFFFL) * (b & 0xFFFF_FFFFL);
    }

    /** PMULDQ. */
    public static long multiplySignedDwords(long a, long b) {
        return (long) (int) a * (int) b;
    }

    /** PMADDWD. */
    public static long multiplyAddWords(long a, long b) {
        int low = (short) a * (short) b + (short) (a >>> 16) * (short) (b >>> 16);
        int high = (short) (a >>> 32) * (short) (b >>> 32) + (short) (a >>> 48) * (short) (b >>> 48);
        return low & 0xFFFF_FFFFL | (long) high << 32;
    }

    /** PMADDUBSW: unsigned bytes of a times signed bytes of b, neighbours added, saturated. */
    public static long multiplyAddBytes(long a, long b) {
        long r = 0;
        for (int i = 0; i < 64; i += 16) {
            int even = (int) (a >>> i & 0xFF) * (byte) (b >>> i);
            int odd = (int) (a >>> i + 8 & 0xFF) * (byte) (b >>> i + 8);
            r |= (clampWord(even + odd) & 0xFFFFL) << i;
        }
        return r;
    }

    /** PSADBW: sum of absolute differences of eight unsigned bytes. */
    public static long sumAbsoluteDifferences(long a, long b) {
        int sum = 0;
        for (int i = 0; i < 64; i += 8) {
            sum += Math.abs((int) (a >>> i & 0xFF) - (int) (b >>> i & 0xFF));
        }
        return sum;
    }

    public static long absoluteBytes(long a) {
        long negative = fill8(a & HIGH8);
        return subtractBytes(a ^ negative, negative);
    }

    public static long absoluteWords(long a) {
        long negative = fill16(a & HIGH16);
        return subtractWords(a ^ negative, negative);
    }

    public static long absoluteDwords(long a) {
        long negative = fill32(a & HIGH32);
        return subtractDwords(a ^ negative, negative);
    }

    /** PSIGNB: a negated, zeroed or kept as b is negative, zero or positive. */
    public static long signBytes(long a, long b) {
        long negative = fill8(b & HIGH8);
        return subtractBytes(a ^ negative, negative) & ~fill8(zeroLanes(b, HIGH8));
    }

    /** PSIGNW. */
    public static long signWords(long a, long b) {
        long negative = fill16(b & HIGH16);
        return subtractWords(a ^ negative, negative) & ~fill16(zeroLanes(b, HIGH16));
    }

    /** PSIGND. */
    public static long signDwords(long a, long b) {
        long negative = fill32(b & HIGH32);
        return subtractDwords(a ^ negative, negative) & ~fill32(zeroLanes(b, HIGH32));
    }

    /** PMOVMSKB of one half: the sign bits of its eight bytes. */
    public static int signMask(long a) {
        return (int) ((a & HIGH8) * 0x0002_0408_1020_4081L >>> 56);
    }

    // Shifts: a count of the lane's width or more gives zero, or the sign for arithmetic ones (SDM vol. 2, PSLL, PSRA).

    public static long shiftLeftWords(long a, long count) {
        if (Long.compareUnsigned(count, 15) > 0) {
            return 0;
        }
        return a << count & (0xFFFFL << count & 0xFFFF) * 0x0001_0001_0001_0001L;
    }

    public static long shiftLeftDwords(long a, long count) {
        if (Long.compareUnsigned(count, 31) > 0) {
            return 0;
        }
        return a << count & (0xFFFF_FFFFL << count & 0xFFFF_FFFFL) * 0x1_0000_0001L;
    }

    public static long shiftLeftQwords(long a, long count) {
        return Long.compareUnsigned(count, 63) > 0 ? 0 : a << count;
    }

    public static long shiftRightWords(long a, long count) {
        if (Long.compareUnsigned(count, 15) > 0) {
            return 0;
        }
        return a >>> count & (0xFFFFL >>> count) * 0x0001_0001_0001_0001L;
    }

    public static long shiftRightDwords(long a, long count) {
        if (Long.compareUnsigned(count, 31) > 0) {
            return 0;
        }
        return a >>> count & (0xFFFF_FFFFL >>> count) * 0x1_0000_0001L;
    }

    public static long shiftRightQwords(long a, long count) {
        return Long.compareUnsigned(count, 63) > 0 ? 0 : a >>> count;
    }

    public static long shiftArithmeticWords(long a, long count) {
        int c = Long.compareUnsigned(count, 15) > 0 ? 15 : (int) count;
        long r = 0;
        for (int i = 0; i < 64; i += 16) {
            r |= ((short) (a >>> i) >> c & 0xFFFFL) << i;
        }
        return r;
    }

    public static long shiftArithmeticDwords(long a, long count) {
        int c = Long.compareUnsigned(count, 31) > 0 ? 31 : (int) count;
        return (int) a >> c & 0xFFFF_FFFFL | (a >> 32 >> c) << 32;
    }

    // Horizontal arithmetic of SSSE3: neighbours of (a0 a1 a2 a3), then of (b0 b1 b2 b3), into one half.

    public static long horizontalAddWords(long a, long b) {
        return pairs(a, 1, false) | pairs(b, 1, false) << 32;
    }

    public static long horizontalSubtractWords(long a, long b) {
        return pairs(a, -1, false) | pairs(b, -1, false) << 32;
    }

    public static long horizontalAddSaturatingWords(long a, long b) {
        return pairs(a, 1, true) | pairs(b, 1, true) << 32;
    }

    public static long horizontalSubtractSaturatingWords(long a, long b) {
        return pairs(a, -1, true) | pairs(b, -1, true) << 32;
    }

    private static long pairs(long a, int sign, boolean saturate) {
        int first = (short) a + sign * (short) (a >>> 16);
        int second = (short) (a >>> 32) + sign * (short) (a >>> 48);
        if (saturate) {
            first = clampWord(first);
            second = clampWord(second);
        }
        return first & 0xFFFFL | (second & 0xFFFFL) << 16;
    }

    public static long horizontalAddDwords(long a, long b) {
        return a + (a >>> 32) & 0xFFFF_FFFFL | b + (b >>> 32) << 32;
    }

    public static long horizontalSubtractDwords(long a, long b) {
        return a - (a >>> 32) & 0xFFFF_FFFFL | b - (b >>> 32) << 32;
    }
}
