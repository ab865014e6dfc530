package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Step;
import chronovisor.isa.Instruction;
import org.jspecify.annotations.Nullable;

/** The door of this package: asks each family in turn. */
public final class VectorFamilies {

    private VectorFamilies() {}

    /** The step of an MMX or SSE instruction; null when it is of no family here. */
    public static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        Step step = SseMoves.bind(i, address);
        if (step == null) {
            step = PackedFamilies.bind(i, address);
        }
        if (step == null) {
            step = ShuffleFamilies.bind(i, address);
        }
        if (step == null) {
            step = SseArithmetic.bind(i, address);
        }
        if (step == null) {
            step = SseConversions.bind(i, address);
        }
        if (step == null) {
            step = LaneFamilies.bind(i, address);
        }
        return step;
    }
}
