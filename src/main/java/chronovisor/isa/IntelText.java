package chronovisor.isa;

/** Intel syntax. */
final class IntelText extends InstructionText {
    IntelText(Instruction instruction, long address) {
        super(instruction, address);
    }

    @Override
    String mnemonic() {
        return switch (instruction.operation()) {
            case FLDENV, FNSTENV, FRSTOR, FNSAVE -> commonMnemonic() + (instruction.operandSize() == 16 ? "w" : "");
            case PUSH -> instruction.opcode() == 0x6A && instruction.operandSize() == 16 ? "pushw" : commonMnemonic();
            case CALL_FAR -> "call";
            case JMP_FAR -> "jmp";
            case RET_FAR -> switch (instruction.operandSize()) {
                case 16 -> "retfw";
                case 64 -> "retfq";
                default -> "retf"; // 32
            };
            case SYSRET -> instruction.operandSize() == 64 ? "sysretq" : "sysretd";
            case SYSEXIT -> instruction.operandSize() == 64 ? "sysexitq" : "sysexitd";
            default -> commonMnemonic(); // the same in both syntaxes
        };
    }

    @Override
    String operands() {
        if (instruction.operation() == Operation.NOP && instruction.operandCount() == 0) {
            return instruction.operandSize() == 16 ? "ax,ax" : "";
        }
        int count = hidesImplied() ? 0 : shown;
        var text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? "" : ",").append(operand(i));
        }
        return text.toString();
    }

    private boolean hidesImplied() {
        return switch (instruction.operation()) {
            case MONITOR, MWAIT, MONITORX, MWAITX -> true;
            default -> false; // operands are shown
        };
    }

    private String operand(int number) {
        Operand operand = instruction.operand(number);
        return switch (operand.kind()) {
            case IMMEDIATE -> immediate(operand);
            case RELATIVE -> target(operand);
            case MEMORY -> size(number, operand) + address(spec(number), operand);
            case GPR, HIGH_BYTE, MMX, XMM, YMM, ST, SEGMENT, CONTROL, DEBUG -> register(number);
        };
    }

    private String size(int number, Operand memory) {
        if (isOffset(spec(number)) || isUnsized()) {
            return "";
        }
        return switch (memory.bits()) {
            case 8 -> "BYTE PTR ";
            case 16 -> "WORD PTR ";
            case 32 -> "DWORD PTR ";
            case 48 -> "FWORD PTR ";
            case 64 -> "QWORD PTR ";
            case 80 -> "TBYTE PTR ";
            case 128 -> isPair() ? "OWORD PTR " : "XMMWORD PTR ";
            case 256 -> "YMMWORD PTR ";
            default -> ""; // only addressed
        };
    }

    private boolean isPair() {
        return switch (instruction.operation()) {
            case INVEPT, INVVPID, CMPXCHG16B -> true;
            default -> false; // 128 bits are a vector
        };
    }

    /** Operations whose memory operand objdump writes without a size. */
    private boolean isUnsized() {
        return switch (instruction.operation()) {
            case SGDT, SIDT, LGDT, LIDT, INVPCID, LDDQU, VLDDQU, WRSS, WRUSS -> true;
            default -> false; // all others have a size
        };
    }

    private String address(OperandSpec spec, Operand memory) {
        String segment = segmentName(spec, memory);
        var text = new StringBuilder(segment).append(segment.isEmpty() ? "" : ":");
        if (isBare(memory)) {
            return (segment.isEmpty() ? "ds:" : text) + hex(memory.displacement());
        }
        text.append('[');
        if (memory.base() != Operand.NONE) {
            text.append(RegisterNames.gpr(memory.base(), instruction.addressSize()));
        }
        if (showsIndex(memory)) {
            text.append(memory.base() != Operand.NONE ? "+" : "").append(index(memory)).append('*')
                    .append(memory.scale());
        }
        if (showsDisplacement(memory)) {
            long displacement = displacement(memory);
            text.append(displacement >= 0 || memory.base() == Operand.RIP ? "+" : "");
            text.append(memory.base() == Operand.RIP ? hex(displacement) : signedHex(displacement));
        }
        return text.append(']').toString();
    }
}
