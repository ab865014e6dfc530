package chronovisor.cpu;

import chronovisor.isa.Instruction;
import org.jspecify.annotations.Nullable;

/** CLC, STC, CMC, CLD, STD, CLI, STI, SAHF, LAHF, and the flag bits of rings (SDM vol. 2). */
final class FlagSteps {
    private static final int SAHF_MASK = Flags.CF | Flags.PF | Flags.AF | Flags.ZF | Flags.SF;

    private FlagSteps() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        return switch (i.operation()) {
            case CLC -> cpu -> cpu.carry(false);
            case STC -> cpu -> cpu.carry(true);
            case CMC -> cpu -> cpu.carry(cpu.flagAux >= 0);
            case CLD -> cpu -> cpu.flagsOther &= ~Flags.DF;
            case STD -> cpu -> cpu.flagsOther |= Flags.DF;
            case CLI -> cpu -> {
                requireIopl(cpu);
                cpu.flagsOther &= ~Flags.IF;
            };
            case STI -> cpu -> {
                requireIopl(cpu);
                // Interrupts wait for one more instruction, if they were off (SDM vol. 2, STI).
                cpu.system.shadow = (cpu.flagsOther & Flags.IF) == 0
                        ? SystemState.SHADOW_STI
                        : SystemState.SHADOW_NONE;
                cpu.flagsOther |= Flags.IF;
            };
            case SAHF -> cpu -> {
                long ah = cpu.gpr[0] >>> 8;
                cpu.arithmeticFlags(cpu.rflags() & ~SAHF_MASK | ah & SAHF_MASK);
            };
            case LAHF -> cpu -> cpu.gpr[0] = cpu.gpr[0] & ~0xFF00L | (cpu.rflags() & SAHF_MASK | 2) << 8;
            default -> null;
        };
    }

    /** CLI and STI outside of IOPL raise #GP(0). */
    private static void requireIopl(Cpu cpu) {
        if (cpu.cpl > (cpu.flagsOther >>> 12 & 3)) {
            throw cpu.raise(Vector.GP, 0);
        }
    }
}
