package chronovisor.cpu.x87;

import chronovisor.cpu.softfloat.SoftFloat;
import chronovisor.cpu.softfloat.Unpacked;

/**
 * Meaning of the x87's arithmetic (SDM vol. 1, 8.3.5 and 8.5; vol. 2 for each instruction). Operands are left in {@code
 * f.soft.a} and {@code b}; results are rounded as the control word says, written, and exceptions raised.
 */
final class X87Arithmetic {

    static final int ADD = 0;
    static final int MULTIPLY = 1;
    static final int SUBTRACT = 2;
    static final int SUBTRACT_REVERSED = 3;
    static final int DIVIDE = 4;
    static final int DIVIDE_REVERSED = 5;

    static final int INDEFINITE_EXPONENT = 0xFFFF;
    static final long INDEFINITE = 3L << 62;

    static final int EXPONENT_MIN = -16382;
    static final int EXPONENT_MAX = 16383;

    private static final long QUIET = 1L << 62;
    /** What an unmasked overflow or underflow adds to the exponent (SDM vol. 1, 8.5.4). */
    private static final int WRAP = 24576;
    private static final int BEFORE = SoftFloat.IE | SoftFloat.DE | SoftFloat.ZE;

    private X87Arithmetic() {}

    static SoftFloat begin(X87 f) {
        SoftFloat s = f.soft;
        s.flags = 0;
        s.rounding = f.control >>> 10 & 3;
        return s;
    }

    static void unpack(X87 f, int index, Unpacked to) {
        int physical = f.top + index & 7;
        to.unpack80(f.signExponent[physical], f.significand[physical]);
    }

    static void writeIndefinite(X87 f, int index) {
        f.write(index, INDEFINITE_EXPONENT, INDEFINITE);
    }

    /** {@code ST(destination) = ST(destination) operation ST(source)}. */
    static void binary(X87 f, int operation, int destination, int source, boolean pop) {
        if (f.empty(destination) || f.empty(source)) {
            if (f.underflow()) {
                writeIndefinite(f, destination);
                if (pop) {
                    f.pop();
                }
            }
            return;
        }
        SoftFloat s = begin(f);
        unpack(f, destination, s.a);
        unpack(f, source, s.b);
        compute(s, operation);
        finish(f, destination, f.precision(), pop);
    }

    /** {@code ST(0) = ST(0) operation soft.b}, which the caller has unpacked from memory. */
    static void binaryMemory(X87 f, int operation) {
        if (f.empty(0)) {
            if (f.underflow()) {
                writeIndefinite(f, 0);
            }
            return;
        }
        SoftFloat s = begin(f);
        unpack(f, 0, s.a);
        compute(s, operation);
        finish(f, 0, f.precision(), false);
    }

    private static void compute(SoftFloat s, int operation) {
        if (nan(s)) {
            return;
        }
        if (s.a.denormal || s.b.denormal) {
            s.flags |= SoftFloat.DE;
        }
        switch (operation) {
            case ADD -> s.add(false);
            case MULTIPLY -> s.multiply();
            case SUBTRACT -> s.add(true);
            case DIVIDE -> s.divide();
            default -> {
                s.swap();
                if (operation == SUBTRACT_REVERSED) {
                    s.add(true);
                } else {
                    s.divide();
                }
            }
        }
    }

    /** With a NaN operand: the one with the larger significand, made quiet (SDM vol. 1, table 4-7). */
    static boolean nan(SoftFloat s) {
        if (!s.a.isNan() && !s.b.isNan()) {
            return false;
        }
        if (s.a.kind == Unpacked.UNSUPPORTED || s.b.kind == Unpacked.UNSUPPORTED) {
            s.invalid();
            return true;
        }
        if (s.a.kind == Unpacked.SIGNALING_NAN || s.b.kind == Unpacked.SIGNALING_NAN) {
            s.flags |= SoftFloat.IE;
        }
        boolean first = s.a.isNan();
        if (first && s.b.isNan()) {
            int order = Long.compareUnsigned(s.a.high, s.b.high);
            first = order > 0 || (order == 0 && s.a.sign <= s.b.sign);
        }
        quiet(s.r, first ? s.a : s.b);
        return true;
    }

    /** The same for one operand, {@code a}. */
    static boolean nanUnary(SoftFloat s) {
        s.b.kind = Unpacked.ZERO;
        return nan(s);
    }

    private static void quiet(Unpacked r, Unpacked nan) {
        r.kind = Unpacked.QUIET_NAN;
        r.sign = nan.sign;
        r.high = nan.high | QUIET;
    }

    /** Whether an exception found in the operands is unmasked: then it is raised, and nothing else happens. */
    static boolean stopped(X87 f) {
        int flags = f.soft.flags;
        if ((flags & BEFORE & ~f.control) == 0) {
            return false;
        }
        f.c1(false);
        f.raise(flags & BEFORE);
        return true;
    }

    /** Rounds {@code soft.r}, writes it to ST(destination), raises the exceptions, pops. */
    static void finish(X87 f, int destination, int precision, boolean pop) {
        if (stopped(f)) {
            return;
        }
        roundWrapped(f, precision);
        Unpacked r = f.soft.r;
        f.write(destination, r.packSignExponent(), r.packSignificand());
        f.c1(f.soft.roundedUp);
        f.raise(f.soft.flags);
        if (pop) {
            f.pop();
        }
    }

    /** Rounds for a register: unmasked overflow and underflow wrap the exponent. */
    static void roundWrapped(X87 f, int precision) {
        SoftFloat s = f.soft;
        s.round(precision, EXPONENT_MIN, EXPONENT_MAX, f.control);
        if (s.r.kind != Unpacked.FINITE) {
            return;
        }
        if (s.r.exponent > EXPONENT_MAX) {
            s.r.exponent -= WRAP;
            if (s.r.exponent > EXPONENT_MAX) {
                s.r.kind = Unpacked.INFINITE;
                s.roundedUp = true;
                s.flags |= SoftFloat.PE;
            }
        } else if (s.r.exponent < EXPONENT_MIN) {
            s.r.exponent += WRAP;
            if (s.r.exponent < EXPONENT_MIN) {
                s.r.kind = Unpacked.ZERO;
                s.roundedUp = false;
                s.flags |= SoftFloat.PE;
            }
        }
    }

    private static boolean missing(X87 f) {
        if (!f.empty(0)) {
            return false;
        }
        if (f.underflow()) {
            writeIndefinite(f, 0);
        }
        return true;
    }

    static void squareRoot(X87 f) {
        if (missing(f)) {
            return;
        }
        SoftFloat s = begin(f);
        unpack(f, 0, s.a);
        if (!nanUnary(s)) {
            s.squareRoot();
            if (s.a.denormal && s.flags == 0) {
                s.flags |= SoftFloat.DE;
            }
        }
        finish(f, 0, f.precision(), false);
    }

    /** FABS ({@code and} = 7FFF) and FCHS ({@code xor} = 8000). */
    static void sign(X87 f, int and, int xor) {
        if (missing(f)) {
            return;
        }
        f.signExponent[f.top] = f.signExponent[f.top] & and ^ xor;
        f.c1(false);
    }

    static void roundToIntegral(X87 f) {
        if (missing(f)) {
            return;
        }
        SoftFloat s = begin(f);
        unpack(f, 0, s.a);
        boolean up = false;
        if (!nanUnary(s)) {
            s.flags |= s.a.denormal ? SoftFloat.DE : 0;
            s.copyToResult();
            s.roundToIntegral();
            up = s.roundedUp;
        }
        if (stopped(f)) {
            return;
        }
        f.write(0, s.r.packSignExponent(), s.r.packSignificand());
        f.c1(up);
        f.raise(s.flags);
    }

    /** FSCALE: {@code ST(0) * 2^trunc(ST(1))}. */
    static void scale(X87 f) {
        if (f.empty(0) || f.empty(1)) {
            if (f.underflow()) {
                writeIndefinite(f, 0);
            }
            return;
        }
        SoftFloat s = begin(f);
        unpack(f, 0, s.a);
        unpack(f, 1, s.b);
        if (!nan(s)) {
            s.flags |= s.a.denormal || s.b.denormal ? SoftFloat.DE : 0;
            scaleNumbers(s);
        }
        finish(f, 0, 64, false);
    }

    private static void scaleNumbers(SoftFloat s) {
        if (s.b.kind == Unpacked.INFINITE) {
            boolean up = s.b.sign == 0;
            if (s.a.kind == (up ? Unpacked.ZERO : Unpacked.INFINITE)) {
                s.invalid();
            } else {
                s.copyToResult();
                s.r.kind = up ? Unpacked.INFINITE : Unpacked.ZERO;
            }
            return;
        }
        s.copyToResult();
        if (s.a.kind == Unpacked.FINITE && s.b.kind == Unpacked.FINITE && s.b.exponent >= 0) {
            // Beyond 2^17 every finite value overflows or underflows.
            int distance = s.b.exponent > 17 ? 1 << 18 : (int) (s.b.high >>> 63 - s.b.exponent);
            s.r.exponent += s.b.sign == 0 ? distance : -distance;
        }
    }

    /** FXTRACT: exponent to ST(0), then the significand is pushed. */
    static void extract(X87 f) {
        if (f.empty(0)) {
            if (f.underflow()) {
                writeIndefinite(f, 0);
                f.push(INDEFINITE_EXPONENT, INDEFINITE);
            }
            return;
        }
        if (f.full()) {
            if (f.overflow()) {
                writeIndefinite(f, 0);
                f.push(INDEFINITE_EXPONENT, INDEFINITE);
            }
            return;
        }
        SoftFloat s = begin(f);
        unpack(f, 0, s.a);
        if (nanUnary(s)) {
            if (!stopped(f)) {
                f.write(0, s.r.packSignExponent(), s.r.packSignificand());
                f.push(s.r.packSignExponent(), s.r.packSignificand());
                f.c1(false);
                f.raise(s.flags);
            }
            return;
        }
        s.flags |= s.a.denormal ? SoftFloat.DE : s.a.kind == Unpacked.ZERO ? SoftFloat.ZE : 0;
        if (stopped(f)) {
            return;
        }
        int significandExponent = s.a.sign << 15;
        if (s.a.kind == Unpacked.FINITE) {
            s.r.setInteger(s.a.exponent);
            f.write(0, s.r.packSignExponent(), s.r.packSignificand());
            f.push(significandExponent | 0x3FFF, s.a.high);
        } else {
            boolean infinite = s.a.kind == Unpacked.INFINITE;
            f.write(0, infinite ? 0x7FFF : 0xFFFF, Long.MIN_VALUE);
            f.push(infinite ? significandExponent | 0x7FFF : significandExponent, infinite ? Long.MIN_VALUE : 0);
        }
        f.c1(false);
        f.raise(s.flags);
    }

    /** FPREM and, with {@code nearest}, FPREM1. */
    static void remainder(X87 f, boolean nearest) {
        if (f.empty(0) || f.empty(1)) {
            f.status &= ~X87.C2;
            if (f.underflow()) {
                writeIndefinite(f, 0);
            }
            return;
        }
        SoftFloat s = begin(f);
        unpack(f, 0, s.a);
        unpack(f, 1, s.b);
        // Without a quotient C0 and C3 stay as they are.
        int codes = f.status & (X87.C0 | X87.C3);
        if (!nan(s)) {
            if (s.a.kind == Unpacked.INFINITE || s.b.kind == Unpacked.ZERO) {
                s.invalid();
            } else {
                s.flags |= s.a.denormal || s.b.denormal ? SoftFloat.DE : 0;
                codes = remainderNumbers(s, nearest);
            }
        }
        if (stopped(f)) {
            f.status &= ~X87.C2;
            return;
        }
        finish(f, 0, 64, false);
        f.codes(codes);
    }

    private static int remainderNumbers(SoftFloat s, boolean nearest) {
        if (s.a.kind == Unpacked.ZERO || s.b.kind == Unpacked.INFINITE) {
            s.copyToResult();
            return 0;
        }
        if (!s.remainder(nearest)) {
            return X87.C2;
        }
        long q = s.quotient;
        return ((q & 4) != 0 ? X87.C0 : 0) | ((q & 2) != 0 ? X87.C3 : 0) | ((q & 1) != 0 ? X87.C1 : 0);
    }
}
