package chronovisor.cpu.x87;

import chronovisor.cpu.softfloat.SoftFloat;
import chronovisor.cpu.softfloat.Unpacked;
import java.math.BigInteger;

/**
 * F2XM1, FYL2X, FYL2XP1, FPATAN, FSIN, FCOS, FSINCOS and FPTAN (SDM vol. 1, 8.3.7 to 8.3.10). Arguments of the
 * trigonometric functions are reduced with the hardware's own pi of 66 bits.
 */
final class X87Transcendental {

    /** Below this exponent the first term of the series is the result, to more than 128 bits. */
    private static final int TINY = -100;
    /** The 66-bit pi, scaled by 2^66 (SDM vol. 1, 8.3.8). */
    private static final BigInteger PI66 = new BigInteger("C90FDAA22168C234C", 16);
    private static final int PI66_BITS = 66;

    private X87Transcendental() {}

    private static boolean missing(X87 f) {
        if (!f.empty(0)) {
            return false;
        }
        if (f.underflow()) {
            X87Arithmetic.writeIndefinite(f, 0);
        }
        return true;
    }

    /** Two operands, result to ST(1), pop: a = ST(0), b = ST(1). True when the operands settled it. */
    private static boolean missingTwo(X87 f) {
        if (!f.empty(0) && !f.empty(1)) {
            return false;
        }
        if (f.underflow()) {
            X87Arithmetic.writeIndefinite(f, 1);
            f.pop();
        }
        return true;
    }

    /** {@code r = x} moved towards or away from zero by less than any rounding can see but the directed ones. */
    private static void almost(Unpacked r, Unpacked x, boolean below) {
        if (below) {
            r.set(x.sign, x.exponent, x.high - 1, -1);
        } else {
            r.set(x.sign, x.exponent, x.high, 1);
        }
    }

    /** F2XM1: 2^x - 1; for |x| above 1, which the manual leaves undefined, x itself. */
    static void exponential(X87 f) {
        if (missing(f)) {
            return;
        }
        SoftFloat s = X87Arithmetic.begin(f);
        X87Arithmetic.unpack(f, 0, s.a);
        if (!X87Arithmetic.nanUnary(s)) {
            s.flags |= s.a.denormal ? SoftFloat.DE : 0;
            exponentialNumber(s);
        }
        X87Arithmetic.finish(f, 0, 64, false);
    }

    private static void exponentialNumber(SoftFloat s) {
        Unpacked a = s.a;
        if (a.kind == Unpacked.INFINITE) {
            s.copyToResult();
            if (a.sign != 0) {
                s.r.set(1, 0, Long.MIN_VALUE, 0);
            }
        } else if (a.kind == Unpacked.ZERO) {
            s.copyToResult();
        } else if (a.exponent > 0 || (a.exponent == 0 && a.high != Long.MIN_VALUE)) {
            s.copyToResult();
            s.flags |= SoftFloat.PE;
        } else if (a.exponent == 0) {
            s.r.set(a.sign, a.sign == 0 ? 0 : -1, Long.MIN_VALUE, 0);
        } else {
            int bits = FixedPoint.BITS + Math.max(0, -Math.max(a.exponent, TINY));
            BigInteger ln2 = FixedPoint.ln2(bits);
            if (a.exponent < TINY) {
                FixedPoint.to(s.r, a.sign, FixedPoint.unsigned(a.high).multiply(ln2), bits + 63 - a.exponent, true);
                return;
            }
            BigInteger x = FixedPoint.multiply(FixedPoint.of(a, bits), ln2, bits);
            BigInteger value = FixedPoint.exponentialMinusOne(a.sign == 0 ? x : x.negate(), bits);
            FixedPoint.to(s.r, a.sign, value.abs(), bits, true);
        }
    }

    /** FYL2X: ST(1) * log2 ST(0), pop. */
    static void logarithm(X87 f) {
        if (missingTwo(f)) {
            return;
        }
        SoftFloat s = X87Arithmetic.begin(f);
        X87Arithmetic.unpack(f, 0, s.a);
        X87Arithmetic.unpack(f, 1, s.b);
        if (!X87Arithmetic.nan(s)) {
            s.flags |= s.a.denormal || s.b.denormal ? SoftFloat.DE : 0;
            logarithmNumbers(s);
        }
        X87Arithmetic.finish(f, 1, 64, true);
    }

    private static void logarithmNumbers(SoftFloat s) {
        Unpacked x = s.a;
        Unpacked y = s.b;
        if (x.kind == Unpacked.ZERO) {
            if (y.kind == Unpacked.ZERO) {
                s.invalid();
            } else {
                s.flags |= y.kind == Unpacked.FINITE ? SoftFloat.ZE : 0;
                infinite(s, y.sign ^ 1);
            }
            return;
        }
        if (x.sign != 0) {
            s.flags &= ~SoftFloat.DE;
            s.invalid();
            return;
        }
        boolean isOne = x.kind == Unpacked.FINITE && x.exponent == 0 && x.high == Long.MIN_VALUE;
        boolean above = x.kind == Unpacked.INFINITE || x.exponent >= 0;
        int sign = y.sign ^ (above ? 0 : 1);
        if (x.kind == Unpacked.INFINITE) {
            if (y.kind == Unpacked.ZERO) {
                s.invalid();
            } else {
                infinite(s, sign);
            }
        } else if (y.kind == Unpacked.INFINITE) {
            if (isOne) {
                s.invalid();
            } else {
                infinite(s, sign);
            }
        } else if (y.kind == Unpacked.ZERO || isOne) {
            s.r.set(sign, 0, 0, 0);
        } else {
            int bits = FixedPoint.BITS;
            int exponent = x.exponent;
            boolean power = x.high == Long.MIN_VALUE;
            BigInteger log = BigInteger.valueOf(exponent).shiftLeft(bits);
            if (!power) {
                // Keep the logarithm of the significand small, so that nothing cancels near one.
                boolean down = Long.compareUnsigned(x.high, 0xB504F333F9DE6484L) > 0;
                BigInteger m = FixedPoint.unsigned(x.high).shiftLeft(bits - (down ? 64 : 63));
                BigInteger part = FixedPoint.logarithm(m, bits).shiftLeft(bits).divide(FixedPoint.ln2(bits));
                log = BigInteger.valueOf(down ? exponent + 1 : exponent).shiftLeft(bits).add(part);
            }
            times(s, log, bits, sign, !power);
            s.flags |= SoftFloat.PE;
        }
    }

    /** r = |log| * |y|. */
    private static void times(SoftFloat s, BigInteger log, int bits, int sign, boolean inexact) {
        BigInteger product = log.abs().multiply(FixedPoint.unsigned(s.b.high));
        FixedPoint.to(s.r, sign, product, bits + 63 - s.b.exponent, inexact);
    }

    private static void infinite(SoftFloat s, int sign) {
        s.r.kind = Unpacked.INFINITE;
        s.r.sign = sign;
        s.r.high = 0;
        s.r.low = 0;
    }

    /** FYL2XP1: ST(1) * log2(ST(0) + 1), pop. */
    static void logarithmPlusOne(X87 f) {
        if (missingTwo(f)) {
            return;
        }
        SoftFloat s = X87Arithmetic.begin(f);
        X87Arithmetic.unpack(f, 0, s.a);
        X87Arithmetic.unpack(f, 1, s.b);
        if (!X87Arithmetic.nan(s)) {
            s.flags |= s.a.denormal || s.b.denormal ? SoftFloat.DE : 0;
            logarithmPlusOneNumbers(s);
        }
        X87Arithmetic.finish(f, 1, 64, true);
    }

    private static void logarithmPlusOneNumbers(SoftFloat s) {
        Unpacked x = s.a;
        Unpacked y = s.b;
        int sign = x.sign ^ y.sign;
        if (x.kind == Unpacked.INFINITE || y.kind == Unpacked.INFINITE) {
            boolean invalid = x.kind == Unpacked.ZERO || y.kind == Unpacked.ZERO
                    || (x.kind == Unpacked.INFINITE && x.sign != 0);
            if (invalid) {
                s.invalid();
            } else {
                infinite(s, sign);
            }
        } else if (x.kind == Unpacked.ZERO || y.kind == Unpacked.ZERO) {
            s.r.set(sign, 0, 0, 0);
        } else if (x.sign != 0 && x.exponent >= 0) {
            // Undefined by the manual; the hardware gives back the argument.
            s.copyToResult();
            s.flags |= SoftFloat.PE;
        } else if (x.exponent < TINY) {
            int bits = FixedPoint.BITS;
            BigInteger log = FixedPoint.unsigned(x.high).shiftLeft(2 * bits).divide(FixedPoint.ln2(bits));
            times(s, log, bits + 63 - x.exponent, sign, true);
        } else {
            int bits = FixedPoint.BITS + Math.max(0, -x.exponent);
            BigInteger value = FixedPoint.of(x, bits);
            value = x.sign == 0 ? value : value.negate();
            BigInteger log;
            if (x.exponent < -1) {
                BigInteger z = value.shiftLeft(bits).divide(FixedPoint.one(bits + 1).add(value));
                log = FixedPoint.twiceArtanh(z, bits);
            } else {
                BigInteger sum = value.add(FixedPoint.one(bits));
                int exponent = sum.bitLength() - 1 - bits;
                BigInteger m = exponent >= 0 ? sum.shiftRight(exponent) : sum.shiftLeft(-exponent);
                log = FixedPoint.logarithm(m, bits).add(FixedPoint.ln2(bits).multiply(BigInteger.valueOf(exponent)));
            }
            times(s, log.shiftLeft(bits).divide(FixedPoint.ln2(bits)), bits, sign, true);
        }
    }

    /** FPATAN: the angle of the point (ST(0), ST(1)), pop. */
    static void arctangent(X87 f) {
        if (missingTwo(f)) {
            return;
        }
        SoftFloat s = X87Arithmetic.begin(f);
        X87Arithmetic.unpack(f, 0, s.a);
        X87Arithmetic.unpack(f, 1, s.b);
        if (!X87Arithmetic.nan(s)) {
            s.flags |= s.a.denormal || s.b.denormal ? SoftFloat.DE : 0;
            arctangentNumbers(s);
        }
        X87Arithmetic.finish(f, 1, 64, true);
    }

    private static void arctangentNumbers(SoftFloat s) {
        Unpacked x = s.a;
        Unpacked y = s.b;
        int bits = FixedPoint.BITS;
        BigInteger pi = FixedPoint.pi(bits);
        boolean left = x.sign != 0;
        if (y.kind == Unpacked.INFINITE && x.kind == Unpacked.INFINITE) {
            FixedPoint.to(s.r, y.sign, left ? pi.multiply(BigInteger.valueOf(3)).shiftRight(2) : pi.shiftRight(2), bits,
                    true);
        } else if (y.kind == Unpacked.ZERO || x.kind == Unpacked.INFINITE) {
            FixedPoint.to(s.r, y.sign, left ? pi : BigInteger.ZERO, bits, left);
        } else if (x.kind == Unpacked.ZERO || y.kind == Unpacked.INFINITE || y.exponent - x.exponent > -TINY) {
            boolean exactly = x.kind == Unpacked.ZERO || y.kind == Unpacked.INFINITE;
            BigInteger half = pi.shiftRight(1);
            if (!exactly) {
                half = left ? half.add(BigInteger.ONE) : half.subtract(BigInteger.ONE);
            }
            FixedPoint.to(s.r, y.sign, half, bits, true);
        } else if (y.exponent - x.exponent < TINY) {
            if (left) {
                FixedPoint.to(s.r, y.sign, pi.subtract(BigInteger.ONE), bits, true);
            } else {
                tinyQuotient(s);
            }
        } else {
            angle(s, left);
        }
    }

    /** arctan(y / x) for a tiny quotient: a little below the quotient. */
    private static void tinyQuotient(SoftFloat s) {
        s.swap();
        s.divide();
        if (s.r.low == 0) {
            almost(s.r, s.r, true);
        } else {
            s.r.low |= 1;
        }
    }

    private static void angle(SoftFloat s, boolean left) {
        Unpacked x = s.a;
        Unpacked y = s.b;
        int distance = y.exponent - x.exponent;
        int bits = FixedPoint.BITS + Math.abs(distance);
        BigInteger vertical = FixedPoint.unsigned(y.high).shiftLeft(Math.max(0, distance));
        BigInteger horizontal = FixedPoint.unsigned(x.high).shiftLeft(Math.max(0, -distance));
        boolean steep = vertical.compareTo(horizontal) > 0;
        BigInteger ratio = steep
                ? horizontal.shiftLeft(bits).divide(vertical)
                : vertical.shiftLeft(bits).divide(horizontal);
        BigInteger value = FixedPoint.arctangent(ratio, bits);
        BigInteger pi = FixedPoint.pi(bits);
        if (steep) {
            value = left ? pi.shiftRight(1).add(value) : pi.shiftRight(1).subtract(value);
        } else if (left) {
            value = pi.subtract(value);
        }
        FixedPoint.to(s.r, y.sign, value, bits, true);
    }

    static void sine(X87 f) {
        if (!trigonometric(f, false)) {
            return;
        }
        SoftFloat s = f.soft;
        if (s.a.kind == Unpacked.FINITE) {
            reduced(s.a, s.r, false);
        }
        X87Arithmetic.finish(f, 0, 64, false);
    }

    static void cosine(X87 f) {
        if (!trigonometric(f, false)) {
            return;
        }
        SoftFloat s = f.soft;
        if (s.a.kind == Unpacked.FINITE) {
            reduced(s.a, s.r, true);
        } else if (s.a.kind == Unpacked.ZERO) {
            s.r.set(0, 0, Long.MIN_VALUE, 0);
        }
        X87Arithmetic.finish(f, 0, 64, false);
    }

    /** FSINCOS: the sine to ST(0), then the cosine is pushed. */
    static void sineAndCosine(X87 f) {
        if (!trigonometric(f, true)) {
            return;
        }
        SoftFloat s = f.soft;
        if (s.r.isNan()) {
            pushAfter(f, s.r.packSignExponent(), s.r.packSignificand());
            return;
        }
        int exponent = 0x3FFF;
        long significand = Long.MIN_VALUE;
        if (s.a.kind == Unpacked.FINITE) {
            reduced(s.a, s.r, true);
            s.round(64, X87Arithmetic.EXPONENT_MIN, X87Arithmetic.EXPONENT_MAX, -1);
            exponent = s.r.packSignExponent();
            significand = s.r.packSignificand();
            s.flags |= SoftFloat.PE;
            reduced(s.a, s.r, false);
        }
        pushAfter(f, exponent, significand);
    }

    /** FPTAN: the tangent to ST(0), then 1 is pushed. */
    static void tangent(X87 f) {
        if (!trigonometric(f, true)) {
            return;
        }
        SoftFloat s = f.soft;
        if (s.r.isNan()) {
            pushAfter(f, s.r.packSignExponent(), s.r.packSignificand());
            return;
        }
        if (s.a.kind == Unpacked.FINITE) {
            tangentNumber(s);
        }
        pushAfter(f, 0x3FFF, Long.MIN_VALUE);
    }

    private static void pushAfter(X87 f, int signExponent, long significand) {
        if (X87Arithmetic.stopped(f)) {
            return;
        }
        X87Arithmetic.finish(f, 0, 64, false);
        f.push(signExponent, significand);
    }

    /** Common beginning; false when all is done. C2 tells an argument of 2^63 or more (SDM vol. 2, FSIN). */
    private static boolean trigonometric(X87 f, boolean pushes) {
        f.status &= ~X87.C2;
        if (f.empty(0) || (pushes && f.full())) {
            boolean masked = f.empty(0) ? f.underflow() : f.overflow();
            if (masked) {
                X87Arithmetic.writeIndefinite(f, 0);
                if (pushes) {
                    f.push(X87Arithmetic.INDEFINITE_EXPONENT, X87Arithmetic.INDEFINITE);
                }
            }
            return false;
        }
        SoftFloat s = X87Arithmetic.begin(f);
        X87Arithmetic.unpack(f, 0, s.a);
        s.copyToResult();
        if (X87Arithmetic.nanUnary(s)) {
            return true;
        }
        if (s.a.kind == Unpacked.INFINITE) {
            s.invalid();
        } else if (s.a.kind == Unpacked.FINITE) {
            if (s.a.exponent >= 63) {
                f.c1(false);
                f.status |= X87.C2;
                return false;
            }
            s.flags |= s.a.denormal ? SoftFloat.DE : 0;
        }
        return true;
    }

    /** sin x or cos x of a finite x, exactly reduced modulo the 66-bit pi. */
    private static void reduced(Unpacked x, Unpacked r, boolean cosine) {
        if (x.exponent < TINY) {
            if (cosine) {
                r.set(0, -1, -1, -1);
            } else {
                almost(r, x, true);
            }
            return;
        }
        Reduction reduction = Reduction.of(x);
        BigInteger rest = reduction.rest();
        int bits = reduction.bits();
        int quadrant = reduction.quadrant() + (cosine ? 1 : 0) & 3;
        BigInteger value = (quadrant & 1) == 0 ? FixedPoint.sine(rest, bits) : FixedPoint.cosine(rest, bits);
        boolean negative = value.signum() < 0 != (quadrant >= 2);
        if (!cosine && x.sign != 0) {
            negative = !negative;
        }
        FixedPoint.to(r, negative ? 1 : 0, value.abs(), bits, true);
    }

    private static void tangentNumber(SoftFloat s) {
        Unpacked x = s.a;
        if (x.exponent < TINY) {
            almost(s.r, x, false);
            return;
        }
        Reduction reduction = Reduction.of(x);
        int bits = reduction.bits();
        BigInteger sine = FixedPoint.sine(reduction.rest(), bits);
        BigInteger cosine = FixedPoint.cosine(reduction.rest(), bits);
        boolean odd = (reduction.quadrant() & 1) != 0;
        BigInteger value = odd ? cosine.negate().shiftLeft(bits).divide(sine) : sine.shiftLeft(bits).divide(cosine);
        FixedPoint.to(s.r, value.signum() < 0 != (x.sign != 0) ? 1 : 0, value.abs(), bits, true);
    }

    /** |x| = n * pi/2 + rest: rest in fixed point with {@code bits} after the point, and n modulo 4. */
    private record Reduction(BigInteger rest, int bits, int quadrant) {

        static Reduction of(Unpacked x) {
            int scale = PI66_BITS + 1 + Math.max(0, 63 - x.exponent);
            BigInteger value = FixedPoint.of(x, scale);
            BigInteger half = PI66.shiftLeft(scale - PI66_BITS - 1);
            BigInteger[] parts = value.add(half.shiftRight(1)).divideAndRemainder(half);
            BigInteger rest = parts[1].subtract(half.shiftRight(1));
            int bits = FixedPoint.BITS + scale;
            return new Reduction(rest.shiftLeft(bits - scale), bits, parts[0].intValue() & 3);
        }
    }
}
