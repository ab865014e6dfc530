package chronovisor.cpu.x87;

import chronovisor.cpu.softfloat.Unpacked;
import java.math.BigInteger;

/**
 * Elementary functions in binary fixed point of any precision, for the x87's transcendental instructions: at least 128
 * bits of relative precision, so that rounding to 64 bits is right in all but one of 2^60 cases.
 */
final class FixedPoint {

    /** Bits after the point for arguments near one. */
    static final int BITS = 192;

    private static final int CONSTANT_BITS = 512;
    /** ln 2 and pi with 512 bits after the point. */
    private static final BigInteger LN2 = logarithm(BigInteger.TWO.shiftLeft(CONSTANT_BITS), CONSTANT_BITS);
    private static final BigInteger PI = machin();

    private FixedPoint() {}

    static BigInteger one(int bits) {
        return BigInteger.ONE.shiftLeft(bits);
    }

    static BigInteger unsigned(long value) {
        BigInteger low = BigInteger.valueOf(value & Long.MAX_VALUE);
        return value < 0 ? low.setBit(63) : low;
    }

    static BigInteger ln2(int bits) {
        return bits <= CONSTANT_BITS ? LN2.shiftRight(CONSTANT_BITS - bits) : LN2.shiftLeft(bits - CONSTANT_BITS);
    }

    static BigInteger pi(int bits) {
        return bits <= CONSTANT_BITS ? PI.shiftRight(CONSTANT_BITS - bits) : PI.shiftLeft(bits - CONSTANT_BITS);
    }

    /** |u| as fixed point with {@code bits} after the point; lower bits are cut. */
    static BigInteger of(Unpacked u, int bits) {
        if (u.kind != Unpacked.FINITE) {
            return BigInteger.ZERO;
        }
        int shift = u.exponent - 63 + bits;
        BigInteger v = unsigned(u.high);
        return shift >= 0 ? v.shiftLeft(shift) : v.shiftRight(-shift);
    }

    /** Sets {@code u} to a fixed-point value; {@code inexact} adds a sticky bit. */
    static void to(Unpacked u, int sign, BigInteger value, int bits, boolean inexact) {
        int length = value.bitLength();
        BigInteger top = length > 128 ? value.shiftRight(length - 128) : value.shiftLeft(128 - length);
        u.set(sign, length - 1 - bits, top.shiftRight(64).longValue(), top.longValue() | (inexact ? 1 : 0));
    }

    static BigInteger multiply(BigInteger a, BigInteger b, int bits) {
        return a.multiply(b).shiftRight(bits);
    }

    /** e^x - 1 for |x| below 1. */
    static BigInteger exponentialMinusOne(BigInteger x, int bits) {
        BigInteger term = x;
        BigInteger sum = x;
        for (int n = 2; term.signum() != 0 && term.bitLength() > 1; n++) {
            term = multiply(term, x, bits).divide(BigInteger.valueOf(n));
            sum = sum.add(term);
        }
        return sum;
    }

    /** 2 * artanh(z) = ln((1 + z) / (1 - z)), for |z| below 1/2. */
    static BigInteger twiceArtanh(BigInteger z, int bits) {
        BigInteger square = multiply(z, z, bits);
        BigInteger power = z;
        BigInteger sum = z;
        for (int n = 3; power.bitLength() > 1; n += 2) {
            power = multiply(power, square, bits);
            sum = sum.add(power.divide(BigInteger.valueOf(n)));
        }
        return sum.shiftLeft(1);
    }

    /** ln x for x from 1/2 to 2. */
    static BigInteger logarithm(BigInteger x, int bits) {
        BigInteger one = one(bits);
        return twiceArtanh(x.subtract(one).shiftLeft(bits).divide(x.add(one)), bits);
    }

    /** arctan t for t from 0 to 1: the argument is reduced by arctan t = 2 arctan(t / (1 + sqrt(1 + t^2))). */
    static BigInteger arctangent(BigInteger t, int bits) {
        BigInteger one = one(bits);
        int doublings = 0;
        while (t.bitLength() > bits - 3) {
            BigInteger root = one.add(multiply(t, t, bits)).shiftLeft(bits).sqrt();
            t = t.shiftLeft(bits).divide(one.add(root));
            doublings++;
        }
        return arctangentSeries(t, bits).shiftLeft(doublings);
    }

    private static BigInteger arctangentSeries(BigInteger t, int bits) {
        BigInteger square = multiply(t, t, bits).negate();
        BigInteger power = t;
        BigInteger sum = t;
        for (int n = 3; power.bitLength() > 1; n += 2) {
            power = multiply(power, square, bits);
            sum = sum.add(power.divide(BigInteger.valueOf(n)));
        }
        return sum;
    }

    /** sin x for |x| up to 1. */
    static BigInteger sine(BigInteger x, int bits) {
        return alternating(x, x, 2, bits);
    }

    /** cos x for |x| up to 1. */
    static BigInteger cosine(BigInteger x, int bits) {
        return alternating(one(bits), x, 1, bits);
    }

    private static BigInteger alternating(BigInteger first, BigInteger x, int n, int bits) {
        BigInteger square = multiply(x, x, bits).negate();
        BigInteger term = first;
        BigInteger sum = first;
        for (int k = n; term.bitLength() > 1; k += 2) {
            term = multiply(term, square, bits).divide(BigInteger.valueOf((long) k * (k + 1)));
            sum = sum.add(term);
        }
        return sum;
    }

    /** pi = 16 arctan(1/5) - 4 arctan(1/239). */
    private static BigInteger machin() {
        int bits = CONSTANT_BITS + 32;
        BigInteger one = one(bits);
        BigInteger first = arctangentSeries(one.divide(BigInteger.valueOf(5)), bits).shiftLeft(4);
        BigInteger second = arctangentSeries(one.divide(BigInteger.valueOf(239)), bits).shiftLeft(2);
        return first.subtract(second).shiftRight(32);
    }
}
