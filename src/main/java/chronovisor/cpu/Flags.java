package chronovisor.cpu;

/**
 * RFLAGS and how its six arithmetic bits are kept lazily (SDM vol. 1, 3.4.3).
 *
 * <p>An operation leaves two words. {@code result} is its result, sign-extended to 64 bits. {@code aux} holds what the result alone does
 * not tell:
 *
 * <pre>
 *   bit 63      CF: the carry out of the operand's top bit
 *   bit 62      the carry into the top bit, so that OF = bit 63 ^ bit 62
 *   bits 15..8  parity correction: PF is the parity of (result ^ aux >>> 8) & 0xFF
 *   bit 4       sign correction: SF = bit 63 of result ^ bit 4 of aux
 *   bit 3       AF: the carry out of bit 3
 * </pre>
 *
 * ZF is {@code result == 0}. No operation kind is stored, so a condition costs no dispatch.
 */
public final class Flags {
    public static final int CF = 1;
    public static final int PF = 1 << 2;
    public static final int AF = 1 << 4;
    public static final int ZF = 1 << 6;
    public static final int SF = 1 << 7;
    public static final int TF = 1 << 8;
    public static final int IF = 1 << 9;
    public static final int DF = 1 << 10;
    public static final int OF = 1 << 11;
    public static final int IOPL = 3 << 12;
    public static final int NT = 1 << 14;
    public static final int RF = 1 << 16;
    public static final int VM = 1 << 17;
    public static final int AC = 1 << 18;
    public static final int VIF = 1 << 19;
    public static final int VIP = 1 << 20;
    public static final int ID = 1 << 21;

    /** The six arithmetic flags. */
    public static final int ARITHMETIC = CF | PF | AF | ZF | SF | OF;

    private static final long TOP = 0xC000_0000_0000_0000L;
    private static final long AUX_AF = 8;
    private static final long AUX_SIGN = 16;

    private static final int[] HOLDS = holds();

    private Flags() {}

    /** Aux word of {@code r = a + b (+ carry)} at 64 bits. */
    public static long addAux64(long a, long b, long r) {
        return ((a & b) | ((a | b) & ~r)) & (TOP | AUX_AF);
    }

    /** Aux word of {@code r = a - b (- borrow)} at 64 bits. */
    public static long subAux64(long a, long b, long r) {
        return ((~a & b) | ((~a | b) & r)) & (TOP | AUX_AF);
    }

    /** Aux word of an addition at 8, 16 or 32 bits; only the low {@code bits} of the operands and result count. */
    public static long addAux(int bits, long a, long b, long r) {
        long carries = (a & b) | ((a | b) & ~r);
        return ((carries << (64 - bits)) & TOP) | (carries & AUX_AF);
    }

    /** Aux word of a subtraction at 8, 16 or 32 bits; only the low {@code bits} of the operands and result count. */
    public static long subAux(int bits, long a, long b, long r) {
        long borrows = (~a & b) | ((~a | b) & r);
        return ((borrows << (64 - bits)) & TOP) | (borrows & AUX_AF);
    }

    /** {@code aux} with CF taken from another aux word, OF and AF kept: INC and DEC leave CF alone. */
    public static long keepCarry(long aux, long old) {
        long flip = (aux ^ old) & Long.MIN_VALUE;
        return aux ^ (flip | (flip >>> 1));
    }

    /** Aux word with the given CF and OF and nothing else. */
    public static long aux(boolean carry, boolean overflow) {
        return (carry ? Long.MIN_VALUE : 0) | (carry != overflow ? 1L << 62 : 0);
    }

    /** The same of bits, 0 or 1: without branches, of which translated code would have many for flags that nobody reads. */
    public static long aux(long carry, long overflow) {
        return carry << 63 | (carry ^ overflow) << 62;
    }

    /** Aux word of the six arithmetic bits of {@code flags}; goes with {@link #resultOf}. */
    public static long auxOf(long flags) {
        boolean zero = (flags & ZF) != 0;
        long aux = aux((flags & CF) != 0, (flags & OF) != 0);
        aux |= (flags & AF) != 0 ? AUX_AF : 0;
        aux |= (flags & SF) != 0 ? AUX_SIGN : 0;
        // The result is 0 (even parity) with ZF and 1 (odd) without.
        boolean evenNow = zero;
        aux |= ((flags & PF) != 0) != evenNow ? 1 << 8 : 0;
        return aux;
    }

    /** Result word of the six arithmetic bits of {@code flags}; goes with {@link #auxOf}. */
    public static long resultOf(long flags) {
        return (flags & ZF) != 0 ? 0 : 1;
    }

    /** The six arithmetic flags of a result and aux word, at their RFLAGS positions. */
    public static int arithmetic(long result, long aux) {
        int f = carry(aux) ? CF : 0;
        f |= parity(result, aux) ? PF : 0;
        f |= adjust(aux) ? AF : 0;
        f |= result == 0 ? ZF : 0;
        f |= sign(result, aux) ? SF : 0;
        f |= overflow(aux) ? OF : 0;
        return f;
    }

    /** CF. */
    public static boolean carry(long aux) {
        return aux < 0;
    }

    /** PF: the low byte of the result has an even number of ones. */
    public static boolean parity(long result, long aux) {
        return (Long.bitCount((result ^ aux >>> 8) & 0xFF) & 1) == 0;
    }

    /** AF. */
    public static boolean adjust(long aux) {
        return (aux & AUX_AF) != 0;
    }

    /** SF. */
    public static boolean sign(long result, long aux) {
        return (result ^ aux << 59) < 0;
    }

    /** OF. */
    public static boolean overflow(long aux) {
        return (aux ^ aux << 1) < 0;
    }

    /** SF != OF, the signed "less" condition. */
    public static boolean less(long result, long aux) {
        return (result ^ aux << 59 ^ aux ^ aux << 1) < 0;
    }

    /**
     * A condition by its number in the opcode (SDM vol. 2, appendix B.1.4.7): O NO B AE E NE BE A S NS P NP L GE LE G. Looked up instead of
     * decided, since CMOV and SETcc are used where a branch would be mispredicted.
     *
     * @param condition 0..15
     */
    public static boolean condition(int condition, long result, long aux) {
        long zero = ((result | -result) >>> 63) ^ 1;
        long parity = (Long.bitCount((result ^ aux >>> 8) & 0xFF) & 1) ^ 1;
        long sign = (result ^ aux << 59) >>> 63;
        long overflow = (aux ^ aux << 1) >>> 63;
        long flags = aux >>> 63 | zero << 1 | parity << 2 | sign << 3 | overflow << 4;
        return (HOLDS[condition] >>> flags & 1) != 0;
    }

    /** For each condition a bit for each combination of CF, ZF, PF, SF and OF (bits 0 to 4): whether it holds. */
    private static int[] holds() {
        int[] holds = new int[16];
        for (int flags = 0; flags < 32; flags++) {
            boolean carry = (flags & 1) != 0;
            boolean zero = (flags & 2) != 0;
            boolean parity = (flags & 4) != 0;
            boolean sign = (flags & 8) != 0;
            boolean overflow = (flags & 16) != 0;
            boolean[] positive = {overflow, carry, zero, zero || carry, sign, parity, sign != overflow,
                zero || sign != overflow};
            for (int condition = 0; condition < 16; condition++) {
                boolean negated = (condition & 1) != 0;
                holds[condition] |= positive[condition >> 1] != negated ? 1 << flags : 0;
            }
        }
        return holds;
    }

    /** {@code v} sign-extended from its low {@code bits} bits. */
    public static long extend(int bits, long v) {
        int shift = 64 - bits;
        return v << shift >> shift;
    }

    /** {@code v} zero-extended from its low {@code bits} bits. */
    public static long mask(int bits, long v) {
        return v & -1L >>> (64 - bits);
    }
}
