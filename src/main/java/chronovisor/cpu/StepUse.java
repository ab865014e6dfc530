package chronovisor.cpu;

import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;

/**
 * Which general-purpose registers a step may touch, so that translated code need not hand over all of them: bits 0 to 15 for registers it
 * may read, 16 to 31 for those it may write, {@link #FLAGS} when it may read or write arithmetic flags. What is not known for certain counts
 * as everything.
 *
 * <p>A step that may touch everything may also stop halfway (a repeated string instruction); any other has changed no register when it
 * faults.
 */
public final class StepUse {
    /** The step may read or write arithmetic flags. */
    public static final long FLAGS = 1L << 32;

    /** Every register, read and written, and the flags. */
    public static final long EVERYTHING = FLAGS | 0xFFFF_FFFFL;

    /** RAX, RCX, RDX and RBX: what integer instructions use without naming it. */
    private static final long IMPLICIT = 0xF_000FL;

    private StepUse() {}

    /** What {@code i} may touch when it is executed as a step. */
    static long of(Instruction i) {
        return switch (i.family()) {
            case ARITHMETIC, LOGIC, SHIFT, BIT, BMI1, BMI2, ADX -> operands(i) | IMPLICIT | FLAGS;
            case DATA_TRANSFER -> transfer(i);
            case X87, MMX, SSE, SSE2, SSE3, SSSE3, SSE4_1, SSE4_2, AES, PCLMULQDQ, SHA, AVX, AVX2, FMA, F16C ->
                vector(i);
            default -> EVERYTHING;
        };
    }

    private static long transfer(Instruction i) {
        for (int k = 0; k < i.operandCount(); k++) {
            switch (i.operand(k).kind()) {
                case GPR, HIGH_BYTE, MEMORY, IMMEDIATE -> {
                    // Values only.
                }
                case MMX, XMM, YMM, ST, SEGMENT, CONTROL, DEBUG, RELATIVE -> {
                    return EVERYTHING;
                }
            }
        }
        return operands(i) | IMPLICIT | FLAGS;
    }

    private static long vector(Instruction i) {
        return switch (i.operation()) {
            case PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM, VPCMPESTRI, VPCMPESTRM, VPCMPISTRI, VPCMPISTRM, MASKMOVQ,
                    MASKMOVDQU, VMASKMOVDQU, FNSTSW ->
                EVERYTHING;
            case COMISS, COMISD, UCOMISS, UCOMISD, VCOMISS, VCOMISD, VUCOMISS, VUCOMISD, PTEST, VPTEST, VTESTPS,
                    VTESTPD, FCOMI, FCOMIP, FUCOMI, FUCOMIP, FCMOVB, FCMOVE, FCMOVBE, FCMOVU, FCMOVNB, FCMOVNE,
                    FCMOVNBE, FCMOVNU, CRC32, POPCNT, LZCNT ->
                operands(i) | FLAGS;
            default -> operands(i);
        };
    }

    private static long operands(Instruction i) {
        long use = 0;
        for (int k = 0; k < i.operandCount(); k++) {
            Operand o = i.operand(k);
            switch (o.kind()) {
                case GPR, HIGH_BYTE -> use |= 0x1_0001L << o.register();
                case MEMORY -> use |= register(o.base()) | register(o.index());
                case MMX, XMM, YMM, ST, SEGMENT, CONTROL, DEBUG, IMMEDIATE, RELATIVE -> {
                    // No general-purpose register.
                }
            }
        }
        return use;
    }

    /** An index may be the number of a vector register: then one register too many is read. */
    private static long register(int r) {
        return r >= 0 && r < 16 ? 1L << r : 0;
    }
}
