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
final class Op {
    static final int ADD_RR64 = 0;
    static final int ADD_RI64 = 1;
    static final int ADD_RR32 = 2;
    static final int ADD_RI32 = 3;
    static final int SUB_RR64 = 4;
    static final int SUB_RI64 = 5;
    static final int SUB_RR32 = 6;
    static final int SUB_RI32 = 7;
    static final int AND_RR64 = 8;
    static final int AND_RI64 = 9;
    static final int AND_RR32 = 10;
    static final int AND_RI32 = 11;
    static final int OR_RR64 = 12;
    static final int OR_RI64 = 13;
    static final int OR_RR32 = 14;
    static final int OR_RI32 = 15;
    static final int XOR_RR64 = 16;
    static final int XOR_RI64 = 17;
    static final int XOR_RR32 = 18;
    static final int XOR_RI32 = 19;
    static final int CMP_RR64 = 20;
    static final int CMP_RI64 = 21;
    static final int CMP_RR32 = 22;
    static final int CMP_RI32 = 23;
    static final int TEST_RR64 = 24;
    static final int TEST_RI64 = 25;
    static final int TEST_RR32 = 26;
    static final int TEST_RI32 = 27;
    static final int INC64 = 28;
    static final int INC32 = 29;
    static final int DEC64 = 30;
    static final int DEC32 = 31;
    static final int NEG64 = 32;
    static final int NEG32 = 33;
    static final int NOT64 = 34;
    static final int NOT32 = 35;
    static final int SHL_RI64 = 36;
    static final int SHL_RI32 = 37;
    static final int SHR_RI64 = 38;
    static final int SHR_RI32 = 39;
    static final int SAR_RI64 = 40;
    static final int SAR_RI32 = 41;
    static final int ROL_RI64 = 42;
    static final int ROL_RI32 = 43;
    static final int ROR_RI64 = 44;
    static final int ROR_RI32 = 45;
    static final int IMUL_RR64 = 46;
    static final int IMUL_RRI64 = 47;
    static final int IMUL_RR32 = 48;
    static final int IMUL_RRI32 = 49;
    static final int CMP_RR8 = 50;
    static final int CMP_RI8 = 51;
    static final int TEST_RR8 = 52;
    static final int TEST_RI8 = 53;
    static final int MOV_RR64 = 54;
    static final int MOV_RR32 = 55;
    static final int MOV_RI = 56;
    static final int MOV_RR8 = 57;
    static final int ZX8 = 58;
    static final int ZX16 = 59;
    static final int SX8_32 = 60;
    static final int SX8_64 = 61;
    static final int SX16_32 = 62;
    static final int SX16_64 = 63;
    static final int SX32_64 = 64;
    static final int LEA64 = 65;
    static final int LEA32 = 66;
    static final int LOAD64 = 67;
    static final int LOAD32 = 68;
    static final int LOAD_SX32 = 69;
    static final int LOAD16 = 70;
    static final int LOAD_SX16_32 = 71;
    static final int LOAD_SX16_64 = 72;
    static final int LOAD8 = 73;
    static final int LOAD_SX8_32 = 74;
    static final int LOAD_SX8_64 = 75;
    static final int LOAD8_MERGE = 76;
    static final int STORE64 = 77;
    static final int STORE32 = 78;
    static final int STORE16 = 79;
    static final int STORE8 = 80;
    static final int PUSH = 81;
    static final int PUSH_I = 82;
    static final int POP = 83;
    static final int LEAVE = 84;
    static final int SETCC = 85;
    static final int CMOV64 = 86;
    static final int CMOV32 = 87;
    static final int STEP = 88;
    static final int JO = 89;
    static final int JNO = 90;
    static final int JB = 91;
    static final int JAE = 92;
    static final int JE = 93;
    static final int JNE = 94;
    static final int JBE = 95;
    static final int JA = 96;
    static final int JS = 97;
    static final int JNS = 98;
    static final int JP = 99;
    static final int JNP = 100;
    static final int JL = 101;
    static final int JGE = 102;
    static final int JLE = 103;
    static final int JG = 104;
    static final int JCC_STEP = 105;
    static final int JMP = 106;
    static final int JMP_R = 107;
    static final int CALL = 108;
    static final int CALL_R = 109;
    static final int RET = 110;
    static final int JMP_STEP = 111;
    static final int SYSCALL = 112;
    static final int FALL = 113;
    static final int STOP = 114;
    static final int ADC_RR64 = 115;
    static final int ADC_RI64 = 116;
    static final int ADC_RR32 = 117;
    static final int ADC_RI32 = 118;
    static final int SBB_RR64 = 119;
    static final int SBB_RI64 = 120;
    static final int SBB_RR32 = 121;
    static final int SBB_RI32 = 122;
    static final int ADD_RR8 = 123;
    static final int ADD_RI8 = 124;
    static final int SUB_RR8 = 125;
    static final int SUB_RI8 = 126;
    static final int AND_RR8 = 127;
    static final int AND_RI8 = 128;
    static final int OR_RR8 = 129;
    static final int OR_RI8 = 130;
    static final int XOR_RR8 = 131;
    static final int XOR_RI8 = 132;
    static final int SHL_CL64 = 133;
    static final int SHL_CL32 = 134;
    static final int SHR_CL64 = 135;
    static final int SHR_CL32 = 136;
    static final int SAR_CL64 = 137;
    static final int SAR_CL32 = 138;
    static final int RMW64 = 139;
    static final int RMW32 = 140;
    static final int SIGN64 = 141;
    static final int SIGN32 = 142;
    static final int MOV_RI8 = 143;

    /** Mask of the code in word 0. */
    static final int CODE = 0x3FF;

    private Op() {}

    static int destination(long w) {
        return (int) w >> 10 & 31;
    }

    static int source(long w) {
        return (int) w >> 15 & 31;
    }

    static int base(long w) {
        return (int) w >> 20 & 31;
    }

    static int index(long w) {
        return (int) w >> 25 & 31;
    }

    static int scale(long w) {
        return (int) w >>> 30;
    }

    /** Offset of the instruction from the block's first byte. */
    static int start(long w) {
        return (int) (w >>> 32) & 0x7FF;
    }

    /** Length of the instruction. */
    static int length(long w) {
        return (int) (w >>> 43) & 15;
    }

    /** Instructions of the block before this one. */
    static int order(long w) {
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
