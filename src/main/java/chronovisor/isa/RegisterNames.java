package chronovisor.isa;

/** Names of registers. */
final class RegisterNames {
    private static final String[] GPR_64 = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi"};
    private static final String[] HIGH_BYTE = {"ah", "ch", "dh", "bh"};
    private static final String[] LOW_BYTE = {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"};
    private static final String[] SEGMENT = {"es", "cs", "ss", "ds", "fs", "gs"};

    private RegisterNames() {}

    static String gpr(int number, int bits) {
        if (number == Operand.RIP) {
            return bits == 32 ? "eip" : "rip";
        }
        if (number >= 8) {
            return "r" + number + switch (bits) {
                case 8 -> "b";
                case 16 -> "w";
                case 32 -> "d";
                default -> "";
            };
        }
        return switch (bits) {
            case 8 -> LOW_BYTE[number];
            case 16 -> GPR_64[number].substring(1);
            case 32 -> "e" + GPR_64[number].substring(1);
            default -> GPR_64[number];
        };
    }

    static String segment(int number) {
        return SEGMENT[number];
    }

    /** The name of a register operand. */
    static String of(Operand operand) {
        int number = operand.register();
        return switch (operand.kind()) {
            case GPR -> gpr(number, operand.bits());
            case HIGH_BYTE -> HIGH_BYTE[number];
            case MMX -> "mm" + number;
            case XMM -> "xmm" + number;
            case YMM -> "ymm" + number;
            case ST -> number == 0 ? "st" : "st(" + number + ")";
            case SEGMENT -> SEGMENT[number];
            case CONTROL -> "cr" + number;
            case DEBUG -> "dr" + number;
            case MEMORY, IMMEDIATE, RELATIVE -> throw new IllegalArgumentException(operand + " is no register");
        };
    }
}
