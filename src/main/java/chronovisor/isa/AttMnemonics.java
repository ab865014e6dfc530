package chronovisor.isa;

/** AT&amp;T mnemonics: size suffixes where no register tells the size, and names of their own. */
final class AttMnemonics {
    private AttMnemonics() {}

    static String of(Instruction instruction, String common) {
        int size = instruction.operandSize();
        return switch (instruction.operation()) {
            case CBW -> "cbtw";
            case CWDE -> "cwtl";
            case CDQE -> "cltq";
            case CWD -> "cwtd";
            case CDQ -> "cltd";
            case CQO -> "cqto";
            case CALL_FAR -> "lcall" + far(size);
            case JMP_FAR -> "ljmp" + far(size);
            case RET_FAR -> "lret" + far(size);
            case SYSRET -> size == 64 ? "sysretq" : "sysretl";
            case SYSEXIT -> size == 64 ? "sysexitq" : "sysexitl";
            case MOVZX, MOVSX -> common.substring(0, 4) + suffix(instruction.operand(1).bits()) + suffix(size);
            case MOVSXD -> size != 64 ? common : "movs" + suffix(instruction.operand(1).bits()) + suffix(size);
            case MOVS, CMPS, INS, OUTS -> common
                    + suffix(instruction.memory() == null ? 0 : instruction.operand(memoryIndex(instruction)).bits());
            case CRC32 -> instruction.memory() == null ? common : common + suffix(instruction.operand(1).bits());
            case PUSH -> size == 16 && !isRegister(instruction.operand(0)) ? "pushw" : common;
            case LOOP, LOOPE, LOOPNE -> instruction.addressSize() == 32 ? common + "l" : common;
            case VCVTPD2PS, VCVTPD2DQ, VCVTTPD2DQ ->
                instruction.memory() == null ? common : common + (instruction.vectorLength() == 256 ? "y" : "x");
            case CVTSI2SS, CVTSI2SD, VCVTSI2SS, VCVTSI2SD ->
                instruction.memory() == null ? common : common + suffix(size == 16 ? 32 : size);
            default -> instruction.family() == Family.X87 ? x87(instruction, common) : common + general(instruction);
        };
    }

    private static boolean isRegister(Operand operand) {
        return operand.kind() != Operand.Kind.IMMEDIATE && !operand.isMemory();
    }

    private static int memoryIndex(Instruction instruction) {
        return instruction.operand(0).isMemory() ? 0 : 1;
    }

    private static String far(int size) {
        return size == 64 ? "q" : size == 16 ? "w" : "";
    }

    private static String suffix(int bits) {
        return switch (bits) {
            case 8 -> "b";
            case 16 -> "w";
            case 32 -> "l";
            case 64 -> "q";
            default -> ""; // a size that has no letter
        };
    }

    // A memory operand and no register that tells its size.
    private static String general(Instruction instruction) {
        boolean sized = switch (instruction.operation()) {
            case ADD, OR, ADC, SBB, AND, SUB, XOR, CMP, TEST, INC, DEC, NEG, NOT, MUL, IMUL, DIV, IDIV, ROL, ROR, RCL,
                    RCR, SHL, SHR, SAL, SAR, SHLD, SHRD, BT, BTS, BTR, BTC, MOV, NOP, PTWRITE ->
                true;
            default -> false; // the mnemonic or the operand's kind tells the size
        };
        if (!sized || instruction.memory() == null) {
            return "";
        }
        for (int i = 0; i < instruction.operandCount(); i++) {
            Operand.Kind kind = instruction.operand(i).kind();
            boolean count = instruction.row().specs[i] == OperandSpec.CL;
            if (!count
                    && (kind == Operand.Kind.GPR || kind == Operand.Kind.HIGH_BYTE || kind == Operand.Kind.SEGMENT)) {
                return "";
            }
        }
        return suffix(instruction.operandSize());
    }

    // Single, double and extended are s, l and t; 16, 32 and 64-bit integers are s, l and ll.
    private static String x87(Instruction instruction, String common) {
        Operand memory = instruction.memory();
        if (memory == null) {
            return reversed(instruction, common);
        }
        boolean integer = common.startsWith("fi");
        return switch (memory.bits()) {
            case 16 -> integer ? common + "s" : common;
            case 32 -> common + (integer ? "l" : "s");
            case 64 -> common + (integer ? "ll" : "l");
            case 80 -> common.startsWith("fb") ? common : common + "t";
            default -> instruction.operandSize() == 16 ? common + "s" : common; // an environment has no size
        };
    }

    // AT&T's old assembler swapped SUB with SUBR and DIV with DIVR where the destination is not the top; all since keep it.
    private static String reversed(Instruction instruction, String common) {
        if (instruction.operandCount() != 2 || instruction.row().specs[0] != OperandSpec.STi) {
            return common;
        }
        return switch (instruction.operation()) {
            case FSUB -> "fsubr";
            case FSUBR -> "fsub";
            case FSUBP -> "fsubrp";
            case FSUBRP -> "fsubp";
            case FDIV -> "fdivr";
            case FDIVR -> "fdiv";
            case FDIVP -> "fdivrp";
            case FDIVRP -> "fdivp";
            default -> common; // the others are symmetric
        };
    }
}
