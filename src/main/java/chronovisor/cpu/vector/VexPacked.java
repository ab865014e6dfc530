package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Step;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.isa.Operation;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/** What AVX and AVX2 do lane by lane as SSE does it: the older operations' meanings, and shifts by a count for each element. */
final class VexPacked {

    private VexPacked() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        LongBinaryOperator variable = variableShift(i.operation());
        if (variable != null) {
            return VexLanes.each(i, address, variable);
        }
        Operation twin = VexTwin.of(i.operation());
        if (twin == null) {
            return null;
        }
        LongBinaryOperator each = PackedFamilies.lanes(twin);
        if (each != null) {
            return VexLanes.each(i, address, each);
        }
        LongBinaryOperator shift = PackedFamilies.shift(twin);
        if (shift != null) {
            return shift(i, address, shift);
        }
        int control = PackedFamilies.control(i);
        Lane lower = lane(twin, control);
        Lane upper = lane(twin, upperControl(twin, control));
        return lower == null || upper == null ? null : VexLanes.lanes(i, address, lower, upper);
    }

    /** What an SSE operation makes of 128 bits. */
    private static @Nullable Lane lane(Operation operation, int control) {
        Lane lane = ShuffleFamilies.lane(operation, control);
        lane = lane != null ? lane : LaneFamilies.lane(operation, control);
        lane = lane != null ? lane : HorizontalFamilies.lane(operation, control);
        lane = lane != null ? lane : SseMoves.lane(operation);
        return lane != null ? lane : CryptoFamilies.lane(operation, control);
    }

    /** The upper lane's control: bits of its own where the lower one leaves some, else the same. */
    private static int upperControl(Operation operation, int control) {
        return switch (operation) {
            case SHUFPD, BLENDPD -> control >>> 2;
            case MPSADBW -> control >>> 3;
            case BLENDPS -> control >>> 4;
            default -> control;
        };
    }

    private static @Nullable LongBinaryOperator variableShift(Operation operation) {
        return switch (operation) {
            case VPSLLVD -> (a, b) -> dwords(PackedInteger::shiftLeftDwords, a, b);
            case VPSRLVD -> (a, b) -> dwords(PackedInteger::shiftRightDwords, a, b);
            case VPSRAVD -> (a, b) -> dwords(PackedInteger::shiftArithmeticDwords, a, b);
            case VPSLLVQ -> PackedInteger::shiftLeftQwords;
            case VPSRLVQ -> PackedInteger::shiftRightQwords;
            default -> null;
        };
    }

    /** Each doubleword shifted by its own count. */
    private static long dwords(LongBinaryOperator shift, long a, long counts) {
        long low = shift.applyAsLong(a, counts & 0xFFFF_FFFFL);
        long high = shift.applyAsLong(a, counts >>> 32);
        return low & 0xFFFF_FFFFL | high & 0xFFFF_FFFFL << 32;
    }

    /** Shifts all elements by one count: an immediate, or the low 64 bits of an XMM register or of 128 bits in memory. */
    private static Step shift(Instruction i, @Nullable AddressForm address, LongBinaryOperator shift) {
        int d = VexLanes.destination(i);
        int a = VexLanes.a(i);
        boolean wide = i.vectorLength() == 256;
        if (i.operand(2).kind() == Operand.Kind.IMMEDIATE) {
            long count = PackedFamilies.control(i);
            return cpu -> shift(cpu, shift, d, a, count, wide);
        }
        if (address == null) {
            int b = VexLanes.b(i);
            return cpu -> shift(cpu, shift, d, a, cpu.xmm[b], wide);
        }
        return cpu -> {
            long at = address.of(cpu);
            long count = cpu.mmu.load64(at);
            cpu.mmu.load64(at + 8); // may fault
            shift(cpu, shift, d, a, count, wide);
        };
    }

    private static void shift(Cpu cpu, LongBinaryOperator shift, int d, int a, long count, boolean wide) {
        long[] x = cpu.xmm;
        x[d] = shift.applyAsLong(x[a], count);
        x[d + 1] = shift.applyAsLong(x[a + 1], count);
        if (wide) {
            x[d + 2] = shift.applyAsLong(x[a + 2], count);
            x[d + 3] = shift.applyAsLong(x[a + 3], count);
        } else {
            VexLanes.clearUpper(x, d);
        }
    }
}
