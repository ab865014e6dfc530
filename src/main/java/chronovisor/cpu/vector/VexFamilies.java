package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Step;
import chronovisor.isa.Instruction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The door of the VEX-encoded families: AVX and AVX2 (SDM vol. 1, chapter 14). A result of 128 bits clears bits 128 to 255 of its
 * register; memory operands need no alignment but those of moves that say so.
 */
final class VexFamilies {

    private static final List<VectorFamilies.Binder> BINDERS = List.of(VexHot::bind, VexMoves::bind, VexBits::bind,
            VexPermutes::bind, VexSpread::bind, VexMasked::bind, VexGather::bind, VexPacked::bind);

    private VexFamilies() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        for (VectorFamilies.Binder binder : BINDERS) {
            Step step = binder.bind(i, address);
            if (step != null) {
                return step;
            }
        }
        return null;
    }
}
