package chronovisor.cpu;

/**
 * Packed operations: one instruction is two longs of a block's {@code ops}.
 *
 * <pre>
 *   word 0   bits 0..9 code, 10..14 destination, 15..19 source, 20..24 base, 25..29 index, 30..31 scale,
 *            32..42 offset in the block, 43..46 length, 47..54 instructions of the block before it
 *   word 1   displacement, immediate, condition, or index of a step
 * </pre>
 *
 * Register numbers from 16 on are the extra slots of {@link Cpu#gpr}. An instruction may be several operations (a load into the
 * temporary slot, then the register form); only the last of them may write memory or fault after changing something.
 */
public final class Op {
    // Arithmetic at 64 bits.
    public static final int ADD_RR64 = 0;
    public static final int ADD_RI64 = 1;
    public static final int SUB_RR64 = 2;
    public static final int SUB_RI64 = 3;
    public static final int AND_RR64 = 4;
    public static final int AND_RI64 = 5;
    public static final int OR_RR64 = 6;
    public static final int OR_RI64 = 7;
    public static final int XOR_RR64 = 8;
    public static final int XOR_RI64 = 9;
    public static final int CMP_RR64 = 10;
    public static final int CMP_RI64 = 11;
    public static final int TEST_RR64 = 12;
    public static final int TEST_RI64 = 13;
    public static final int ADC_RR64 = 14;
    public static final int ADC_RI64 = 15;
    public static final int SBB_RR64 = 16;
    public static final int SBB_RI64 = 17;
    public static final int INC64 = 18;
    public static final int DEC64 = 19;
    public static final int NEG64 = 20;
    public static final int NOT64 = 21;

    // Arithmetic at 32 bits, in the order of the 64-bit ones.
    public static final int ADD_RR32 = 32;
    public static final int ADD_RI32 = 33;
    public static final int SUB_RR32 = 34;
    public static final int SUB_RI32 = 35;
    public static final int AND_RR32 = 36;
    public static final int AND_RI32 = 37;
    public static final int OR_RR32 = 38;
    public static final int OR_RI32 = 39;
    public static final int XOR_RR32 = 40;
    public static final int XOR_RI32 = 41;
    public static final int CMP_RR32 = 42;
    public static final int CMP_RI32 = 43;
    public static final int TEST_RR32 = 44;
    public static final int TEST_RI32 = 45;
    public static final int ADC_RR32 = 46;
    public static final int ADC_RI32 = 47;
    public static final int SBB_RR32 = 48;
    public static final int SBB_RI32 = 49;
    public static final int INC32 = 50;
    public static final int DEC32 = 51;
    public static final int NEG32 = 52;
    public static final int NOT32 = 53;

    // Shifts and products at 64 bits.
    public static final int SHL_RI64 = 64;
    public static final int SHR_RI64 = 65;
    public static final int SAR_RI64 = 66;
    public static final int ROL_RI64 = 67;
    public static final int ROR_RI64 = 68;
    public static final int SHL_CL64 = 69;
    public static final int SHR_CL64 = 70;
    public static final int SAR_CL64 = 71;
    public static final int IMUL_RR64 = 72;
    public static final int IMUL_RRI64 = 73;
    public static final int SIGN64 = 74;

    // Shifts and products at 32 bits, in the order of the 64-bit ones.
    public static final int SHL_RI32 = 96;
    public static final int SHR_RI32 = 97;
    public static final int SAR_RI32 = 98;
    public static final int ROL_RI32 = 99;
    public static final int ROR_RI32 = 100;
    public static final int SHL_CL32 = 101;
    public static final int SHR_CL32 = 102;
    public static final int SAR_CL32 = 103;
    public static final int IMUL_RR32 = 104;
    public static final int IMUL_RRI32 = 105;
    public static final int SIGN32 = 106;

    // Arithmetic at 8 bits.
    public static final int ADD_RR8 = 128;
    public static final int ADD_RI8 = 129;
    public static final int SUB_RR8 = 130;
    public static final int SUB_RI8 = 131;
    public static final int AND_RR8 = 132;
    public static final int AND_RI8 = 133;
    public static final int OR_RR8 = 134;
    public static final int OR_RI8 = 135;
    public static final int XOR_RR8 = 136;
    public static final int XOR_RI8 = 137;
    public static final int CMP_RR8 = 138;
    public static final int CMP_RI8 = 139;
    public static final int TEST_RR8 = 140;
    public static final int TEST_RI8 = 141;

    // From registers to registers.
    public static final int MOV_RR64 = 160;
    public static final int MOV_RR32 = 161;
    public static final int MOV_RI = 162;
    public static final int MOV_RR8 = 163;
    public static final int MOV_RI8 = 164;
    public static final int ZX8 = 165;
    public static final int ZX16 = 166;
    public static final int SX8_32 = 167;
    public static final int SX8_64 = 168;
    public static final int SX16_32 = 169;
    public static final int SX16_64 = 170;
    public static final int SX32_64 = 171;
    public static final int LEA64 = 172;
    public static final int LEA32 = 173;
    public static final int SETCC = 174;
    public static final int CMOV64 = 175;
    public static final int CMOV32 = 176;

    // From memory to registers.
    public static final int LOAD64 = 192;
    public static final int LOAD32 = 193;
    public static final int LOAD_SX32 = 194;
    public static final int LOAD16 = 195;
    public static final int LOAD_SX16_32 = 196;
    public static final int LOAD_SX16_64 = 197;
    public static final int LOAD8 = 198;
    public static final int LOAD_SX8_32 = 199;
    public static final int LOAD_SX8_64 = 200;
    public static final int LOAD8_MERGE = 201;
    public static final int RMW64 = 202;
    public static final int RMW32 = 203;

    // From registers to memory.
    public static final int STORE64 = 224;
    public static final int STORE32 = 225;
    public static final int STORE16 = 226;
    public static final int STORE8 = 227;

    // Through RSP and RBP.
    public static final int PUSH = 256;
    public static final int PUSH_I = 257;
    public static final int POP = 258;
    public static final int LEAVE = 259;

    // Conditional branches, in the order of the conditions' numbers.
    public static final int JO = 288;
    public static final int JNO = 289;
    public static final int JB = 290;
    public static final int JAE = 291;
    public static final int JE = 292;
    public static final int JNE = 293;
    public static final int JBE = 294;
    public static final int JA = 295;
    public static final int JS = 296;
    public static final int JNS = 297;
    public static final int JP = 298;
    public static final int JNP = 299;
    public static final int JL = 300;
    public static final int JGE = 301;
    public static final int JLE = 302;
    public static final int JG = 303;
    public static final int JCC_STEP = 304;

    // What else ends a block; the last two do not leave it.
    public static final int JMP = 320;
    public static final int JMP_R = 321;
    public static final int CALL = 322;
    public static final int CALL_R = 323;
    public static final int RET = 324;
    public static final int JMP_STEP = 325;
    public static final int SYSCALL = 326;
    public static final int FALL = 327;
    public static final int STOP = 328;

    // Everything else: a bound closure.
    public static final int STEP = 352;

    // Groups of codes: the interpreter has a method each.
    static final int ARITHMETIC64 = 0;
    static final int ARITHMETIC32 = 1;
    static final int SHIFTS64 = 2;
    static final int SHIFTS32 = 3;
    static final int ARITHMETIC8 = 4;
    static final int MOVES = 5;
    static final int LOADS = 6;
    static final int STORES = 7;
    static final int STACK = 8;
    static final int BRANCHES = 9;
    static final int TRANSFERS = 10;
    static final int STEPS = 11;

    /** A code is its group and so many bits of number in the group. */
    static final int GROUP_SHIFT = 5;

    /** Mask of the group in a shifted code. */
    static final int GROUPS = 31;

    /** From a 64-bit code of arithmetic or shifts to the same at 32 bits. */
    public static final int TO_32 = 1 << GROUP_SHIFT;

    /** Mask of the code in word 0. */
    public static final int CODE = 0x3FF;

    private Op() {}

    /** Whether an operation with this code leaves the block. */
    public static boolean transfers(int code) {
        return code >= JO && code <= SYSCALL;
    }

    public static int destination(long w) {
        return (int) w >> 10 & 31;
    }

    public static int source(long w) {
        return (int) w >> 15 & 31;
    }

    public static int base(long w) {
        return (int) w >> 20 & 31;
    }

    public static int index(long w) {
        return (int) w >> 25 & 31;
    }

    public static int scale(long w) {
        return (int) w >>> 30;
    }

    /** Offset of the instruction from the block's first byte. */
    public static int start(long w) {
        return (int) (w >>> 32) & 0x7FF;
    }

    /** Length of the instruction. */
    public static int length(long w) {
        return (int) (w >>> 43) & 15;
    }

    /** Instructions of the block before this one. */
    public static int order(long w) {
        return (int) (w >>> 47) & 0xFF;
    }

    /** The position part of word 0 where control is when operation {@code w} is done and {@code next}, which follows it, is not begun. */
    static long behind(long w, long next) {
        return order(w) == order(next)
                ? at(start(next), length(next), order(next))
                : at(start(w) + length(w), 0, order(w) + 1);
    }

    /** Word 0 without the position, see {@link #at}. */
    static long word(int code, int destination, int source, int base, int index, int scale) {
        return code | destination << 10 | source << 15 | base << 20 | index << 25 | (long) scale << 30;
    }

    /** The position part of word 0. */
    static long at(int start, int length, int order) {
        return (long) start << 32 | (long) length << 43 | (long) order << 47;
    }
}
