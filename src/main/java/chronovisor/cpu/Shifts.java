package chronovisor.cpu;

/**
 * SHL, SHR, SAR, ROL, ROR, RCL, RCR, SHLD, SHRD (SDM vol. 2). Operands are zero-extended values of {@code bits} bits; counts are already
 * masked to 5 (6 at 64 bits) bits. A count of 0 changes neither value nor flags; callers skip it.
 */
public final class Shifts {
    private Shifts() {}

    /** The count as the processor uses it. */
    public static int count(int bits, long raw) {
        return (int) raw & (bits == 64 ? 63 : 31);
    }

    /** SHL; the result may have bits above the operand size. */
    public static long shl(int bits, long v, int n) {
        return v << n;
    }

    /**
     * Aux word of SHL: CF is the last bit out. OF is that of a shift by one, whatever the count: undefined above one, and
     * found so on hardware.
     */
    public static long shlAux(int bits, long v, int n) {
        return Flags.aux(n <= bits ? v >>> (bits - n) & 1 : 0, (v >>> (bits - 1) ^ v >>> (bits - 2)) & 1);
    }

    /** SHR. */
    public static long shr(int bits, long v, int n) {
        return v >>> n;
    }

    /** Aux word of SHR: CF is the last bit out; OF is the operand's top bit, also where it is undefined. */
    public static long shrAux(int bits, long v, int n) {
        return Flags.aux(v >>> (n - 1) & 1, v >>> (bits - 1) & 1);
    }

    /** SAR; the result is sign-extended. */
    public static long sar(int bits, long v, int n) {
        return Flags.extend(bits, v) >> n;
    }

    /** Aux word of SAR: CF is the last bit out, OF is 0. */
    public static long sarAux(int bits, long v, int n) {
        return Flags.aux(Flags.extend(bits, v) >> (n - 1) & 1, 0);
    }

    /** ROL; the result may have bits above the operand size. */
    public static long rol(int bits, long v, int n) {
        int k = n & (bits - 1);
        return k == 0 ? v : v << k | v >>> (bits - k);
    }

    /** ROR; the result may have bits above the operand size. */
    public static long ror(int bits, long v, int n) {
        int k = n & (bits - 1);
        return k == 0 ? v : v >>> k | v << (bits - k);
    }

    /**
     * {@code aux} as ROL leaves it: CF is the result's low bit. OF, undefined for counts above one: hardware keeps it
     * when a register is rotated by an immediate, else it is that of a rotation by one.
     *
     * @param v
     *            the operand
     * @param keep
     *            a register is rotated by an immediate above one
     */
    public static long rolAux(int bits, long v, long result, boolean keep, long aux) {
        long carry = result & 1;
        return keep
                ? Flags.keepCarry(aux, -carry)
                : rotated(aux, carry, (v >>> (bits - 1) ^ v >>> (bits - 2)) & 1);
    }

    /** {@code aux} as ROR leaves it: CF is the result's top bit. OF as for {@link #rolAux}. */
    public static long rorAux(int bits, long v, long result, boolean keep, long aux) {
        long carry = result >>> (bits - 1) & 1;
        return keep ? Flags.keepCarry(aux, -carry) : rotated(aux, carry, (v >>> (bits - 1) ^ v) & 1);
    }

    /** RCL: rotates through CF. {@code n} is less than 64. */
    public static long rcl(int bits, long v, int n, boolean carryIn) {
        int k = bits >= 32 ? n : n % (bits + 1);
        long r = v;
        boolean carry = carryIn;
        for (int i = 0; i < k; i++) {
            boolean out = (r >>> (bits - 1) & 1) != 0;
            r = r << 1 | (carry ? 1 : 0);
            carry = out;
        }
        return r;
    }

    /** {@code aux} as RCL leaves it: OF is that of a rotation by one. A full turn changes nothing. */
    public static long rclAux(int bits, long v, int n, long aux) {
        int k = bits >= 32 ? n : n % (bits + 1);
        if (k == 0) {
            return aux;
        }
        return rotated(aux, v >>> (bits - k) & 1, (v >>> (bits - 1) ^ v >>> (bits - 2)) & 1);
    }

    /** RCR: rotates through CF. {@code n} is less than 64. */
    public static long rcr(int bits, long v, int n, boolean carryIn) {
        int k = bits >= 32 ? n : n % (bits + 1);
        long r = v;
        boolean carry = carryIn;
        for (int i = 0; i < k; i++) {
            boolean out = (r & 1) != 0;
            r = r >>> 1 | (carry ? 1L : 0) << (bits - 1);
            carry = out;
        }
        return r;
    }

    /** {@code aux} as RCR leaves it: OF is that of a rotation by one. A full turn changes nothing. */
    public static long rcrAux(int bits, long v, int n, boolean carryIn, long aux) {
        int k = bits >= 32 ? n : n % (bits + 1);
        if (k == 0) {
            return aux;
        }
        return rotated(aux, v >>> (k - 1) & 1, (v >>> (bits - 1) ^ (carryIn ? 1 : 0)) & 1);
    }

    /**
     * SHLD: shifts {@code v} left, filling from the top of {@code fill}. Counts above 16 at 16 bits are undefined; hardware goes on with
     * {@code v} itself behind {@code fill}.
     */
    public static long shld(int bits, long v, long fill, int n) {
        if (bits == 16 && n > 16) {
            return fill << (n - 16) | v >>> (32 - n);
        }
        return v << n | fill >>> (bits - n);
    }

    /** Aux word of SHLD: OF is that of a shift by one, also where it is undefined. */
    public static long shldAux(int bits, long v, long fill, int n) {
        boolean carry = bits == 16 && n > 16 ? (fill >>> (32 - n) & 1) != 0 : (v >>> (bits - n) & 1) != 0;
        return Flags.aux(carry, ((v >>> (bits - 1) ^ v >>> (bits - 2)) & 1) != 0);
    }

    /** SHRD: shifts {@code v} right, filling from the bottom of {@code fill}. */
    public static long shrd(int bits, long v, long fill, int n) {
        if (bits == 16 && n > 16) {
            return fill >>> (n - 16) | v << (32 - n);
        }
        return v >>> n | fill << (bits - n);
    }

    /** Aux word of SHRD: OF is that of a shift by one, also where it is undefined. */
    public static long shrdAux(int bits, long v, long fill, int n) {
        boolean carry = bits == 16 && n > 16 ? (fill >>> (n - 17) & 1) != 0 : (v >>> (n - 1) & 1) != 0;
        return Flags.aux(carry, ((v >>> (bits - 1) ^ fill) & 1) != 0);
    }

    /** Replaces CF and OF, keeps the rest. */
    private static long rotated(long aux, long carry, long overflow) {
        return aux & 0x3FFF_FFFF_FFFF_FFFFL | Flags.aux(carry, overflow);
    }
}
