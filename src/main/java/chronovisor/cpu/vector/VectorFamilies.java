package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.CpuLevel;
import chronovisor.cpu.Step;
import chronovisor.cpu.Vector;
import chronovisor.isa.Family;
import chronovisor.isa.Instruction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The door of this package: asks each family in turn. */
public final class VectorFamilies {

    /** Binds an instruction of a family, or gives null when it is another's. */
    @FunctionalInterface
    private interface Binder {
        @Nullable
        Step bind(Instruction i, @Nullable AddressForm address);
    }

    private static final List<Binder> BINDERS = List.of(SseMoves::bind, PackedFamilies::bind, ShuffleFamilies::bind,
            SsePairs::bind, DotProduct::bind, VexArithmetic::bind, VexConversions::bind,
            SseArithmetic::bind, SseConversions::bind, LaneFamilies::bind, HorizontalFamilies::bind,
            StringCompare::bind,
            CryptoFamilies::bind);

    private VectorFamilies() {}

    /** The step of an MMX or SSE instruction; null when it is of no family here. */
    public static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        Step step = null;
        for (int k = 0; step == null && k < BINDERS.size(); k++) {
            step = BINDERS.get(k).bind(i, address);
        }
        CpuLevel level = level(i.family());
        return step == null || level == CpuLevel.X86_64 ? step : gated(step, level);
    }

    /** The level that offers a family: an instruction above the processor's level does not exist. */
    private static CpuLevel level(Family family) {
        return switch (family) {
            case SSE3, SSSE3, SSE4_1, SSE4_2 -> CpuLevel.X86_64_V2;
            case AES, PCLMULQDQ, SHA -> CpuLevel.X86_64_V3;
            default -> CpuLevel.X86_64;
        };
    }

    private static Step gated(Step step, CpuLevel level) {
        return cpu -> {
            if (!cpu.level.has(level)) {
                throw cpu.raise(Vector.UD, 0);
            }
            step.execute(cpu);
        };
    }
}
