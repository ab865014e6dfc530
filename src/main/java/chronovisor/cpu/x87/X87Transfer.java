package chronovisor.cpu.x87;

import chronovisor.cpu.softfloat.SoftFloat;
import chronovisor.cpu.softfloat.Unpacked;

/**
 * Loads, stores and conversions (SDM vol. 1, 8.3.3 and 8.3.4). A store comes in two parts, so that the memory write
 * between them can fault with nothing changed: {@code to...} computes the bits, {@link #stored} raises and pops.
 */
final class X87Transfer {

    private static final long BCD_MAX = 999_999_999_999_999_999L;

    private static final long[] CONSTANT = {0x8000000000000000L, 0xD49A784BCD1B8AFEL, 0xB8AA3B295C17F0BBL,
        0xC90FDAA22168C234L, 0x9A209A84FBCFF798L, 0xB17217F7D1CF79ABL, 0};
    /** The 64 bits below: what decides rounding (FLDL2T's are below one half, the others' above). */
    private static final long[] CONSTANT_REST = {0, 1, -1, -1, -1, -1, 0};
    private static final int[] CONSTANT_EXPONENT = {0, 1, 0, 1, -2, -1, 0};

    private X87Transfer() {}

    /** Pushes {@code soft.r} as it is, after the exceptions of its conversion. */
    private static void pushResult(X87 f) {
        if (f.full()) {
            if (f.overflow()) {
                f.push(X87Arithmetic.INDEFINITE_EXPONENT, X87Arithmetic.INDEFINITE);
            }
            return;
        }
        if (X87Arithmetic.stopped(f)) {
            return;
        }
        Unpacked r = f.soft.r;
        f.push(r.packSignExponent(), r.packSignificand());
        f.c1(false);
        f.raise(f.soft.flags);
    }

    /**
     * FLD m32 and m64, from {@code soft.a}: invalid for signaling NaNs, denormal for denormals. The hardware pushes a
     * denormal even when that exception is unmasked.
     */
    private static void loadConverted(X87 f) {
        SoftFloat s = f.soft;
        if (!X87Arithmetic.nanUnary(s)) {
            s.copyToResult();
        }
        boolean denormal = s.a.denormal && !f.full();
        pushResult(f);
        if (denormal) {
            f.raise(SoftFloat.DE);
        }
    }

    static void load32(X87 f, int bits) {
        X87Arithmetic.begin(f).a.unpack32(bits, false);
        loadConverted(f);
    }

    static void load64(X87 f, long bits) {
        X87Arithmetic.begin(f).a.unpack64(bits, false);
        loadConverted(f);
    }

    /** FLD m80 and ST(i): the bits as they are. */
    static void load80(X87 f, int signExponent, long significand) {
        if (f.full()) {
            if (f.overflow()) {
                f.push(X87Arithmetic.INDEFINITE_EXPONENT, X87Arithmetic.INDEFINITE);
            }
            return;
        }
        f.push(signExponent, significand);
        f.c1(false);
    }

    static void loadRegister(X87 f, int index) {
        if (f.empty(index)) {
            if (f.underflow()) {
                f.push(X87Arithmetic.INDEFINITE_EXPONENT, X87Arithmetic.INDEFINITE);
            }
            return;
        }
        int physical = f.top + index & 7;
        load80(f, f.signExponent[physical], f.significand[physical]);
    }

    static void loadInteger(X87 f, long value) {
        X87Arithmetic.begin(f).r.setInteger(value);
        pushResult(f);
    }

    /** FBLD: eighteen decimal digits and a sign byte. Digits above 9 are not checked (SDM: undefined). */
    static void loadDecimal(X87 f, long digits, int top) {
        long value = 0;
        for (int i = 4; i >= 0; i -= 4) {
            value = 10 * value + (top >>> i & 15);
        }
        for (int i = 60; i >= 0; i -= 4) {
            value = 10 * value + (digits >>> i & 15);
        }
        Unpacked r = X87Arithmetic.begin(f).r;
        r.setInteger(value);
        r.sign = top >>> 15 & 1;
        pushResult(f);
    }

    /** FLD1 FLDL2T FLDL2E FLDPI FLDLG2 FLDLN2 FLDZ, rounded by RC (SDM vol. 2, FLDPI). */
    static void loadConstant(X87 f, int which) {
        SoftFloat s = X87Arithmetic.begin(f);
        s.r.set(0, CONSTANT_EXPONENT[which], CONSTANT[which], CONSTANT_REST[which]);
        s.round(64, X87Arithmetic.EXPONENT_MIN, X87Arithmetic.EXPONENT_MAX, -1);
        s.flags = 0;
        pushResult(f);
    }

    /** Begins a store of ST(0); false when it is empty, and {@code soft.flags} says so. */
    private static boolean beginStore(X87 f) {
        SoftFloat s = X87Arithmetic.begin(f);
        s.roundedUp = false;
        if (f.empty(0)) {
            s.flags = SoftFloat.IE | X87.STACK_FAULT;
            s.defaultNan();
            return false;
        }
        X87Arithmetic.unpack(f, 0, s.a);
        return true;
    }

    /** Whether the value may be written: an unmasked exception other than precision keeps memory as it is. */
    static boolean storable(X87 f) {
        return (f.soft.flags & ~f.control & X87.EXCEPTIONS & ~SoftFloat.PE) == 0;
    }

    /** After the memory write: raises what the conversion found, and pops unless it was stopped. */
    static void stored(X87 f, boolean pop) {
        boolean done = storable(f);
        f.c1(f.soft.roundedUp && done);
        f.raise(done ? f.soft.flags : f.soft.flags & ~SoftFloat.PE);
        if (done && pop) {
            f.pop();
        }
    }

    private static void narrow(X87 f, int precision, int exponentMin, int exponentMax) {
        SoftFloat s = f.soft;
        if (beginStore(f) && !X87Arithmetic.nanUnary(s)) {
            s.copyToResult();
            s.round(precision, exponentMin, exponentMax, f.control);
        }
    }

    static int toSingle(X87 f) {
        narrow(f, 24, -126, 127);
        return f.soft.r.pack32();
    }

    static long toDouble(X87 f) {
        narrow(f, 53, -1022, 1023);
        return f.soft.r.pack64();
    }

    /** For FSTP m80: the bits are in the register, or are the indefinite NaN. */
    static void toExtended(X87 f) {
        beginStore(f);
    }

    static int extendedTop(X87 f) {
        return f.empty(0) ? X87Arithmetic.INDEFINITE_EXPONENT : f.signExponent[f.top];
    }

    static long extendedLow(X87 f) {
        return f.empty(0) ? X87Arithmetic.INDEFINITE : f.significand[f.top];
    }

    /** FIST and, truncating, FISTTP. */
    static long toInteger(X87 f, int bits, boolean truncate) {
        if (!beginStore(f)) {
            return -1L << bits - 1;
        }
        if (truncate) {
            f.soft.rounding = SoftFloat.TRUNCATE;
        }
        return f.soft.toInteger(bits);
    }

    /** FBSTP: the low 64 bits; the other 16 are {@link #decimalTop}'s, from the value left in {@code soft.quotient}. */
    static long toDecimal(X87 f) {
        SoftFloat s = f.soft;
        long value = beginStore(f) ? s.toInteger(64) : 0;
        if ((s.flags & SoftFloat.IE) != 0 || value > BCD_MAX || value < -BCD_MAX) {
            s.flags = s.flags & X87.STACK_FAULT | SoftFloat.IE;
            s.roundedUp = false;
            s.quotient = 0xFFFF;
            return INDEFINITE_DECIMAL;
        }
        long magnitude = Math.abs(value);
        long digits = 0;
        for (int i = 0; i < 64; i += 4) {
            digits |= magnitude % 10 << i;
            magnitude /= 10;
        }
        s.quotient = (long) s.a.sign << 15 | magnitude / 10 << 4 | magnitude % 10;
        return digits;
    }

    static int decimalTop(X87 f) {
        return (int) f.soft.quotient;
    }

    private static final long INDEFINITE_DECIMAL = 0xC000_0000_0000_0000L;

    /** FST ST(i). */
    static void storeRegister(X87 f, int index, boolean pop) {
        if (f.empty(0)) {
            if (f.underflow()) {
                X87Arithmetic.writeIndefinite(f, index);
                if (pop) {
                    f.pop();
                }
            }
            return;
        }
        f.write(index, f.signExponent[f.top], f.significand[f.top]);
        f.c1(false);
        if (pop) {
            f.pop();
        }
    }

    /** FSTPNCE, an undocumented FSTP that takes an empty ST(0) as it is (SDM: reserved encoding D9 D8+i). */
    static void storeRegisterQuietly(X87 f, int index) {
        if (!f.empty(0)) {
            f.write(index, f.signExponent[f.top], f.significand[f.top]);
        }
        f.c1(false);
        f.pop();
    }

    static void exchange(X87 f, int index) {
        if (f.empty(0) || f.empty(index)) {
            if (!f.underflow()) {
                return;
            }
            if (f.empty(0)) {
                X87Arithmetic.writeIndefinite(f, 0);
            }
            if (f.empty(index)) {
                X87Arithmetic.writeIndefinite(f, index);
            }
        }
        int physical = f.top + index & 7;
        int signExponent = f.signExponent[physical];
        long significand = f.significand[physical];
        f.write(index, f.signExponent[f.top], f.significand[f.top]);
        f.write(0, signExponent, significand);
        f.c1(false);
    }

    /** FCMOVcc. */
    static void conditionalMove(X87 f, int index, boolean condition) {
        if (f.empty(0) || f.empty(index)) {
            if (f.underflow()) {
                X87Arithmetic.writeIndefinite(f, 0);
            }
            return;
        }
        if (condition) {
            int physical = f.top + index & 7;
            f.write(0, f.signExponent[physical], f.significand[physical]);
        }
    }
}
