package chronovisor.isa;

import chronovisor.isa.Operand.Kind;
import chronovisor.isa.Undecoded.Reason;
import org.jspecify.annotations.Nullable;

/** Reads what follows the opcode — ModRM, SIB, displacement, immediates — and resolves a row's operands with it. */
final class OperandReader {
    private final ByteCursor in;

    /** REX, or VEX's W, R, X and B in REX's places. */
    private final int rex;

    private final int prefixes;
    private final int addressSize;
    private final int segment;
    private int mod = 3;
    private int reg;
    private int rm;
    private int base = Operand.NONE;

    /** As encoded, with its REX bit: 4 means none unless it is a vector. */
    private int index = 4;

    private int scale = 1;
    private long displacement;
    private int vvvv;
    private int opcode;
    private int operandSize;
    private boolean invalid;

    OperandReader(ByteCursor in, int rex, int prefixes) {
        this.in = in;
        this.rex = rex;
        this.prefixes = prefixes;
        this.addressSize = (prefixes & Instruction.ADDRESS_SIZE) != 0 ? 32 : 64;
        this.segment = (prefixes >> Instruction.SEGMENT_SHIFT & 7) - 1;
    }

    void vvvv(int register) {
        vvvv = register;
    }

    /** Reads ModRM; returns what rows select on. */
    int readModRm(boolean anyMod) {
        int modRm = in.next();
        mod = anyMod ? 3 : modRm >> 6;
        reg = modRm >> 3 & 7;
        rm = modRm & 7;
        return reg << OpcodeRow.REG_SHIFT | rm << OpcodeRow.RM_SHIFT | (mod == 3 ? OpcodeRow.MOD3 : 0);
    }

    /** Reads over ModRM with what belongs to it, and an immediate. */
    void skip(int immediateBytes) {
        readModRm(false);
        readAddress();
        in.unsigned(immediateBytes);
    }

    // SDM vol. 2, tables 2-2 and 2-3, and 2.2.1.6 for RIP-relative.
    private void readAddress() {
        if (mod == 3) {
            return;
        }
        int number = rm;
        if (number == 4) {
            int sib = in.next();
            scale = 1 << (sib >> 6);
            index = sib >> 3 & 7 | (rex & 2) << 2;
            number = sib & 7;
        }
        if (number == 5 && mod == 0) {
            base = rm == 5 ? Operand.RIP : Operand.NONE;
            displacement = in.signed(4);
            return;
        }
        base = number | (rex & 1) << 3;
        displacement = mod == 1 ? in.signed(1) : mod == 2 ? in.signed(4) : 0;
    }

    Decoded instruction(OpcodeRow row, int opcodeByte, int size) {
        opcode = opcodeByte;
        operandSize = size;
        readAddress();
        @Nullable
        Operand[] operands = new @Nullable Operand[4];
        boolean usesVvvv = false;
        for (int i = 0; i < row.specs.length; i++) {
            OperandSpec spec = row.specs[i];
            usesVvvv |= spec.form == OperandSpec.Form.VVVV || spec.form == OperandSpec.Form.VVVV_GPR;
            operands[i] = resolve(spec);
        }
        // CS is no destination of MOV; VEX.vvvv must be 1111 where it names nothing.
        boolean loadsCs = row.operation() == Operation.MOV && row.specs[0].form == OperandSpec.Form.SEGMENT
                && reg == Operand.CS;
        if (in.isShort() || invalid || loadsCs || !usesVvvv && vvvv != 0) {
            return in.undecoded(Reason.INVALID);
        }
        int layout = mod << Instruction.MOD_SHIFT | (mod != 3 && rm == 4 ? Instruction.SIB : 0);
        return new Instruction(row, opcode, in.taken(), operandSize, addressSize, prefixes | layout, operands);
    }

    private int bits(OperandSpec.Width width) {
        int vector = (prefixes & Instruction.VEX_L) != 0 ? 256 : 128;
        return switch (width) {
            case NONE -> 0;
            case B -> 8;
            case W -> 16;
            case D -> 32;
            case Q -> 64;
            case T -> 80;
            case DQ -> 128;
            case QQ -> 256;
            case Z512 -> 512;
            case V -> operandSize;
            case Z -> operandSize == 16 ? 16 : 32;
            case Y -> (rex & 8) != 0 ? 64 : 32;
            case A -> addressSize;
            case P -> operandSize + 16;
            case X -> vector;
            case HALF_X -> vector / 2;
            case QUARTER_X -> vector / 4;
            case EIGHTH_X -> vector / 8;
        };
    }

    private Operand resolve(OperandSpec spec) {
        int bits = bits(spec.width);
        return switch (spec.form) {
            case RM, RM_REGISTER -> mod == 3 ? gpr(rm | (rex & 1) << 3, bits) : memory(bits(spec.other));
            case REG -> gpr(reg | (rex & 4) << 1, bits);
            case OPCODE -> gpr(opcode & 7 | (rex & 1) << 3, bits);
            case ACCUMULATOR -> RegisterOperands.gpr(0, bits);
            case COUNT -> RegisterOperands.gpr(1, bits);
            case PORT -> RegisterOperands.gpr(2, bits);
            case BASE -> RegisterOperands.gpr(3, bits);
            case MEMORY -> memory(bits);
            case ABSOLUTE ->
                Operand.ofMemory(bits, Operand.NONE, Operand.NONE, 1, segment,
                        addressSize == 64 ? in.signed(8) : in.unsigned(4));
            case STRING_SOURCE -> Operand.ofMemory(bits, 6, Operand.NONE, 1, segment, 0);
            case STRING_DESTINATION -> Operand.ofMemory(bits, 7, Operand.NONE, 1, Operand.NONE, 0);
            case TRANSLATION_TABLE -> Operand.ofMemory(bits, 3, Operand.NONE, 1, segment, 0);
            case IMMEDIATE -> Operand.ofImmediate(bits, in.unsigned(bits / 8));
            case IMMEDIATE_SIGNED_BYTE -> Operand.ofImmediate(bits, in.signed(1));
            case IMMEDIATE_Z -> Operand.ofImmediate(bits, in.signed(bits == 16 ? 2 : 4));
            case ONE -> Operand.ofImmediate(bits, 1);
            case RELATIVE_BYTE -> Operand.ofRelative(bits, in.signed(1));
            case RELATIVE_Z -> Operand.ofRelative(bits, in.signed(4));
            case RELATIVE_V -> Operand.ofRelative(bits, in.signed(operandSize == 16 ? 2 : 4));
            case SEGMENT -> checked(reg <= Operand.GS, Kind.SEGMENT, reg, bits);
            case SEGMENT_FS -> Operand.ofRegister(Kind.SEGMENT, Operand.FS, bits);
            case SEGMENT_GS -> Operand.ofRegister(Kind.SEGMENT, Operand.GS, bits);
            case CONTROL -> control(reg | (rex & 4) << 1);
            case DEBUG -> checked((rex & 4) == 0, Kind.DEBUG, reg, bits);
            case ST0 -> RegisterOperands.st(0);
            case STI -> RegisterOperands.st(rm);
            case MMX_REG -> RegisterOperands.mmx(reg, bits); // REX does not reach MMX registers
            case MMX_RM, MMX_RM_REGISTER -> mod == 3 ? RegisterOperands.mmx(rm, bits) : memory(bits);
            case VECTOR_REG -> RegisterOperands.vector(reg | (rex & 4) << 1, bits);
            case VECTOR_RM, VECTOR_RM_REGISTER ->
                mod == 3 ? RegisterOperands.vector(rm | (rex & 1) << 3, bits) : memory(bits(spec.other));
            case VECTOR_ZERO -> RegisterOperands.vector(0, bits);
            case VVVV -> RegisterOperands.vector(vvvv, bits);
            case VVVV_GPR -> RegisterOperands.gpr(vvvv, bits);
            case IMMEDIATE_VECTOR -> RegisterOperands.vector(in.next() >> 4, bits);
            case VECTOR_INDEXED -> vectorIndexed(bits);
        };
    }

    // Without any REX, byte registers 4 to 7 are AH, CH, DH, BH.
    private Operand gpr(int number, int bits) {
        boolean high = bits == 8 && rex == 0 && number >= 4 && (prefixes & Instruction.VEX) == 0;
        return high ? RegisterOperands.highByte(number - 4) : RegisterOperands.gpr(number, bits);
    }

    private Operand memory(int bits) {
        return Operand.ofMemory(bits, base, index == 4 ? Operand.NONE : index, scale, segment, displacement);
    }

    // VSIB has no "no index", needs a SIB byte, and no two of destination, index and mask may be the same (SDM, VPGATHERDD).
    private Operand vectorIndexed(int bits) {
        int destination = reg | (rex & 4) << 1;
        invalid |= rm != 4 || destination == index || destination == vvvv || index == vvvv;
        return Operand.ofMemory(bits, base, index, scale, segment, displacement);
    }

    private Operand control(int number) {
        boolean exists = number == 0 || number >= 2 && number <= 4 || number == 8;
        return checked(exists, Kind.CONTROL, number, 64);
    }

    private Operand checked(boolean exists, Kind kind, int number, int bits) {
        invalid |= !exists;
        return Operand.ofRegister(kind, number, bits);
    }
}
