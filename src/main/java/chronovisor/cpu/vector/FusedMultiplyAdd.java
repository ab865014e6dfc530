package chronovisor.cpu.vector;

import chronovisor.cpu.softfloat.SoftFloat;
import chronovisor.cpu.softfloat.Unpacked;

/**
 * Multiply-add with one rounding on one lane (SDM vol. 1, 14.5): {@code ±(x * y) ± z}. In the default rounding mode, and while nothing
 * comes near the ends of the exponent range, the host's own fused multiply-add gives the result and an error-free transformation tells
 * whether it is inexact; all else is done with integers. Negations do not touch NaNs.
 */
final class FusedMultiplyAdd {

    /** Bits that say what is negated. */
    static final int NEGATE_PRODUCT = 1;
    static final int NEGATE_ADDEND = 2;

    /** Between these neither an intermediate overflows nor its error underflows. */
    private static final double LARGEST64 = 0x1p1000;
    private static final double SMALLEST64 = 0x1p-890;
    private static final float SMALLEST32 = 0x1p-125f;

    private FusedMultiplyAdd() {}

    static long of64(SoftFloat f, int mxcsr, long x, long y, long z, int signs) {
        if ((mxcsr & SseFloat.RC) == 0 && SseFloat.plain(x) && SseFloat.plain(y) && SseFloat.plain(z)) {
            double a = Double.longBitsToDouble(x);
            double b = Double.longBitsToDouble(y);
            double c = Double.longBitsToDouble(z);
            a = (signs & NEGATE_PRODUCT) != 0 ? -a : a;
            c = (signs & NEGATE_ADDEND) != 0 ? -c : c;
            double product = a * b;
            double size = Math.abs(product);
            if (size > SMALLEST64 && size < LARGEST64 && Math.abs(c) < LARGEST64) {
                double r = Math.fma(a, b, c);
                if (!SseFloat.precisionKnown(mxcsr) && inexact(a, b, c, product, r)) {
                    f.flags |= SoftFloat.PE;
                }
                return Double.doubleToRawLongBits(r);
            }
        }
        return slow64(f, mxcsr, x, y, z, signs);
    }

    /**
     * Whether r, which is a * b + c rounded to nearest, differs from it. The error of a fused multiply-add is a sum of two numbers, whose
     * larger is computed exactly here (Boldo and Muller, "Exact and approximated error of the FMA", 2011, algorithm ErrFma).
     */
    private static boolean inexact(double a, double b, double c, double product, double r) {
        double productError = Math.fma(a, b, -product);
        double low = c + productError;
        double t = low - c;
        double lowError = (c - (low - t)) + (productError - t);
        double high = product + low;
        t = high - product;
        double highError = (product - (high - t)) + (low - t);
        return (high - r) + highError + lowError != 0;
    }

    static int of32(SoftFloat f, int mxcsr, int x, int y, int z, int signs) {
        if ((mxcsr & SseFloat.RC) == 0 && SseFloat.plain(x) && SseFloat.plain(y) && SseFloat.plain(z)) {
            float a = Float.intBitsToFloat(x);
            float b = Float.intBitsToFloat(y);
            float c = Float.intBitsToFloat(z);
            a = (signs & NEGATE_PRODUCT) != 0 ? -a : a;
            c = (signs & NEGATE_ADDEND) != 0 ? -c : c;
            float r = Math.fma(a, b, c);
            float size = Math.abs(r);
            if (size >= SMALLEST32 && size <= Float.MAX_VALUE) {
                if (!SseFloat.precisionKnown(mxcsr) && inexact(a, b, c, r)) {
                    f.flags |= SoftFloat.PE;
                }
                return Float.floatToRawIntBits(r);
            }
        }
        return slow32(f, mxcsr, x, y, z, signs);
    }

    /** As above; in double precision the product is exact. */
    private static boolean inexact(float a, float b, float c, float r) {
        double product = (double) a * b;
        double sum = product + c;
        double t = sum - product;
        double error = (product - (sum - t)) + (c - t);
        return sum != r || error != 0;
    }

    private static long slow64(SoftFloat f, int mxcsr, long x, long y, long z, int signs) {
        boolean daz = SseSlow.daz(mxcsr);
        f.a.unpack64(x, daz);
        f.b.unpack64(y, daz);
        f.c.unpack64(z, daz);
        slow(f, mxcsr, signs, true);
        return f.r.pack64();
    }

    private static int slow32(SoftFloat f, int mxcsr, int x, int y, int z, int signs) {
        boolean daz = SseSlow.daz(mxcsr);
        f.a.unpack32(x, daz);
        f.b.unpack32(y, daz);
        f.c.unpack32(z, daz);
        slow(f, mxcsr, signs, false);
        return f.r.pack32();
    }

    private static void slow(SoftFloat f, int mxcsr, int signs, boolean isDouble) {
        f.rounding = mxcsr >>> 13 & 3;
        if (nan(f)) {
            return;
        }
        int old = f.flags;
        f.flags = f.a.denormal || f.b.denormal || f.c.denormal ? SoftFloat.DE : 0;
        f.multiplyAdd((signs & NEGATE_PRODUCT) != 0, (signs & NEGATE_ADDEND) != 0);
        if ((f.flags & SoftFloat.IE) != 0) {
            f.flags = SoftFloat.IE;
        }
        SseSlow.finish(f, mxcsr, isDouble);
        f.flags |= old;
    }

    /** With a NaN operand: the result is the first one in the order x, y, z, made quiet (SDM vol. 1, table 14-19). */
    private static boolean nan(SoftFloat f) {
        if (!f.a.isNan() && !f.b.isNan() && !f.c.isNan()) {
            return false;
        }
        if (f.a.kind == Unpacked.SIGNALING_NAN || f.b.kind == Unpacked.SIGNALING_NAN
                || f.c.kind == Unpacked.SIGNALING_NAN) {
            f.flags |= SoftFloat.IE;
        }
        SseSlow.quiet(f.r, f.a.isNan() ? f.a : f.b.isNan() ? f.b : f.c);
        return true;
    }
}
