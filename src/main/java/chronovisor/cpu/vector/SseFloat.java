package chronovisor.cpu.vector;

import chronovisor.cpu.Cpu;
import chronovisor.cpu.Vector;
import chronovisor.cpu.softfloat.SoftFloat;

/**
 * Floating-point arithmetic of SSE on one lane (SDM vol. 1, 11.5). In the default rounding mode, and while operands and
 * result stay clear of NaNs, infinities and denormals, the host's own arithmetic gives the result and an error-free
 * transformation tells whether it is inexact; everything else is {@link SseSlow}'s. Exceptions are collected in {@code
 * f.flags}; {@link #commit} delivers them.
 */
public final class SseFloat {

    static final int DAZ = 1 << 6;
    static final int FTZ = 1 << 15;
    static final int RC = 3 << 13;

    private static final int RESERVED = ~0xFFFF;
    /** PE and its mask. */
    private static final int PRECISION_KNOWN = SoftFloat.PE | SoftFloat.PE << 7;

    private static final long EXPONENT64 = 0x7FFL << 52;
    private static final long SAFE64 = 128L << 52;
    private static final int EXPONENT32 = 0xFF << 23;
    private static final int SAFE32 = 2 << 23;

    private SseFloat() {}

    /** {@code low} with its low doubleword replaced. */
    static long merge(long low, int value) {
        return low & 0xFFFF_FFFF_0000_0000L | value & 0xFFFF_FFFFL;
    }

    /** #GP(0) when reserved bits of a new MXCSR are set (SDM vol. 2, LDMXCSR). */
    static void checkControl(Cpu cpu, int value) {
        if ((value & RESERVED) != 0) {
            throw cpu.raise(Vector.GP, 0);
        }
    }

    /** Whether {@code flags} change nothing: all are set in MXCSR already, and masked. */
    static boolean known(int mxcsr, int flags) {
        return (flags & ~(mxcsr & mxcsr >>> 7)) == 0;
    }

    /** Sets exception flags in MXCSR; #XM when one is unmasked (SDM vol. 1, 11.5.3 and 11.5.4). */
    static void commit(Cpu cpu, int flags) {
        if (known(cpu.mxcsr, flags)) {
            return;
        }
        int unmasked = flags & ~(cpu.mxcsr >>> 7);
        int before = SoftFloat.IE | SoftFloat.DE | SoftFloat.ZE;
        cpu.mxcsr |= (unmasked & before) != 0 ? flags & before : flags;
        if (unmasked != 0) {
            throw cpu.raise(Vector.XM, 0);
        }
    }

    /** Whether there is nothing to find out about precision: its exception is masked and its flag set. */
    static boolean precisionKnown(int mxcsr) {
        return (mxcsr & PRECISION_KNOWN) == PRECISION_KNOWN;
    }

    /** Neither NaN, infinite nor denormal. */
    static boolean plain(long bits) {
        long e = bits & EXPONENT64;
        return e != 0 && e != EXPONENT64 || bits << 1 == 0;
    }

    static boolean plain(int bits) {
        int e = bits & EXPONENT32;
        return e != 0 && e != EXPONENT32 || bits << 1 == 0;
    }

    /** Neither so small that the error of an operation could be denormal, nor infinite. */
    private static boolean safe(long bits) {
        long e = bits & EXPONENT64;
        return e >= SAFE64 && e != EXPONENT64;
    }

    private static boolean safe(int bits) {
        int e = bits & EXPONENT32;
        return e >= SAFE32 && e != EXPONENT32;
    }

    public static long add64(SoftFloat f, int mxcsr, long a, long b) {
        if ((mxcsr & RC) == 0 && plain(a) && plain(b)) {
            double x = Double.longBitsToDouble(a);
            double y = Double.longBitsToDouble(b);
            double sum = x + y;
            long r = Double.doubleToRawLongBits(sum);
            if (plain(r)) {
                if (!precisionKnown(mxcsr)) {
                    double t = sum - x;
                    f.flags |= (x - (sum - t)) + (y - t) != 0 ? SoftFloat.PE : 0;
                }
                return r;
            }
        }
        return SseSlow.binary64(f, mxcsr, SseSlow.ADD, a, b);
    }

    public static long subtract64(SoftFloat f, int mxcsr, long a, long b) {
        if ((mxcsr & RC) == 0 && plain(a) && plain(b)) {
            double x = Double.longBitsToDouble(a);
            double y = Double.longBitsToDouble(b);
            double difference = x - y;
            long r = Double.doubleToRawLongBits(difference);
            if (plain(r)) {
                if (!precisionKnown(mxcsr)) {
                    double t = difference - x;
                    f.flags |= (x - (difference - t)) - (y + t) != 0 ? SoftFloat.PE : 0;
                }
                return r;
            }
        }
        return SseSlow.binary64(f, mxcsr, SseSlow.SUBTRACT, a, b);
    }

    public static long multiply64(SoftFloat f, int mxcsr, long a, long b) {
        if ((mxcsr & RC) == 0 && plain(a) && plain(b)) {
            double x = Double.longBitsToDouble(a);
            double y = Double.longBitsToDouble(b);
            double product = x * y;
            long r = Double.doubleToRawLongBits(product);
            if (safe(r)) {
                if (!precisionKnown(mxcsr)) {
                    f.flags |= Math.fma(x, y, -product) != 0 ? SoftFloat.PE : 0;
                }
                return r;
            }
            if (x == 0 || y == 0) {
                return r;
            }
        }
        return SseSlow.binary64(f, mxcsr, SseSlow.MULTIPLY, a, b);
    }

    public static long divide64(SoftFloat f, int mxcsr, long a, long b) {
        if ((mxcsr & RC) == 0 && safe(a) && plain(b)) {
            double x = Double.longBitsToDouble(a);
            double y = Double.longBitsToDouble(b);
            double quotient = x / y;
            long r = Double.doubleToRawLongBits(quotient);
            if (safe(r)) {
                if (!precisionKnown(mxcsr)) {
                    f.flags |= Math.fma(-quotient, y, x) != 0 ? SoftFloat.PE : 0;
                }
                return r;
            }
        }
        return SseSlow.binary64(f, mxcsr, SseSlow.DIVIDE, a, b);
    }

    /** The root of b; a is ignored. */
    public static long squareRoot64(SoftFloat f, int mxcsr, long a, long b) {
        if ((mxcsr & RC) == 0 && safe(b) && b > 0) {
            double x = Double.longBitsToDouble(b);
            double root = Math.sqrt(x);
            if (!precisionKnown(mxcsr)) {
                f.flags |= Math.fma(root, root, -x) != 0 ? SoftFloat.PE : 0;
            }
            return Double.doubleToRawLongBits(root);
        }
        return SseSlow.squareRoot64(f, mxcsr, b);
    }

    public static long min64(SoftFloat f, int mxcsr, long a, long b) {
        if (plain(a) && plain(b)) {
            return Double.longBitsToDouble(a) < Double.longBitsToDouble(b) ? a : b;
        }
        return SseSlow.minMax64(f, mxcsr, a, b, -1);
    }

    public static long max64(SoftFloat f, int mxcsr, long a, long b) {
        if (plain(a) && plain(b)) {
            return Double.longBitsToDouble(a) > Double.longBitsToDouble(b) ? a : b;
        }
        return SseSlow.minMax64(f, mxcsr, a, b, 1);
    }

    public static int add32(SoftFloat f, int mxcsr, int a, int b) {
        if ((mxcsr & RC) == 0 && plain(a) && plain(b)) {
            float x = Float.intBitsToFloat(a);
            float y = Float.intBitsToFloat(b);
            float sum = x + y;
            int r = Float.floatToRawIntBits(sum);
            if (plain(r)) {
                if (!precisionKnown(mxcsr)) {
                    float t = sum - x;
                    f.flags |= (x - (sum - t)) + (y - t) != 0 ? SoftFloat.PE : 0;
                }
                return r;
            }
        }
        return SseSlow.binary32(f, mxcsr, SseSlow.ADD, a, b);
    }

    public static int subtract32(SoftFloat f, int mxcsr, int a, int b) {
        if ((mxcsr & RC) == 0 && plain(a) && plain(b)) {
            float x = Float.intBitsToFloat(a);
            float y = Float.intBitsToFloat(b);
            float difference = x - y;
            int r = Float.floatToRawIntBits(difference);
            if (plain(r)) {
                if (!precisionKnown(mxcsr)) {
                    float t = difference - x;
                    f.flags |= (x - (difference - t)) - (y + t) != 0 ? SoftFloat.PE : 0;
                }
                return r;
            }
        }
        return SseSlow.binary32(f, mxcsr, SseSlow.SUBTRACT, a, b);
    }

    public static int multiply32(SoftFloat f, int mxcsr, int a, int b) {
        if ((mxcsr & RC) == 0 && plain(a) && plain(b)) {
            double product = (double) Float.intBitsToFloat(a) * Float.intBitsToFloat(b);
            float rounded = (float) product;
            int r = Float.floatToRawIntBits(rounded);
            if (safe(r)) {
                f.flags |= rounded != product ? SoftFloat.PE : 0;
                return r;
            }
            if (product == 0) {
                return r;
            }
        }
        return SseSlow.binary32(f, mxcsr, SseSlow.MULTIPLY, a, b);
    }

    public static int divide32(SoftFloat f, int mxcsr, int a, int b) {
        if ((mxcsr & RC) == 0 && plain(a) && plain(b)) {
            float x = Float.intBitsToFloat(a);
            float y = Float.intBitsToFloat(b);
            float quotient = x / y;
            int r = Float.floatToRawIntBits(quotient);
            if (safe(r)) {
                f.flags |= (double) quotient * y != x ? SoftFloat.PE : 0;
                return r;
            }
        }
        return SseSlow.binary32(f, mxcsr, SseSlow.DIVIDE, a, b);
    }

    /** The root of b; a is ignored. */
    public static int squareRoot32(SoftFloat f, int mxcsr, int a, int b) {
        if ((mxcsr & RC) == 0 && safe(b) && b > 0) {
            float x = Float.intBitsToFloat(b);
            float root = (float) Math.sqrt(x);
            f.flags |= (double) root * root != x ? SoftFloat.PE : 0;
            return Float.floatToRawIntBits(root);
        }
        return SseSlow.squareRoot32(f, mxcsr, b);
    }

    public static int min32(SoftFloat f, int mxcsr, int a, int b) {
        if (plain(a) && plain(b)) {
            return Float.intBitsToFloat(a) < Float.intBitsToFloat(b) ? a : b;
        }
        return SseSlow.minMax32(f, mxcsr, a, b, -1);
    }

    public static int max32(SoftFloat f, int mxcsr, int a, int b) {
        if (plain(a) && plain(b)) {
            return Float.intBitsToFloat(a) > Float.intBitsToFloat(b) ? a : b;
        }
        return SseSlow.minMax32(f, mxcsr, a, b, 1);
    }

    /** -1, 0, 1 for below, equal, above; 2 for unordered. A quiet comparison raises invalid for signaling NaNs only. */
    static int compare64(SoftFloat f, int mxcsr, long a, long b, boolean quiet) {
        if (plain(a) && plain(b)) {
            double x = Double.longBitsToDouble(a);
            double y = Double.longBitsToDouble(b);
            return x < y ? -1 : x > y ? 1 : 0;
        }
        return SseSlow.compare64(f, mxcsr, a, b, quiet);
    }

    static int compare32(SoftFloat f, int mxcsr, int a, int b, boolean quiet) {
        if (plain(a) && plain(b)) {
            float x = Float.intBitsToFloat(a);
            float y = Float.intBitsToFloat(b);
            return x < y ? -1 : x > y ? 1 : 0;
        }
        return SseSlow.compare32(f, mxcsr, a, b, quiet);
    }

    /** CVT(T)SD2SI and their packed forms: to a signed integer of 32 or 64 bits. */
    static long toInteger64(SoftFloat f, int mxcsr, long a, int bits, boolean truncate) {
        if (plain(a) && (truncate || (mxcsr & RC) == 0)) {
            double x = Double.longBitsToDouble(a);
            double whole = truncate ? x : Math.rint(x);
            long v = (long) whole;
            boolean fits = bits == 32 ? v == (int) v : whole >= -0x1p63 && whole < 0x1p63;
            if (fits) {
                f.flags |= v != x ? SoftFloat.PE : 0;
                return v;
            }
        }
        return SseSlow.toInteger64(f, mxcsr, a, bits, truncate);
    }

    /** CVT(T)SS2SI and their packed forms. */
    static long toInteger32(SoftFloat f, int mxcsr, int a, int bits, boolean truncate) {
        if (plain(a)) {
            return toInteger64(f, mxcsr, Double.doubleToRawLongBits(Float.intBitsToFloat(a)), bits, truncate);
        }
        return SseSlow.toInteger32(f, mxcsr, a, bits, truncate);
    }

    /** CVTSI2SD. */
    static long fromInteger64(SoftFloat f, int mxcsr, long a) {
        if ((mxcsr & RC) == 0) {
            double r = (double) a;
            f.flags |= (long) r != a || r == 0x1p63 ? SoftFloat.PE : 0;
            return Double.doubleToRawLongBits(r);
        }
        return SseSlow.fromInteger64(f, mxcsr, a);
    }

    /** CVTSI2SS and CVTDQ2PS. */
    static int fromInteger32(SoftFloat f, int mxcsr, long a) {
        if ((mxcsr & RC) == 0) {
            float r = (float) a;
            f.flags |= (long) r != a || r == 0x1p63f ? SoftFloat.PE : 0;
            return Float.floatToRawIntBits(r);
        }
        return SseSlow.fromInteger32(f, mxcsr, a);
    }

    /** CVTSS2SD. */
    static long widen(SoftFloat f, int mxcsr, int a) {
        return plain(a) ? Double.doubleToRawLongBits(Float.intBitsToFloat(a)) : SseSlow.widen(f, mxcsr, a);
    }

    /** CVTSD2SS. */
    static int narrow(SoftFloat f, int mxcsr, long a) {
        if ((mxcsr & RC) == 0 && plain(a)) {
            double x = Double.longBitsToDouble(a);
            float rounded = (float) x;
            int r = Float.floatToRawIntBits(rounded);
            if (safe(r) || x == 0) {
                f.flags |= rounded != x ? SoftFloat.PE : 0;
                return r;
            }
        }
        return SseSlow.narrow(f, mxcsr, a);
    }
}
