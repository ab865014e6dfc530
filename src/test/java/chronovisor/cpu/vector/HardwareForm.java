package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Step;
import chronovisor.cpu.hardware.AcceptedDifference;
import chronovisor.cpu.x87.X87Families;
import chronovisor.isa.Decoder;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.isa.Operation;
import java.util.HexFormat;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One encoding to be compared with hardware: its bytes, and how this package binds it.
 *
 * @param code
 *            the instruction, operands among ymm0, ymm1, ymm2, mm0, mm1, rax, rcx, ST(i) and memory at RBX
 * @param displacement
 *            of its memory operand
 */
record HardwareForm(byte[] code, Instruction instruction, Step step, int displacement) {

    /** The state they need does not fit here; their own tests are elsewhere. */
    private static final Set<Operation> OTHERWISE = Set.of(Operation.FXSAVE, Operation.FXRSTOR);
    private static final Set<Operation> GATHERS_BY_32 = Set.of(Operation.VPGATHERDD, Operation.VPGATHERDQ,
            Operation.VGATHERDPS, Operation.VGATHERDPD);
    private static final Set<Operation> GATHERS_BY_64 = Set.of(Operation.VPGATHERQD, Operation.VPGATHERQQ,
            Operation.VGATHERQPS, Operation.VGATHERQPD);

    /** Whether the manual bounds its error only, instead of defining each bit. */
    boolean approximate() {
        return AcceptedDifference.TRANSCENDENTAL_LAST_PLACE.covers(instruction.operation());
    }

    /** Whether it ends in an immediate: there are many of those, so that each needs fewer cases. */
    boolean immediate() {
        int count = instruction.operandCount();
        return count > 0 && instruction.operand(count - 1).kind() == Operand.Kind.IMMEDIATE;
    }

    /** Whether it is VEX-encoded: a processor without AVX does not have it. */
    boolean vex() {
        return instruction.vectorLength() != 0;
    }

    /** Whether its memory operand is indexed by a vector register. */
    boolean gather() {
        return isGather(instruction.operation());
    }

    private static boolean isGather(Operation operation) {
        return GATHERS_BY_32.contains(operation) || GATHERS_BY_64.contains(operation);
    }

    /** Bytes of an index of a gather. */
    int indexBytes() {
        return GATHERS_BY_64.contains(instruction.operation()) ? 8 : 4;
    }

    String name() {
        return HexFormat.of().formatHex(code) + " " + instruction;
    }

    /** The form of these bytes, or null when this package has no step for them. */
    static @Nullable HardwareForm of(byte[] code) {
        if (!(Decoder.decode(code, 0, code.length) instanceof Instruction i) || i.length() != code.length) {
            return null;
        }
        Operand memory = i.memory();
        AddressForm address = null;
        int displacement = 0;
        if (memory != null) {
            displacement = (int) memory.displacement();
            long linear = HardwareState.MEMORY_ADDRESS + displacement;
            int scale = memory.scale();
            address = isGather(i.operation()) ? cpu -> linear + scale * cpu.vectorIndex() : cpu -> linear;
        }
        if (OTHERWISE.contains(i.operation())) {
            return null;
        }
        Step step = VectorFamilies.bind(i, address);
        if (step == null) {
            step = X87Families.bind(i, address);
        }
        return step == null ? null : new HardwareForm(code, i, step, displacement);
    }
}
