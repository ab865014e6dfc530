package chronovisor.cpu.softfloat;

/**
 * A floating-point value taken apart: {@code (-1)^sign * high.low * 2^(exponent - 127)} with high:low read as one
 * 128-bit integer. The last bit of {@code low} is sticky: set when anything below it was lost.
 */
public final class Unpacked {

    public static final int ZERO = 0;
    public static final int FINITE = 1;
    public static final int INFINITE = 2;
    public static final int QUIET_NAN = 3;
    public static final int SIGNALING_NAN = 4;
    /** An 80-bit pattern that no operation makes (SDM vol. 1, 8.2.2). */
    public static final int UNSUPPORTED = 5;

    private static final long TOP = Long.MIN_VALUE;

    /** 0 or 1. */
    public int sign;
    public int kind;
    public int exponent;
    /** Significand with its integer bit at bit 63; of a NaN, its payload in the same place. */
    public long high;
    public long low;
    /** The packed value was a denormal (or, of 80 bits, a pseudo-denormal). */
    public boolean denormal;

    public boolean isNan() {
        return kind >= QUIET_NAN;
    }

    /** Makes this an exact finite value or zero. */
    public void set(int newSign, int newExponent, long newHigh, long newLow) {
        sign = newSign;
        denormal = false;
        if ((newHigh | newLow) == 0) {
            kind = ZERO;
            high = 0;
            low = 0;
            return;
        }
        kind = FINITE;
        exponent = newExponent;
        high = newHigh;
        low = newLow;
        normalize();
    }

    void copy(Unpacked other) {
        sign = other.sign;
        kind = other.kind;
        exponent = other.exponent;
        high = other.high;
        low = other.low;
        denormal = other.denormal;
    }

    void special(int newKind, int newSign) {
        kind = newKind;
        sign = newSign;
        high = 0;
        low = 0;
        exponent = 0;
        denormal = false;
    }

    /** Shifts the highest bit up to bit 63 of {@code high}. */
    private void normalize() {
        if (high == 0) {
            high = low;
            low = 0;
            exponent -= 64;
        }
        int shift = Long.numberOfLeadingZeros(high);
        if (shift != 0) {
            high = high << shift | low >>> 64 - shift;
            low <<= shift;
            exponent -= shift;
        }
    }

    /** Shifts right by {@code count} bits, keeping what falls out in the sticky bit. */
    void shiftRightSticky(int count) {
        if (count == 0) {
            return;
        }
        if (count < 64) {
            boolean lost = low << 64 - count != 0;
            low = high << 64 - count | low >>> count | (lost ? 1 : 0);
            high >>>= count;
        } else if (count < 128) {
            boolean lost = low != 0 || (count > 64 && high << 128 - count != 0);
            low = (count == 64 ? high : high >>> count - 64) | (lost ? 1 : 0);
            high = 0;
        } else {
            low = (high | low) != 0 ? 1 : 0;
            high = 0;
        }
    }

    /** Reads IEEE half precision. */
    public void unpack16(int bits, boolean denormalsAreZero) {
        long fraction = (bits & 0x3FFL) << 53;
        unpack(bits >>> 15 & 1, bits >>> 10 & 0x1F, 0x1F, 15, fraction, denormalsAreZero);
    }

    /** Reads IEEE single precision. */
    public void unpack32(int bits, boolean denormalsAreZero) {
        long fraction = (bits & 0x7F_FFFFL) << 40;
        unpack(bits >>> 31, bits >>> 23 & 0xFF, 0xFF, 127, fraction, denormalsAreZero);
    }

    /** Reads IEEE double precision. */
    public void unpack64(long bits, boolean denormalsAreZero) {
        long fraction = (bits & 0xF_FFFF_FFFF_FFFFL) << 11;
        unpack((int) (bits >>> 63), (int) (bits >>> 52) & 0x7FF, 0x7FF, 1023, fraction, denormalsAreZero);
    }

    private void unpack(int newSign, int biased, int biasedMax, int bias, long fraction, boolean denormalsAreZero) {
        sign = newSign;
        low = 0;
        denormal = false;
        if (biased == biasedMax) {
            high = TOP | fraction;
            kind = fraction == 0 ? INFINITE : (fraction & 1L << 62) != 0 ? QUIET_NAN : SIGNALING_NAN;
        } else if (biased != 0) {
            kind = FINITE;
            exponent = biased - bias;
            high = TOP | fraction;
        } else if (fraction == 0 || denormalsAreZero) {
            kind = ZERO;
            high = 0;
        } else {
            kind = FINITE;
            denormal = true;
            exponent = 1 - bias;
            high = fraction;
            normalize();
        }
    }

    /** Reads double extended precision: {@code signExponent} is bits 79..64. */
    public void unpack80(int signExponent, long significand) {
        sign = signExponent >>> 15 & 1;
        int biased = signExponent & 0x7FFF;
        low = 0;
        denormal = false;
        high = significand;
        if (biased == 0) {
            kind = significand == 0 ? ZERO : FINITE;
            if (significand != 0) {
                denormal = true;
                exponent = -16382;
                normalize();
            }
        } else if (significand >= 0) {
            kind = UNSUPPORTED;
        } else if (biased == 0x7FFF) {
            kind = significand == TOP ? INFINITE : (significand & 1L << 62) != 0 ? QUIET_NAN : SIGNALING_NAN;
        } else {
            kind = FINITE;
            exponent = biased - 16383;
        }
    }

    /** Makes this the signed integer {@code value}. */
    public void setInteger(long value) {
        set(value < 0 ? 1 : 0, 63, Math.abs(value), 0);
    }

    /** Packs a rounded value (or a NaN, whose payload is cut) as IEEE half precision, in the low 16 bits. */
    public int pack16() {
        int s = sign << 15;
        return switch (kind) {
            case ZERO -> s;
            case FINITE -> s | (high < 0 ? exponent + 15 << 10 : 0) | (int) (high >>> 53) & 0x3FF;
            case INFINITE -> s | 0x1F << 10;
            default -> s | 0x1F << 10 | (int) (high >>> 53) & 0x3FF;
        };
    }

    /** Packs a rounded value (or a NaN, whose payload is cut) as IEEE single precision. */
    public int pack32() {
        int s = sign << 31;
        return switch (kind) {
            case ZERO -> s;
            case FINITE -> s | (high < 0 ? exponent + 127 << 23 : 0) | (int) (high >>> 40) & 0x7F_FFFF;
            case INFINITE -> s | 0xFF << 23;
            default -> s | 0xFF << 23 | (int) (high >>> 40) & 0x7F_FFFF;
        };
    }

    /** Packs a rounded value (or a NaN, whose payload is cut) as IEEE double precision. */
    public long pack64() {
        long s = (long) sign << 63;
        return switch (kind) {
            case ZERO -> s;
            case FINITE -> s | (high < 0 ? (long) (exponent + 1023) << 52 : 0) | high >>> 11 & 0xF_FFFF_FFFF_FFFFL;
            case INFINITE -> s | 0x7FFL << 52;
            default -> s | 0x7FFL << 52 | high >>> 11 & 0xF_FFFF_FFFF_FFFFL;
        };
    }

    /** Bits 79..64 of a rounded value in double extended precision. */
    public int packSignExponent() {
        int s = sign << 15;
        return switch (kind) {
            case ZERO -> s;
            case FINITE -> high < 0 ? s | exponent + 16383 : s;
            default -> s | 0x7FFF;
        };
    }

    /** Bits 63..0 of a rounded value in double extended precision. */
    public long packSignificand() {
        return switch (kind) {
            case ZERO -> 0;
            case INFINITE -> TOP;
            default -> high;
        };
    }
}
