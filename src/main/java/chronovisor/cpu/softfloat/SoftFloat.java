package chronovisor.cpu.softfloat;

/**
 * Arithmetic on {@link Unpacked} values with IEEE 754 rounding and exception flags (SDM vol. 1, 4.8.4 and 4.9).
 * Operations read {@link #a} and {@link #b} and leave an unrounded result in {@link #r}; {@link #round} finishes it.
 * Flags only accumulate; the caller clears them.
 */
public final class SoftFloat {

    public static final int NEAREST = 0;
    public static final int DOWN = 1;
    public static final int UP = 2;
    public static final int TRUNCATE = 3;

    /** Exception bits as in the x87 status word and MXCSR. */
    public static final int IE = 1;
    public static final int DE = 2;
    public static final int ZE = 4;
    public static final int OE = 8;
    public static final int UE = 16;
    public static final int PE = 32;

    private static final long TOP = Long.MIN_VALUE;

    public final Unpacked a = new Unpacked();
    public final Unpacked b = new Unpacked();
    /** The addend of {@link #multiplyAdd}. */
    public final Unpacked c = new Unpacked();
    public final Unpacked r = new Unpacked();
    private final Unpacked t = new Unpacked();

    /** Rounding mode, as encoded in the RC fields. */
    public int rounding;
    public int flags;
    /** The last {@link #round} increased the magnitude (C1 of the x87). */
    public boolean roundedUp;
    /** Quotient of the last remainder, low 64 bits. */
    public long quotient;

    /** Exchanges {@link #a} and {@link #b}. */
    public void swap() {
        t.copy(a);
        a.copy(b);
        b.copy(t);
    }

    /** {@code r = a}. */
    public void copyToResult() {
        r.copy(a);
    }

    /** Makes {@link #r} the default NaN ("real indefinite") and raises invalid operation. */
    public void invalid() {
        flags |= IE;
        defaultNan();
    }

    /** Makes {@link #r} the default NaN. */
    public void defaultNan() {
        r.special(Unpacked.QUIET_NAN, 1);
        r.high = 3L << 62;
    }

    /** {@code r = a + b}, or {@code a - b}. */
    public void add(boolean subtract) {
        add(a, b, b.sign ^ (subtract ? 1 : 0));
    }

    /** {@code r = ±(a * b) ± c} without rounding in between, of operands of at most 63 bits; {@code a} is lost. */
    public void multiplyAdd(boolean negateProduct, boolean subtract) {
        multiply();
        if (r.isNan()) {
            return;
        }
        r.sign ^= negateProduct ? 1 : 0;
        a.copy(r);
        add(a, c, c.sign ^ (subtract ? 1 : 0));
    }

    /**
     * {@code r = x + y}, y taken with {@code signY}. The lowest bit of either is 0, so that a difference keeps the sticky bit
     * of what was shifted out.
     */
    private void add(Unpacked x, Unpacked y, int signY) {
        if (x.kind != Unpacked.FINITE || y.kind != Unpacked.FINITE) {
            addSpecial(x, y, signY);
            return;
        }
        boolean larger = x.exponent > y.exponent || (x.exponent == y.exponent && compareSignificands(x, y) >= 0);
        int signX = x.sign;
        Unpacked large = larger ? x : y;
        t.copy(larger ? y : x);
        t.shiftRightSticky(large.exponent - t.exponent);
        if (signX == signY) {
            addMagnitudes(signX, large);
            return;
        }
        long low = large.low - t.low;
        long high = large.high - t.high - (Long.compareUnsigned(large.low, t.low) < 0 ? 1 : 0);
        if ((high | low) == 0) {
            r.special(Unpacked.ZERO, rounding == DOWN ? 1 : 0);
            return;
        }
        r.set(larger ? signX : signY, large.exponent, high, low);
    }

    private static int compareSignificands(Unpacked x, Unpacked y) {
        int high = Long.compareUnsigned(x.high, y.high);
        return high != 0 ? high : Long.compareUnsigned(x.low, y.low);
    }

    /** {@code r = large + t}, t shifted to the exponent of large. */
    private void addMagnitudes(int sign, Unpacked large) {
        int exponent = large.exponent;
        long low = large.low + t.low;
        long carryLow = Long.compareUnsigned(low, large.low) < 0 ? 1 : 0;
        long high = large.high + t.high + carryLow;
        int order = Long.compareUnsigned(high, large.high);
        boolean carry = order < 0 || (order == 0 && carryLow != 0);
        if (carry) {
            r.set(sign, exponent + 1, high >>> 1 | TOP, high << 63 | low >>> 1 | low & 1);
        } else {
            r.set(sign, exponent, high, low);
        }
    }

    private void addSpecial(Unpacked x, Unpacked y, int signY) {
        if (x.kind == Unpacked.INFINITE) {
            if (y.kind == Unpacked.INFINITE && x.sign != signY) {
                invalid();
            } else {
                r.special(Unpacked.INFINITE, x.sign);
            }
        } else if (y.kind == Unpacked.INFINITE) {
            r.special(Unpacked.INFINITE, signY);
        } else if (x.kind == Unpacked.ZERO && y.kind == Unpacked.ZERO) {
            r.special(Unpacked.ZERO, x.sign == signY ? signY : rounding == DOWN ? 1 : 0);
        } else if (x.kind == Unpacked.ZERO) {
            r.set(signY, y.exponent, y.high, y.low);
        } else {
            r.set(x.sign, x.exponent, x.high, x.low);
        }
    }

    /** {@code r = a * b}. */
    public void multiply() {
        int sign = a.sign ^ b.sign;
        if (a.kind == Unpacked.FINITE && b.kind == Unpacked.FINITE) {
            r.set(sign, a.exponent + b.exponent + 1, Math.unsignedMultiplyHigh(a.high, b.high), a.high * b.high);
        } else if (a.kind == Unpacked.INFINITE && b.kind == Unpacked.ZERO
                || a.kind == Unpacked.ZERO && b.kind == Unpacked.INFINITE) {
            invalid();
        } else {
            boolean infinite = a.kind == Unpacked.INFINITE || b.kind == Unpacked.INFINITE;
            r.special(infinite ? Unpacked.INFINITE : Unpacked.ZERO, sign);
        }
    }

    /** {@code r = a / b}. */
    public void divide() {
        int sign = a.sign ^ b.sign;
        if (a.kind == Unpacked.FINITE && b.kind == Unpacked.FINITE) {
            int exponent = a.exponent - b.exponent;
            long numerator = a.high;
            long remainderLow = 0;
            if (Long.compareUnsigned(numerator, b.high) >= 0) {
                remainderLow = numerator << 63;
                numerator >>>= 1;
            } else {
                exponent--;
            }
            long high = divide128(numerator, remainderLow, b.high);
            long rest = remainder128(high, remainderLow, b.high);
            long low = divide128(rest, 0, b.high);
            long last = remainder128(low, 0, b.high);
            r.set(sign, exponent, high, low | (last != 0 ? 1 : 0));
        } else if (a.kind == Unpacked.INFINITE) {
            if (b.kind == Unpacked.INFINITE) {
                invalid();
            } else {
                r.special(Unpacked.INFINITE, sign);
            }
        } else if (b.kind == Unpacked.INFINITE) {
            r.special(Unpacked.ZERO, sign);
        } else if (b.kind == Unpacked.ZERO) {
            if (a.kind == Unpacked.ZERO) {
                invalid();
            } else {
                flags = flags & ~DE | ZE;
                r.special(Unpacked.INFINITE, sign);
            }
        } else {
            r.special(Unpacked.ZERO, sign);
        }
    }

    /** high:low / divisor for high &lt; divisor, divisor normalized: two digits of 32 bits, each at most two too big. */
    static long divide128(long high, long low, long divisor) {
        long d1 = divisor >>> 32;
        long d0 = divisor & 0xFFFF_FFFFL;
        long q1 = Long.divideUnsigned(high, d1);
        long rest = high - q1 * d1;
        long n1 = low >>> 32;
        while (q1 >>> 32 != 0 || Long.compareUnsigned(q1 * d0, rest << 32 | n1) > 0) {
            q1--;
            rest += d1;
            if (rest >>> 32 != 0) {
                break;
            }
        }
        long middle = (high << 32 | n1) - q1 * divisor;
        long q0 = Long.divideUnsigned(middle, d1);
        rest = middle - q0 * d1;
        long n0 = low & 0xFFFF_FFFFL;
        while (q0 >>> 32 != 0 || Long.compareUnsigned(q0 * d0, rest << 32 | n0) > 0) {
            q0--;
            rest += d1;
            if (rest >>> 32 != 0) {
                break;
            }
        }
        return (q1 << 32) + q0;
    }

    private static long remainder128(long quotient, long low, long divisor) {
        return low - quotient * divisor;
    }

    /** {@code r = square root of a}. */
    public void squareRoot() {
        if (a.kind == Unpacked.ZERO) {
            r.special(Unpacked.ZERO, a.sign);
            return;
        }
        if (a.sign != 0) {
            invalid();
            return;
        }
        if (a.kind == Unpacked.INFINITE) {
            r.special(Unpacked.INFINITE, 0);
            return;
        }
        // The radicand is a.high * 2^k, as 128 bits in [2^126, 2^128); its root has 64 bits. The half bit
        // and a sticky bit follow, so that every rounding mode can be decided.
        boolean odd = (a.exponent & 1) != 0;
        long radicandHigh = odd ? a.high : a.high >>> 1;
        long radicandLow = odd ? 0 : a.high << 63;
        long root = 0;
        long restHigh = 0;
        long restLow = 0;
        boolean fits = false;
        for (int i = 0; i <= 64; i++) {
            long two = i < 32 ? radicandHigh >>> 62 - 2 * i : i < 64 ? radicandLow >>> 126 - 2 * i : 0;
            restHigh = restHigh << 2 | restLow >>> 62;
            restLow = restLow << 2 | two & 3;
            long trialHigh = root >>> 62;
            long trialLow = root << 2 | 1;
            fits = restHigh > trialHigh
                    || (restHigh == trialHigh && Long.compareUnsigned(restLow, trialLow) >= 0);
            if (fits) {
                restHigh = restHigh - trialHigh - (Long.compareUnsigned(restLow, trialLow) < 0 ? 1 : 0);
                restLow -= trialLow;
            }
            if (i < 64) {
                root = root << 1 | (fits ? 1 : 0);
            }
        }
        long low = (fits ? TOP : 0) | ((restHigh | restLow) != 0 ? 1 : 0);
        r.set(0, a.exponent >> 1, root, low);
    }

    /** Compares two values that are not NaN: negative, zero or positive as a is below, equal to or above b. */
    public int compare() {
        if (a.kind == Unpacked.ZERO && b.kind == Unpacked.ZERO) {
            return 0;
        }
        int signA = a.kind == Unpacked.ZERO ? 0 : a.sign != 0 ? -1 : 1;
        int signB = b.kind == Unpacked.ZERO ? 0 : b.sign != 0 ? -1 : 1;
        if (signA != signB) {
            return Integer.compare(signA, signB);
        }
        if (a.kind == Unpacked.INFINITE || b.kind == Unpacked.INFINITE) {
            return a.kind == b.kind ? 0 : a.kind == Unpacked.INFINITE ? signA : -signA;
        }
        if (a.exponent != b.exponent) {
            return a.exponent > b.exponent ? signA : -signA;
        }
        return Long.compareUnsigned(a.high, b.high) * signA;
    }

    /**
     * Rounds {@link #r} to {@code precision} bits and the exponent range of the destination (SDM vol. 1, 4.9.1.4 to
     * 4.9.1.6), with masked responses to overflow and underflow unless {@code masks} says otherwise: then the result
     * keeps an exponent outside of the range, and it is up to the caller to wrap or to drop it.
     */
    public void round(int precision, int exponentMin, int exponentMax, int masks) {
        roundedUp = false;
        if (r.kind != Unpacked.FINITE) {
            return;
        }
        if (r.exponent < exponentMin) {
            boolean tiny = r.exponent < exponentMin - 1 || !carriesWhenRounded(precision);
            if (!tiny || (masks & UE) != 0) {
                roundDenormal(precision, exponentMin, tiny);
                return;
            }
            flags |= UE;
            roundAt(precision);
            return;
        }
        roundAt(precision);
        if (r.exponent > exponentMax) {
            flags |= OE;
            if ((masks & OE) != 0) {
                flags |= PE;
                overflow(precision, exponentMax);
            }
        }
    }

    /** Whether {@link #r} is tiny after rounding to {@code precision} bits with any exponent (SDM vol. 1, 4.9.1.5). */
    public boolean tiny(int precision, int exponentMin) {
        return r.kind == Unpacked.FINITE && r.exponent < exponentMin
                && (r.exponent < exponentMin - 1 || !carriesWhenRounded(precision));
    }

    private void roundDenormal(int precision, int exponentMin, boolean tiny) {
        r.shiftRightSticky(exponentMin - r.exponent);
        r.exponent = exponentMin;
        int before = flags;
        flags &= ~PE;
        roundAt(precision);
        if (tiny && (flags & PE) != 0) {
            flags |= UE;
        }
        flags |= before;
        if (r.high == 0) {
            r.kind = Unpacked.ZERO;
        }
    }

    private void overflow(int precision, int exponentMax) {
        boolean toInfinity = rounding == NEAREST || (rounding == UP && r.sign == 0)
                || (rounding == DOWN && r.sign != 0);
        roundedUp = toInfinity;
        if (toInfinity) {
            r.special(Unpacked.INFINITE, r.sign);
        } else {
            r.exponent = exponentMax;
            r.high = -1L << 64 - precision;
            r.low = 0;
        }
    }

    /** Whether rounding to {@code precision} bits, with any exponent allowed, carries into the next power of two. */
    private boolean carriesWhenRounded(int precision) {
        t.copy(r);
        int before = flags;
        roundAt(precision);
        boolean carries = r.exponent != t.exponent;
        r.copy(t);
        flags = before;
        roundedUp = false;
        return carries;
    }

    /** Rounds the significand of {@link #r} at bit {@code 64 - precision} of {@code high}. */
    private void roundAt(int precision) {
        long unit = 1L << 64 - precision;
        boolean half;
        boolean sticky;
        if (precision == 64) {
            half = r.low < 0;
            sticky = r.low << 1 != 0;
        } else {
            half = (r.high & unit >>> 1) != 0;
            sticky = (r.high & (unit >>> 1) - 1) != 0 || r.low != 0;
        }
        roundedUp = false;
        r.low = 0;
        r.high &= -unit;
        if (!half && !sticky) {
            return;
        }
        flags |= PE;
        if (increments(half, sticky, (r.high & unit) != 0)) {
            roundedUp = true;
            r.high += unit;
            if (r.high == 0) {
                r.high = TOP;
                r.exponent++;
            }
        }
    }

    private boolean increments(boolean half, boolean sticky, boolean odd) {
        return switch (rounding) {
            case NEAREST -> half && (sticky || odd);
            case DOWN -> r.sign != 0;
            case UP -> r.sign == 0;
            default -> false;
        };
    }

    /** Rounds {@link #r} to an integral value in the same format; raises precision when it changes. */
    public void roundToIntegral() {
        roundedUp = false;
        if (r.kind != Unpacked.FINITE || r.exponent >= 63) {
            return;
        }
        int sign = r.sign;
        long magnitude = integerMagnitude();
        r.set(sign, 63, magnitude, 0);
    }

    /**
     * The magnitude of {@link #r}, finite with an exponent below 64, as an integer rounded by {@link #rounding}; raises
     * precision when inexact. It can be 2^64 only when the exponent is 63 and there is a fraction, which no format has.
     */
    private long integerMagnitude() {
        if (r.exponent < 63) {
            r.shiftRightSticky(Math.min(63 - r.exponent, 128));
        }
        boolean half = r.low < 0;
        boolean sticky = r.low << 1 != 0;
        if (half || sticky) {
            flags |= PE;
            if (increments(half, sticky, (r.high & 1) != 0)) {
                roundedUp = true;
                r.high++;
            }
        }
        return r.high;
    }

    /**
     * {@link #a} as a two's complement integer of {@code bits}; raises invalid, and gives the integer indefinite, when it
     * is a NaN, infinite or out of range (SDM vol. 1, 4.8.3.7 and 8.5.1.2).
     */
    public long toInteger(int bits) {
        roundedUp = false;
        long indefinite = -1L << bits - 1;
        if (a.kind == Unpacked.ZERO) {
            return 0;
        }
        if (a.kind != Unpacked.FINITE || a.exponent > 63) {
            flags |= IE;
            return indefinite;
        }
        r.copy(a);
        int before = flags;
        long magnitude = integerMagnitude();
        boolean fits = magnitude >= 0 && magnitude <= ~indefinite || r.sign != 0 && magnitude == -indefinite;
        if (!fits) {
            roundedUp = false;
            flags = before | IE;
            return indefinite;
        }
        return r.sign != 0 ? -magnitude : magnitude;
    }

    /**
     * {@code r = a - n * b} for finite values, n the integer nearest to a/b ({@code nearest}) or truncated; n is left in
     * {@link #quotient}. When the exponents differ by 64 or more only part of the reduction is done, as the hardware
     * does it (SDM FPREM: N is 32 + D mod 32), and false is returned.
     */
    public boolean remainder(boolean nearest) {
        int distance = a.exponent - b.exponent;
        quotient = 0;
        if (distance < -1 || (distance == -1 && !nearest)) {
            r.set(a.sign, a.exponent, a.high, 0);
            return true;
        }
        boolean complete = distance < 64;
        int steps = complete ? distance : distance % 32 + 32;
        long rest = a.high;
        long extra = 0;
        long q = 0;
        int exponent = complete ? b.exponent : a.exponent - steps;
        if (distance == -1) {
            // a is below b but may be above b / 2
            t.set(a.sign, a.exponent, a.high, 0);
            boolean above = Long.compareUnsigned(a.high, b.high) > 0;
            if (above) {
                quotient = 1;
                // b - a, one more bit is needed below
                long high = b.high - (a.high >>> 1) - (a.high & 1);
                r.set(a.sign ^ 1, b.exponent, high, a.high << 63);
            } else {
                r.copy(t);
            }
            return true;
        }
        for (int i = 0; i <= steps; i++) {
            if (i > 0) {
                extra = rest >>> 63;
                rest <<= 1;
                q <<= 1;
            }
            if (extra != 0 || Long.compareUnsigned(rest, b.high) >= 0) {
                rest -= b.high;
                q |= 1;
            }
        }
        int sign = a.sign;
        if (nearest && complete) {
            // compare 2 * rest with b
            boolean above = rest < 0 || Long.compareUnsigned(rest << 1, b.high) > 0;
            boolean tie = rest >= 0 && rest << 1 == b.high;
            if (above || (tie && (q & 1) != 0)) {
                rest = b.high - rest;
                sign ^= 1;
                q++;
            }
        }
        quotient = q;
        r.set(rest == 0 ? a.sign : sign, exponent, rest, 0);
        return complete;
    }
}
