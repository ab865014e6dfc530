package chronovisor.cpu.vector;

import chronovisor.cpu.softfloat.SoftFloat;
import chronovisor.cpu.softfloat.Unpacked;

/**
 * SSE floating point for every operand and mode, with integers: directed rounding, NaNs, denormals, DAZ and FTZ, masked
 * and unmasked exceptions (SDM vol. 1, 4.8.3.4, 10.2.3, 11.5.2).
 */
final class SseSlow {

    static final int ADD = 0;
    static final int SUBTRACT = 1;
    static final int MULTIPLY = 2;
    static final int DIVIDE = 3;

    private static final long QUIET = 1L << 62;
    /** The exceptions that are found out before there is a result (SDM vol. 1, 11.5.3). */
    private static final int BEFORE = SoftFloat.IE | SoftFloat.DE | SoftFloat.ZE;

    private SseSlow() {}

    static boolean daz(int mxcsr) {
        return (mxcsr & SseFloat.DAZ) != 0;
    }

    static long binary64(SoftFloat f, int mxcsr, int operation, long a, long b) {
        f.a.unpack64(a, daz(mxcsr));
        f.b.unpack64(b, daz(mxcsr));
        binary(f, mxcsr, operation, true);
        return f.r.pack64();
    }

    static int binary32(SoftFloat f, int mxcsr, int operation, int a, int b) {
        f.a.unpack32(a, daz(mxcsr));
        f.b.unpack32(b, daz(mxcsr));
        binary(f, mxcsr, operation, false);
        return f.r.pack32();
    }

    private static void binary(SoftFloat f, int mxcsr, int operation, boolean isDouble) {
        f.rounding = mxcsr >>> 13 & 3;
        if (nan(f)) {
            return;
        }
        int old = f.flags;
        f.flags = f.a.denormal || f.b.denormal ? SoftFloat.DE : 0;
        switch (operation) {
            case ADD -> f.add(false);
            case SUBTRACT -> f.add(true);
            case MULTIPLY -> f.multiply();
            default -> f.divide();
        }
        finish(f, mxcsr, isDouble);
        f.flags |= old;
    }

    /** With a NaN operand: the result is the first one that is a NaN, made quiet (SDM vol. 1, table 4-7). */
    private static boolean nan(SoftFloat f) {
        if (!f.a.isNan() && !f.b.isNan()) {
            return false;
        }
        Unpacked chosen = f.a.isNan() ? f.a : f.b;
        if (f.a.kind == Unpacked.SIGNALING_NAN || f.b.kind == Unpacked.SIGNALING_NAN) {
            f.flags |= SoftFloat.IE;
        }
        quiet(f.r, chosen);
        return true;
    }

    /** The same for an operation of one operand. */
    static boolean nanAlone(SoftFloat f) {
        f.b.kind = Unpacked.ZERO;
        return nan(f);
    }

    static void quiet(Unpacked r, Unpacked nan) {
        r.kind = Unpacked.QUIET_NAN;
        r.sign = nan.sign;
        r.high = nan.high | QUIET;
    }

    /** Rounds r to the destination, unless an unmasked exception has come first. */
    static void finish(SoftFloat f, int mxcsr, boolean isDouble) {
        int masks = mxcsr >>> 7;
        if ((f.flags & BEFORE & ~masks) != 0) {
            return;
        }
        int precision = isDouble ? 53 : 24;
        int exponentMin = isDouble ? -1022 : -126;
        if ((mxcsr & SseFloat.FTZ) != 0 && (masks & SoftFloat.UE) != 0 && f.tiny(precision, exponentMin)) {
            f.flags |= SoftFloat.UE | SoftFloat.PE;
            f.r.kind = Unpacked.ZERO;
            return;
        }
        f.round(precision, exponentMin, isDouble ? 1023 : 127, masks);
    }

    static long squareRoot64(SoftFloat f, int mxcsr, long a) {
        f.a.unpack64(a, daz(mxcsr));
        squareRoot(f, mxcsr, true);
        return f.r.pack64();
    }

    static int squareRoot32(SoftFloat f, int mxcsr, int a) {
        f.a.unpack32(a, daz(mxcsr));
        squareRoot(f, mxcsr, false);
        return f.r.pack32();
    }

    private static void squareRoot(SoftFloat f, int mxcsr, boolean isDouble) {
        f.rounding = mxcsr >>> 13 & 3;
        if (nanAlone(f)) {
            return;
        }
        int old = f.flags;
        f.flags = 0;
        f.squareRoot();
        if (f.a.denormal && f.flags == 0) {
            f.flags = SoftFloat.DE;
        }
        finish(f, mxcsr, isDouble);
        f.flags |= old;
    }

    static long minMax64(SoftFloat f, int mxcsr, long a, long b, int wanted) {
        f.a.unpack64(a, daz(mxcsr));
        f.b.unpack64(b, daz(mxcsr));
        long first = f.a.kind == Unpacked.ZERO ? a & Long.MIN_VALUE : a;
        long second = f.b.kind == Unpacked.ZERO ? b & Long.MIN_VALUE : b;
        return compare(f, false) == wanted ? first : second;
    }

    static int minMax32(SoftFloat f, int mxcsr, int a, int b, int wanted) {
        f.a.unpack32(a, daz(mxcsr));
        f.b.unpack32(b, daz(mxcsr));
        int first = f.a.kind == Unpacked.ZERO ? a & Integer.MIN_VALUE : a;
        int second = f.b.kind == Unpacked.ZERO ? b & Integer.MIN_VALUE : b;
        return compare(f, false) == wanted ? first : second;
    }

    static int compare64(SoftFloat f, int mxcsr, long a, long b, boolean quiet) {
        f.a.unpack64(a, daz(mxcsr));
        f.b.unpack64(b, daz(mxcsr));
        return compare(f, quiet);
    }

    static int compare32(SoftFloat f, int mxcsr, int a, int b, boolean quiet) {
        f.a.unpack32(a, daz(mxcsr));
        f.b.unpack32(b, daz(mxcsr));
        return compare(f, quiet);
    }

    private static int compare(SoftFloat f, boolean quiet) {
        if (f.a.isNan() || f.b.isNan()) {
            boolean signaling = f.a.kind == Unpacked.SIGNALING_NAN || f.b.kind == Unpacked.SIGNALING_NAN;
            f.flags |= signaling || !quiet ? SoftFloat.IE : 0;
            return 2;
        }
        f.flags |= f.a.denormal || f.b.denormal ? SoftFloat.DE : 0;
        return Integer.signum(f.compare());
    }

    static long toInteger64(SoftFloat f, int mxcsr, long a, int bits, boolean truncate) {
        f.a.unpack64(a, daz(mxcsr));
        f.rounding = truncate ? SoftFloat.TRUNCATE : mxcsr >>> 13 & 3;
        return f.toInteger(bits);
    }

    static long toInteger32(SoftFloat f, int mxcsr, int a, int bits, boolean truncate) {
        f.a.unpack32(a, daz(mxcsr));
        f.rounding = truncate ? SoftFloat.TRUNCATE : mxcsr >>> 13 & 3;
        return f.toInteger(bits);
    }

    static long fromInteger64(SoftFloat f, int mxcsr, long a) {
        f.r.setInteger(a);
        f.rounding = mxcsr >>> 13 & 3;
        f.round(53, -1022, 1023, -1);
        return f.r.pack64();
    }

    static int fromInteger32(SoftFloat f, int mxcsr, long a) {
        f.r.setInteger(a);
        f.rounding = mxcsr >>> 13 & 3;
        f.round(24, -126, 127, -1);
        return f.r.pack32();
    }

    static long widen(SoftFloat f, int mxcsr, int a) {
        f.a.unpack32(a, daz(mxcsr));
        convert(f, mxcsr, true);
        return f.r.pack64();
    }

    static int narrow(SoftFloat f, int mxcsr, long a) {
        f.a.unpack64(a, daz(mxcsr));
        convert(f, mxcsr, false);
        return f.r.pack32();
    }

    private static void convert(SoftFloat f, int mxcsr, boolean toDouble) {
        f.rounding = mxcsr >>> 13 & 3;
        if (nanAlone(f)) {
            return;
        }
        int old = f.flags;
        f.flags = f.a.denormal ? SoftFloat.DE : 0;
        f.copyToResult();
        finish(f, mxcsr, toDouble);
        f.flags |= old;
    }

    /** ROUNDSD: to an integral value; {@code control} is the immediate. Precision is not raised when bit 3 is set. */
    static long round64(SoftFloat f, int mxcsr, int control, long a) {
        f.a.unpack64(a, daz(mxcsr));
        roundIntegral(f, mxcsr, control);
        return f.r.pack64();
    }

    /** ROUNDSS. */
    static int round32(SoftFloat f, int mxcsr, int control, int a) {
        f.a.unpack32(a, daz(mxcsr));
        roundIntegral(f, mxcsr, control);
        return f.r.pack32();
    }

    private static void roundIntegral(SoftFloat f, int mxcsr, int control) {
        f.rounding = (control & 4) != 0 ? mxcsr >>> 13 & 3 : control & 3;
        if (nanAlone(f)) {
            return;
        }
        int old = f.flags;
        f.copyToResult();
        f.roundToIntegral();
        if ((control & 8) != 0) {
            f.flags = old;
        }
    }
}
