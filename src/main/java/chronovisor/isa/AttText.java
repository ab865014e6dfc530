package chronovisor.isa;

/** AT&amp;T syntax. */
final class AttText extends InstructionText {
    AttText(Instruction instruction, long address) {
        super(instruction, address);
    }

    @Override
    String mnemonic() {
        return AttMnemonics.of(instruction, commonMnemonic());
    }

    @Override
    String operands() {
        if (instruction.operation() == Operation.NOP && instruction.operandCount() == 0) {
            return instruction.operandSize() == 16 ? "%ax,%ax" : "";
        }
        boolean inIntelOrder = switch (instruction.operation()) {
            case ENTER, MONITOR, MWAIT, MONITORX, MWAITX, INVLPGA -> true;
            default -> false; // source first, destination last
        };
        var text = new StringBuilder();
        for (int i = 0; i < shown; i++) {
            int number = inIntelOrder ? i : shown - 1 - i;
            if (!isShiftByOne(number)) {
                text.append(text.isEmpty() ? "" : ",").append(operand(number));
            }
        }
        return text.toString();
    }

    private boolean isShiftByOne(int number) {
        return spec(number) == OperandSpec.ONE;
    }

    private String operand(int number) {
        Operand operand = instruction.operand(number);
        return switch (operand.kind()) {
            case IMMEDIATE -> "$" + immediate(operand);
            case RELATIVE -> target(operand);
            case MEMORY -> indirect() + address(spec(number), operand);
            case GPR -> spec(number) == OperandSpec.DX ? "(%dx)" : indirect() + "%" + register(number);
            case CONTROL, HIGH_BYTE, MMX, XMM, YMM, ST, SEGMENT -> "%" + register(number);
            case DEBUG -> "%db" + operand.register();
        };
    }

    private String indirect() {
        return switch (instruction.operation()) {
            case CALL, JMP, CALL_FAR, JMP_FAR -> "*";
            default -> ""; // operands are values, not targets
        };
    }

    private String address(OperandSpec spec, Operand memory) {
        String segment = segmentName(spec, memory);
        var text = new StringBuilder(segment.isEmpty() ? "" : "%" + segment + ":");
        if (isBare(memory)) {
            return text.append(hex(memory.displacement())).toString();
        }
        if (showsDisplacement(memory)) {
            text.append(signedHex(displacement(memory)));
        }
        text.append('(');
        if (memory.base() != Operand.NONE) {
            text.append('%').append(RegisterNames.gpr(memory.base(), instruction.addressSize()));
        }
        if (showsIndex(memory)) {
            text.append(",%").append(index(memory)).append(',').append(memory.scale());
        }
        return text.append(')').toString();
    }
}
