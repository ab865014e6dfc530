package chronovisor.cpu;

import chronovisor.cpu.vector.VectorFamilies;
import chronovisor.cpu.x87.X87Families;
import chronovisor.isa.Instruction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The families' binders, asked in turn. */
final class Steps {
    /** Binds an instruction of a family, or gives null when it is another's. */
    @FunctionalInterface
    interface Binder {
        @Nullable
        Step bind(Instruction i, @Nullable AddressForm address);
    }

    private static final List<Binder> BINDERS = List.of(
            ArithmeticSteps::bind,
            MulDivSteps::bind,
            ShiftSteps::bind,
            BitSteps::bind,
            MoveSteps::bind,
            ExchangeSteps::bind,
            StackSteps::bind,
            StringSteps::bind,
            FlagSteps::bind,
            XsaveSteps::bind, SegmentSteps::bind,
            SystemSteps::bind, X87Families::bind, VectorFamilies::bind);

    private Steps() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        for (Binder b : BINDERS) {
            Step s = b.bind(i, address);
            if (s != null) {
                return s;
            }
        }
        return null;
    }
}
