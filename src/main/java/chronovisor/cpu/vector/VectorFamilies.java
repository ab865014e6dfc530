package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Step;
import chronovisor.isa.Instruction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The door of this package: asks each family in turn. */
public final class VectorFamilies {

    /** Binds an instruction of a family, or gives null when it is another's. */
    @FunctionalInterface
    interface Binder {
        @Nullable
        Step bind(Instruction i, @Nullable AddressForm address);
    }

    private static final List<Binder> BINDERS = List.of(SseMoves::bind, PackedFamilies::bind, ShuffleFamilies::bind,
            SsePairs::bind, DotProduct::bind, VexArithmetic::bind, FusedFamilies::bind,
            HalfFloat::bind,
            SseArithmetic::bind, SseConversions::bind, LaneFamilies::bind, HorizontalFamilies::bind,
            StringCompare::bind,
            CryptoFamilies::bind, VexFamilies::bind);

    private VectorFamilies() {}

    /** The step of an MMX or SSE instruction; null when it is of no family here. */
    public static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        Step step = null;
        for (int k = 0; step == null && k < BINDERS.size(); k++) {
            step = BINDERS.get(k).bind(i, address);
        }
        return step;
    }
}
