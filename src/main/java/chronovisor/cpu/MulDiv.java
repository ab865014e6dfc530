package chronovisor.cpu;

/** MUL, IMUL, DIV, IDIV (SDM vol. 2). Operands are zero-extended values of {@code bits} bits. */
public final class MulDiv {
    private MulDiv() {}

    /** High half of an unsigned product, zero-extended. */
    public static long mulHigh(int bits, long a, long b) {
        return bits == 64 ? Math.unsignedMultiplyHigh(a, b) : a * b >>> bits & -1L >>> (64 - bits);
    }

    /** High half of a signed product, zero-extended. */
    public static long imulHigh(int bits, long a, long b) {
        if (bits == 64) {
            return Math.multiplyHigh(a, b);
        }
        return Flags.mask(bits, Flags.extend(bits, a) * Flags.extend(bits, b) >> bits);
    }

    /**
     * Result word of MUL and IMUL, whose ZF, SF and PF are undefined: hardware sets SF and PF by the low half and clears ZF.
     *
     * @param low
     *            sign-extended low half
     */
    public static long flagResult(long low) {
        return low == 0 ? 0x100 : low;
    }

    /** Aux word of MUL: CF and OF tell that the high half is needed. */
    public static long mulAux(long high) {
        return Flags.aux(high != 0, high != 0);
    }

    /** Aux word of IMUL: CF and OF tell that the product is not the sign extension of its low half. */
    public static long imulAux(int bits, long low, long high) {
        boolean wide = Flags.extend(bits, high) != Flags.extend(bits, low) >> 63;
        return Flags.aux(wide, wide);
    }

    /** Whether DIV of {@code high:low} by {@code d} raises #DE: by zero, or the quotient does not fit. */
    public static boolean divFaults(int bits, long high, long low, long d) {
        return Long.compareUnsigned(high, d) >= 0;
    }

    /** Quotient of DIV that does not fault. */
    public static long divQuotient(int bits, long high, long low, long d) {
        if (bits < 64) {
            return Long.divideUnsigned(high << bits | low, d);
        }
        return high == 0 ? Long.divideUnsigned(low, d) : wideQuotient(high, low, d);
    }

    /** Remainder of DIV, given its quotient. */
    public static long remainder(int bits, long low, long d, long quotient) {
        // The low halves are enough: the remainder is less than the divisor.
        return Flags.mask(bits, low - quotient * d);
    }

    /** 128 by 64 bits, {@code high < d}; one bit at a time after normalising by two 32-bit digits (Knuth, algorithm D). */
    private static long wideQuotient(long high, long low, long d) {
        int s = Long.numberOfLeadingZeros(d);
        long v = d << s;
        long vn1 = v >>> 32;
        long vn0 = v & 0xFFFF_FFFFL;
        long un32 = s == 0 ? high : high << s | low >>> (64 - s);
        long un10 = low << s;
        long q1 = digit(un32, un10 >>> 32, vn1, vn0);
        long un21 = (un32 << 32 | un10 >>> 32) - q1 * v;
        long q0 = digit(un21, un10 & 0xFFFF_FFFFL, vn1, vn0);
        return q1 << 32 | q0;
    }

    private static long digit(long top, long next, long vn1, long vn0) {
        long q = Long.divideUnsigned(top, vn1);
        long rest = top - q * vn1;
        while (q >>> 32 != 0 || Long.compareUnsigned(q * vn0, rest << 32 | next) > 0) {
            q--;
            rest += vn1;
            if (rest >>> 32 != 0) {
                break;
            }
        }
        return q;
    }

    /** Whether IDIV of {@code high:low} by {@code d} raises #DE: by zero, or the quotient does not fit. */
    public static boolean idivFaults(int bits, long high, long low, long d) {
        if (d == 0) {
            return true;
        }
        if (bits < 64) {
            long n = high << 64 - bits >> 64 - 2 * bits | low;
            long sd = Flags.extend(bits, d);
            long q = n / sd;
            // At 32 bits Long.MIN_VALUE / -1 wraps to itself, which does not fit either.
            return q != Flags.extend(bits, q);
        }
        boolean negative = (high ^ d) < 0;
        long absLow = high < 0 ? -low : low;
        long absHigh = high < 0 ? ~high + (low == 0 ? 1 : 0) : high;
        long absD = Math.abs(d);
        if (Long.compareUnsigned(absHigh, absD) >= 0) {
            return true;
        }
        long q = divQuotient(64, absHigh, absLow, absD);
        return negative ? Long.compareUnsigned(q, Long.MIN_VALUE) > 0 : q < 0;
    }

    /** Quotient of IDIV that does not fault. */
    public static long idivQuotient(int bits, long high, long low, long d) {
        if (bits < 64) {
            long n = high << 64 - bits >> 64 - 2 * bits | low;
            return Flags.mask(bits, n / Flags.extend(bits, d));
        }
        boolean negative = (high ^ d) < 0;
        long absLow = high < 0 ? -low : low;
        long absHigh = high < 0 ? ~high + (low == 0 ? 1 : 0) : high;
        long q = divQuotient(64, absHigh, absLow, Math.abs(d));
        return negative ? -q : q;
    }
}
