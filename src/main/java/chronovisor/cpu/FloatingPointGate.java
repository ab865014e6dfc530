package chronovisor.cpu;

import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;

/**
 * What disabled floating point makes of an instruction (SDM vol. 3, table 2-3 and 13.1, vol. 2, 2.4.2): #UD before #NM. Asked only while
 * {@link Cpu#disabled} tells that something is.
 */
final class FloatingPointGate {
    /** The instruction may be executed. */
    static final int OPEN = -1;

    private FloatingPointGate() {}

    /** Whether the instruction is one that may be refused. */
    static boolean guards(Instruction i) {
        return switch (i.operation()) {
            case WAIT, FXSAVE, FXRSTOR -> true;
            default -> switch (i.family()) {
                case X87, MMX, SSE, SSE2, SSE3, SSSE3, SSE4_1, SSE4_2, AES, PCLMULQDQ, SHA, AVX, AVX2, FMA, F16C ->
                    true;
                default -> false; // no floating-point state
            };
        };
    }

    /** The vector of the fault that stands before the instruction, or {@link #OPEN}. */
    static int vector(Cpu cpu, Instruction i) {
        boolean switched = (cpu.cr0 & Control.CR0_TS) != 0;
        boolean emulated = (cpu.cr0 & Control.CR0_EM) != 0;
        switch (i.operation()) {
            case WAIT -> {
                return switched && (cpu.cr0 & Control.CR0_MP) != 0 ? Vector.NM : OPEN;
            }
            case FXSAVE, FXRSTOR -> {
                return switched || emulated ? Vector.NM : OPEN;
            }
            default -> { // by its family
            }
        }
        return switch (i.family()) {
            case X87 -> switched || emulated ? Vector.NM : OPEN;
            case MMX, SSE, SSE2, SSE3, SSSE3, SSE4_1, SSE4_2, AES, PCLMULQDQ, SHA -> {
                boolean sse = usesXmm(i);
                if (!sse && !uses(i, Operand.Kind.MMX) && i.family() != chronovisor.isa.Family.MMX) {
                    yield OPEN;
                }
                boolean off = emulated || sse && (cpu.cr4 & Control.CR4_OSFXSR) == 0;
                yield off ? Vector.UD : switched ? Vector.NM : OPEN;
            }
            case AVX, AVX2, FMA, F16C -> (Control.disabled(cpu) & Control.DISABLED_AVX) == 0
                    ? OPEN
                    : (cpu.cr4 & Control.CR4_OSXSAVE) == 0 || (cpu.system.xcr0 & 6) != 6 ? Vector.UD : Vector.NM;
            default -> OPEN; // no floating-point state
        };
    }

    private static boolean usesXmm(Instruction i) {
        return switch (i.operation()) {
            case LDMXCSR, STMXCSR -> true;
            default -> uses(i, Operand.Kind.XMM);
        };
    }

    private static boolean uses(Instruction i, Operand.Kind kind) {
        for (int k = 0; k < i.operandCount(); k++) {
            if (i.operand(k).kind() == kind) {
                return true;
            }
        }
        return false;
    }
}
