package chronovisor.cpu.x87;

import chronovisor.cpu.softfloat.SoftFloat;
import java.util.Arrays;

/**
 * State of one core's x87 unit: eight physical registers, control, status and tags (SDM vol. 1, 8.1). MMX register i is
 * the significand of physical register i.
 */
public final class X87 {

    /** Status word: a stack fault, with C1 telling overflow (1) from underflow (0). */
    public static final int STACK_FAULT = 0x40;
    /** Status word: an unmasked exception is pending. */
    public static final int ERROR_SUMMARY = 0x80;

    static final int C0 = 0x100;
    static final int C1 = 0x200;
    static final int C2 = 0x400;
    static final int C3 = 0x4000;
    static final int BUSY = 0x8000;
    static final int EXCEPTIONS = 0x3F;

    private static final int CODES = C0 | C1 | C2 | C3;
    private static final int IMAGE_WORDS = 22;

    /** Bits 63..0 of physical registers R0..R7. */
    public final long[] significand = new long[8];
    /** Bits 79..64 of physical registers R0..R7. */
    public final int[] signExponent = new int[8];
    /** Control word. */
    public int control;
    /** Status word without TOP (bits 13..11 are zero here). */
    public int status;
    /** Physical register that is ST(0). */
    public int top;
    /** Bit i: physical register Ri is in use (the abridged tag word of FXSAVE). */
    public int inUse;
    /** Offset of the last instruction, offset of its memory operand, its opcode's low 11 bits. */
    public long instructionPointer;
    public long dataPointer;
    public int opcode;

    /** Scratch of this core's arithmetic, also for SSE; never part of the architectural state. */
    public final SoftFloat soft = new SoftFloat();

    public X87() {
        initialize();
    }

    /** FNINIT (SDM vol. 2, FINIT): control 037F, all registers empty; their contents stay. */
    public void initialize() {
        control = 0x37F;
        status = 0;
        top = 0;
        inUse = 0;
        instructionPointer = 0;
        dataPointer = 0;
        opcode = 0;
    }

    /** Power-on state: as after FNINIT, with zero in all registers. */
    public void reset() {
        initialize();
        Arrays.fill(significand, 0);
        Arrays.fill(signExponent, 0);
    }

    /** Whether everything is as {@link #reset} leaves it: the initial configuration of XSAVE (SDM vol. 1, 13.6). */
    public boolean isInitial() {
        long contents = 0;
        for (int i = 0; i < 8; i++) {
            contents |= significand[i] | signExponent[i];
        }
        return contents == 0 && control == 0x37F && statusWord() == 0 && inUse == 0 && instructionPointer == 0
                && dataPointer == 0 && opcode == 0;
    }

    /** Status word as FNSTSW shows it. */
    public int statusWord() {
        return status | top << 11;
    }

    /** Sets status and TOP; error summary and busy follow from the exceptions and their masks. */
    public void statusWord(int word) {
        status = word & ~0x3800;
        top = word >>> 11 & 7;
        updateSummary();
    }

    /** Sets the control word; an exception that it unmasks becomes pending. Bit 6 reads as one. */
    public void controlWord(int word) {
        control = word & 0x1F3F | 0x40;
        updateSummary();
    }

    void updateSummary() {
        if ((status & ~control & EXCEPTIONS) != 0) {
            status |= ERROR_SUMMARY | BUSY;
        } else {
            status &= ~(ERROR_SUMMARY | BUSY);
        }
    }

    /** Full tag word, two bits a physical register: 0 valid, 1 zero, 2 special, 3 empty (SDM vol. 1, 8.1.7). */
    public int tagWord() {
        int word = 0;
        for (int i = 0; i < 8; i++) {
            word |= tag(i) << 2 * i;
        }
        return word;
    }

    private int tag(int physical) {
        if ((inUse >>> physical & 1) == 0) {
            return 3;
        }
        int exponent = signExponent[physical] & 0x7FFF;
        if (exponent == 0 && significand[physical] == 0) {
            return 1;
        }
        return exponent == 0 || exponent == 0x7FFF || significand[physical] >= 0 ? 2 : 0;
    }

    /** Sets which registers are empty from a full tag word; the other tags follow from the contents. */
    public void tagWord(int word) {
        inUse = 0;
        for (int i = 0; i < 8; i++) {
            if ((word >>> 2 * i & 3) != 3) {
                inUse |= 1 << i;
            }
        }
    }

    /** What every MMX instruction but EMMS does besides its work: TOP = 0, all registers in use (SDM vol. 1, 9.5.1). */
    public void enterMmx() {
        top = 0;
        inUse = 0xFF;
    }

    /** Writes an MMX register; sign and exponent become all ones (SDM vol. 1, 9.6.2). */
    public void mmx(int register, long value) {
        top = 0;
        inUse = 0xFF;
        significand[register] = value;
        signExponent[register] = 0xFFFF;
    }

    /** All of the architectural state as words, the same for equal states: for checkpoints and digests. */
    public long[] capture() {
        long[] image = new long[IMAGE_WORDS];
        for (int i = 0; i < 8; i++) {
            image[i] = significand[i];
            image[8 + i] = signExponent[i];
        }
        image[16] = control;
        image[17] = statusWord();
        image[18] = inUse;
        image[19] = instructionPointer;
        image[20] = dataPointer;
        image[21] = opcode;
        return image;
    }

    /** Takes back what {@link #capture} gave. */
    public void restore(long[] image) {
        for (int i = 0; i < 8; i++) {
            significand[i] = image[i];
            signExponent[i] = (int) image[8 + i];
        }
        control = (int) image[16];
        status = (int) image[17] & ~0x3800;
        top = (int) image[17] >>> 11 & 7;
        inUse = (int) image[18];
        instructionPointer = image[19];
        dataPointer = image[20];
        opcode = (int) image[21];
    }

    boolean empty(int index) {
        return (inUse >>> (top + index & 7) & 1) == 0;
    }

    void write(int index, int newSignExponent, long newSignificand) {
        int physical = top + index & 7;
        signExponent[physical] = newSignExponent;
        significand[physical] = newSignificand;
        inUse |= 1 << physical;
    }

    void pop() {
        inUse &= ~(1 << top);
        top = top + 1 & 7;
    }

    /** Moves TOP down and writes; the caller has checked for overflow. */
    void push(int newSignExponent, long newSignificand) {
        top = top - 1 & 7;
        write(0, newSignExponent, newSignificand);
    }

    /** Whether a push would overflow. */
    boolean full() {
        return (inUse >>> (top - 1 & 7) & 1) != 0;
    }

    void codes(int codes) {
        status = status & ~CODES | codes;
    }

    void c1(boolean set) {
        status = set ? status | C1 : status & ~C1;
    }

    /** Raises exceptions (and a stack fault); true when all of them are masked. */
    boolean raise(int flags) {
        status |= flags;
        if ((flags & ~control & EXCEPTIONS) == 0) {
            return true;
        }
        status |= ERROR_SUMMARY | BUSY;
        return false;
    }

    /** Stack underflow (SDM vol. 1, 8.5.1.1); true when the masked response is to be given. */
    boolean underflow() {
        c1(false);
        return raise(SoftFloat.IE | STACK_FAULT);
    }

    /** Stack overflow; true when the masked response, pushing the indefinite NaN, is to be given. */
    boolean overflow() {
        c1(true);
        return raise(SoftFloat.IE | STACK_FAULT);
    }

    /** Bits of significand that the precision control asks for. */
    int precision() {
        return switch (control >>> 8 & 3) {
            case 0 -> 24;
            case 2 -> 53;
            default -> 64;
        };
    }
}
