package chronovisor.isa;

/**
 * One resolved operand. Which components mean something depends on the kind; the others hold -1 (registers) or 0.
 *
 * @param kind what it is
 * @param register register number; 0 to 3 of {@code HIGH_BYTE} are AH, CH, DH, BH; of {@code ST} the stack position
 * @param bits access size in bits; of an immediate the size of the operation it takes part in; 0 where memory is only addressed
 *     ({@code LEA}, {@code INVLPG}, the XSAVE area)
 * @param base of {@code MEMORY}: register 0 to 15, {@link #RIP}, or {@link #NONE}
 * @param index of {@code MEMORY}: register 0 to 15, or {@link #NONE}; a vector register for gathers
 * @param scale of {@code MEMORY}: 1, 2, 4 or 8
 * @param segment of {@code MEMORY}: {@link #FS}, {@link #GS}, or {@link #NONE} (64-bit mode ignores the other overrides)
 * @param value {@code IMMEDIATE}: 8 and 16-bit immediates of their own size are zero-extended; those that the instruction widens are
 *     sign-extended to 64 bits. {@code RELATIVE}: signed distance from the next instruction. {@code MEMORY}: signed displacement.
 */
public record Operand(Kind kind, int register, int bits, int base, int index, int scale, int segment, long value) {
    /** No such register or segment. */
    public static final int NONE = -1;

    /** The base of RIP-relative operands: the address of the next instruction (EIP when the address size is 32). */
    public static final int RIP = 16;

    /** Segment numbers, in encoding order. */
    public static final int ES = 0;

    public static final int CS = 1;
    public static final int SS = 2;
    public static final int DS = 3;
    public static final int FS = 4;
    public static final int GS = 5;

    /** What an operand is. */
    public enum Kind {
        GPR,
        /** AH, CH, DH, BH as registers 0 to 3: bits 8 to 15 of the general-purpose register with that number. */
        HIGH_BYTE, MMX, XMM, YMM, ST, SEGMENT, CONTROL, DEBUG, MEMORY, IMMEDIATE, RELATIVE
    }

    /** A register of a kind that has registers. */
    static Operand ofRegister(Kind kind, int register, int bits) {
        return new Operand(kind, register, bits, NONE, NONE, 1, NONE, 0);
    }

    static Operand ofMemory(int bits, int base, int index, int scale, int segment, long displacement) {
        return new Operand(Kind.MEMORY, NONE, bits, base, index, scale, segment, displacement);
    }

    static Operand ofImmediate(int bits, long value) {
        return new Operand(Kind.IMMEDIATE, NONE, bits, NONE, NONE, 1, NONE, value);
    }

    static Operand ofRelative(int bits, long value) {
        return new Operand(Kind.RELATIVE, NONE, bits, NONE, NONE, 1, NONE, value);
    }

    /** The signed displacement of a {@code MEMORY} operand. */
    public long displacement() {
        return value;
    }

    /** Whether it is a {@code MEMORY} operand. */
    public boolean isMemory() {
        return kind == Kind.MEMORY;
    }

    /** Whether it is the general-purpose register {@code number} (not a high byte). */
    public boolean isGpr(int number) {
        return kind == Kind.GPR && register == number;
    }
}
