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
    public static final int ADD_RR64 = 0;
    public static final int ADD_RI64 = 1;
    public static final int ADD_RR32 = 2;
    public static final int ADD_RI32 = 3;
    public static final int SUB_RR64 = 4;
    public static final int SUB_RI64 = 5;
    public static final int SUB_RR32 = 6;
    public static final int SUB_RI32 = 7;
    public static final int AND_RR64 = 8;
    public static final int AND_RI64 = 9;
    public static final int AND_RR32 = 10;
    public static final int AND_RI32 = 11;
    public static final int OR_RR64 = 12;
    public static final int OR_RI64 = 13;
    public static final int OR_RR32 = 14;
    public static final int OR_RI32 = 15;
    public static final int XOR_RR64 = 16;
    public static final int XOR_RI64 = 17;
    public static final int XOR_RR32 = 18;
    public static final int XOR_RI32 = 19;
    public static final int CMP_RR64 = 20;
    public static final int CMP_RI64 = 21;
    public static final int CMP_RR32 = 22;
    public static final int CMP_RI32 = 23;
    public static final int TEST_RR64 = 24;
    public static final int TEST_RI64 = 25;
    public static final int TEST_RR32 = 26;
    public static final int TEST_RI32 = 27;
    public static final int INC64 = 28;
    public static final int INC32 = 29;
    public static final int DEC64 = 30;
    public static final int DEC32 = 31;
    public static final int NEG64 = 32;
    public static final int NEG32 = 33;
    public static final int NOT64 = 34;
    public static final int NOT32 = 35;
    public static final int SHL_RI64 = 36;
    public static final int SHL_RI32 = 37;
    public static final int SHR_RI64 = 38;
    public static final int SHR_RI32 = 39;
    public static final int SAR_RI64 = 40;
    public static final int SAR_RI32 = 41;
    public static final int ROL_RI64 = 42;
    public static final int ROL_RI32 = 43;
    public static final int ROR_RI64 = 44;
    public static final int ROR_RI32 = 45;
    public static final int IMUL_RR64 = 46;
    public static final int IMUL_RRI64 = 47;
    public static final int IMUL_RR32 = 48;
    public static final int IMUL_RRI32 = 49;
    public static final int CMP_RR8 = 50;
    public static final int CMP_RI8 = 51;
    public static final int TEST_RR8 = 52;
    public static final int TEST_RI8 = 53;
    public static final int MOV_RR64 = 54;
    public static final int MOV_RR32 = 55;
    public static final int MOV_RI = 56;
    public static final int MOV_RR8 = 57;
    public static final int ZX8 = 58;
    public static final int ZX16 = 59;
    public static final int SX8_32 = 60;
    public static final int SX8_64 = 61;
    public static final int SX16_32 = 62;
    public static final int SX16_64 = 63;
    public static final int SX32_64 = 64;
    public static final int LEA64 = 65;
    public static final int LEA32 = 66;
    public static final int LOAD64 = 67;
    public static final int LOAD32 = 68;
    public static final int LOAD_SX32 = 69;
    public static final int LOAD16 = 70;
    public static final int LOAD_SX16_32 = 71;
    public static final int LOAD_SX16_64 = 72;
    public static final int LOAD8 = 73;
    public static final int LOAD_SX8_32 = 74;
    public static final int LOAD_SX8_64 = 75;
    public static final int LOAD8_MERGE = 76;
    public static final int STORE64 = 77;
    public static final int STORE32 = 78;
    public static final int STORE16 = 79;
    public static final int STORE8 = 80;
    public static final int PUSH = 81;
    public static final int PUSH_I = 82;
    public static final int POP = 83;
    public static final int LEAVE = 84;
    public static final int SETCC = 85;
    public static final int CMOV64 = 86;
    public static final int CMOV32 = 87;
    public static final int STEP = 88;
    public static final int JO = 89;
    public static final int JNO = 90;
    public static final int JB = 91;
    public static final int JAE = 92;
    public static final int JE = 93;
    public static final int JNE = 94;
    public static final int JBE = 95;
    public static final int JA = 96;
    public static final int JS = 97;
    public static final int JNS = 98;
    public static final int JP = 99;
    public static final int JNP = 100;
    public static final int JL = 101;
    public static final int JGE = 102;
    public static final int JLE = 103;
    public static final int JG = 104;
    public static final int JCC_STEP = 105;
    public static final int JMP = 106;
    public static final int JMP_R = 107;
    public static final int CALL = 108;
    public static final int CALL_R = 109;
    public static final int RET = 110;
    public static final int JMP_STEP = 111;
    public static final int SYSCALL = 112;
    public static final int FALL = 113;
    public static final int STOP = 114;
    public static final int ADC_RR64 = 115;
    public static final int ADC_RI64 = 116;
    public static final int ADC_RR32 = 117;
    public static final int ADC_RI32 = 118;
    public static final int SBB_RR64 = 119;
    public static final int SBB_RI64 = 120;
    public static final int SBB_RR32 = 121;
    public static final int SBB_RI32 = 122;
    public static final int ADD_RR8 = 123;
    public static final int ADD_RI8 = 124;
    public static final int SUB_RR8 = 125;
    public static final int SUB_RI8 = 126;
    public static final int AND_RR8 = 127;
    public static final int AND_RI8 = 128;
    public static final int OR_RR8 = 129;
    public static final int OR_RI8 = 130;
    public static final int XOR_RR8 = 131;
    public static final int XOR_RI8 = 132;
    public static final int SHL_CL64 = 133;
    public static final int SHL_CL32 = 134;
    public static final int SHR_CL64 = 135;
    public static final int SHR_CL32 = 136;
    public static final int SAR_CL64 = 137;
    public static final int SAR_CL32 = 138;
    public static final int RMW64 = 139;
    public static final int RMW32 = 140;
    public static final int SIGN64 = 141;
    public static final int SIGN32 = 142;
    public static final int MOV_RI8 = 143;

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

    /** Word 0 without the position, see {@link #at}. */
    static long word(int code, int destination, int source, int base, int index, int scale) {
        return code | destination << 10 | source << 15 | base << 20 | index << 25 | (long) scale << 30;
    }

    /** The position part of word 0. */
    static long at(int start, int length, int order) {
        return (long) start << 32 | (long) length << 43 | (long) order << 47;
    }
}
