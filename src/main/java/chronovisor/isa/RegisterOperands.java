package chronovisor.isa;

import chronovisor.isa.Operand.Kind;

/** Register operands are few and immutable, so they are made once. */
final class RegisterOperands {
    private static final Operand[] GPR_8 = registers(Kind.GPR, 16, 8);
    private static final Operand[] GPR_16 = registers(Kind.GPR, 16, 16);
    private static final Operand[] GPR_32 = registers(Kind.GPR, 16, 32);
    private static final Operand[] GPR_64 = registers(Kind.GPR, 16, 64);
    private static final Operand[] HIGH_BYTE = registers(Kind.HIGH_BYTE, 4, 8);
    private static final Operand[] XMM = registers(Kind.XMM, 16, 128);
    private static final Operand[] XMM_64 = registers(Kind.XMM, 16, 64);
    private static final Operand[] XMM_32 = registers(Kind.XMM, 16, 32);
    private static final Operand[] YMM = registers(Kind.YMM, 16, 256);
    private static final Operand[] MMX = registers(Kind.MMX, 8, 64);
    private static final Operand[] ST = registers(Kind.ST, 8, 80);

    private RegisterOperands() {}

    private static Operand[] registers(Kind kind, int count, int bits) {
        var operands = new Operand[count];
        for (int i = 0; i < count; i++) {
            operands[i] = Operand.ofRegister(kind, i, bits);
        }
        return operands;
    }

    static Operand gpr(int number, int bits) {
        return switch (bits) {
            case 8 -> GPR_8[number];
            case 16 -> GPR_16[number];
            case 32 -> GPR_32[number];
            default -> GPR_64[number];
        };
    }

    static Operand highByte(int number) {
        return HIGH_BYTE[number];
    }

    static Operand st(int number) {
        return ST[number];
    }

    static Operand mmx(int number, int bits) {
        return bits == 64 ? MMX[number] : Operand.ofRegister(Kind.MMX, number, bits);
    }

    static Operand vector(int number, int bits) {
        return switch (bits) {
            case 256 -> YMM[number];
            case 128 -> XMM[number];
            case 64 -> XMM_64[number];
            case 32 -> XMM_32[number];
            default -> Operand.ofRegister(Kind.XMM, number, bits);
        };
    }
}
