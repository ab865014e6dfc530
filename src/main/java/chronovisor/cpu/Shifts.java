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

    /** Aux word of SHL: CF is the last bit out, OF is CF ^ the result's top bit. */
    public static long shlAux(int bits, long v, int n) {
        boolean carry = n <= bits && (v >>> (bits - n) & 1) != 0;
        boolean top = n < 64 && (v << n >>> (bits - 1) & 1) != 0;
        return Flags.aux(carry, carry != top);
    }

    /** SHR. */
    public static long shr(int bits, long v, int n) {
        return v >>> n;
    }

    /** Aux word of SHR: CF is the last bit out; OF is the operand's top bit when the count is 1, else 0. */
    public static long shrAux(int bits, long v, int n) {
        boolean carry = (v >>> (n - 1) & 1) != 0;
        return Flags.aux(carry, n == 1 && (v >>> (bits - 1) & 1) != 0);
    }

    /** SAR; the result is sign-extended. */
    public static long sar(int bits, long v, int n) {
        return Flags.extend(bits, v) >> n;
    }

    /** Aux word of SAR: CF is the last bit out, OF is 0. */
    public static long sarAux(int bits, long v, int n) {
        return Flags.aux((Flags.extend(bits, v) >> (n - 1) & 1) != 0, false);
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

    /** {@code aux} with CF and OF as ROL leaves them: CF is the result's low bit, OF is CF ^ its top bit. */
    public static long rolAux(int bits, long result, long aux) {
        boolean carry = (result & 1) != 0;
        return rotated(aux, carry, carry != ((result >>> (bits - 1) & 1) != 0));
    }

    /** {@code aux} with CF and OF as ROR leaves them: CF is the result's top bit, OF is the XOR of its two top bits. */
    public static long rorAux(int bits, long result, long aux) {
        boolean carry = (result >>> (bits - 1) & 1) != 0;
        return rotated(aux, carry, carry != ((result >>> (bits - 2) & 1) != 0));
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

    /** {@code aux} with CF and OF as RCL leaves them. */
    public static long rclAux(int bits, long v, int n, boolean carryIn, long result, long aux) {
        int k = bits >= 32 ? n : n % (bits + 1);
        boolean carry = k == 0 ? carryIn : (v >>> (bits - k) & 1) != 0;
        return rotated(aux, carry, carry != ((result >>> (bits - 1) & 1) != 0));
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

    /** {@code aux} with CF and OF as RCR leaves them: OF is the XOR of the result's two top bits. */
    public static long rcrAux(int bits, long v, int n, boolean carryIn, long result, long aux) {
        int k = bits >= 32 ? n : n % (bits + 1);
        boolean carry = k == 0 ? carryIn : (v >>> (k - 1) & 1) != 0;
        return rotated(aux, carry, ((result >>> (bits - 1) ^ result >>> (bits - 2)) & 1) != 0);
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

    /** Aux word of SHLD. */
    public static long shldAux(int bits, long v, long fill, int n, long result) {
        boolean carry = bits == 16 && n > 16 ? (fill >>> (32 - n) & 1) != 0 : (v >>> (bits - n) & 1) != 0;
        boolean before = bits == 16 && n > 16 ? carry : (v >>> (bits - 1) & 1) != 0;
        boolean after = (result >>> (bits - 1) & 1) != 0;
        return Flags.aux(carry, before != after);
    }

    /** SHRD: shifts {@code v} right, filling from the bottom of {@code fill}. */
    public static long shrd(int bits, long v, long fill, int n) {
        if (bits == 16 && n > 16) {
            return fill >>> (n - 16) | v << (32 - n);
        }
        return v >>> n | fill << (bits - n);
    }

    /** Aux word of SHRD. */
    public static long shrdAux(int bits, long v, long fill, int n, long result) {
        boolean carry = bits == 16 && n > 16 ? (fill >>> (n - 17) & 1) != 0 : (v >>> (n - 1) & 1) != 0;
        boolean overflow = ((result >>> (bits - 1) ^ result >>> (bits - 2)) & 1) != 0;
        return Flags.aux(carry, overflow);
    }

    /** Replaces CF and OF, keeps the rest. */
    private static long rotated(long aux, boolean carry, boolean overflow) {
        return aux & 0x3FFF_FFFF_FFFF_FFFFL | Flags.aux(carry, overflow);
    }
}
