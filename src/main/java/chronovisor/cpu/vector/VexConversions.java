package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Step;
import chronovisor.cpu.softfloat.SoftFloat;
import chronovisor.cpu.vector.SseConversions.Convert;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.isa.Operation;
import org.jspecify.annotations.Nullable;

/**
 * VEX-encoded conversions between lanes of different sizes, and of scalars into a destination with a first source. Those to general
 * registers are {@link SseConversions}'s, those between lanes of one size {@link VexArithmetic}'s.
 */
final class VexConversions {

    private VexConversions() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        Operation operation = VexTwin.of(i.operation());
        if (operation == null) {
            return null;
        }
        return switch (operation) {
            case CVTSI2SD -> fromInteger(i, address, true);
            case CVTSI2SS -> fromInteger(i, address, false);
            case CVTSS2SD -> scalarWiden(i, address);
            case CVTSD2SS -> scalarNarrow(i, address);
            default -> resized(i, address, operation);
        };
    }

    private static @Nullable Step resized(Instruction i, @Nullable AddressForm address, Operation operation) {
        Convert expansion = SseConversions.expansion(operation);
        if (expansion != null) {
            return expand(i, address, expansion);
        }
        Convert shrinking = SseConversions.shrinking(operation);
        return shrinking == null ? null : shrink(i, address, shrinking);
    }

    private static Step fromInteger(Instruction i, @Nullable AddressForm address, boolean toDouble) {
        int d = 4 * i.operand(0).register();
        int a = 4 * i.operand(1).register();
        Operand from = i.operand(2);
        boolean wide = from.bits() == 64;
        int s = from.register();
        return cpu -> {
            long v = address == null
                    ? cpu.gpr[s]
                    : wide ? cpu.mmu.load64(address.of(cpu)) : cpu.mmu.load32(address.of(cpu));
            v = wide ? v : (int) v;
            SoftFloat f = SseConversions.begin(cpu);
            long r = toDouble
                    ? SseFloat.fromInteger64(f, cpu.mxcsr, v)
                    : SseFloat.merge(cpu.xmm[a], SseFloat.fromInteger32(f, cpu.mxcsr, v));
            SseConversions.end(cpu, f);
            VexArithmetic.scalar(cpu, d, a, r);
        };
    }

    private static Step scalarWiden(Instruction i, @Nullable AddressForm address) {
        int d = 4 * i.operand(0).register();
        int a = 4 * i.operand(1).register();
        return FloatSource.bind(i, address, (cpu, b, b1, b2, b3) -> {
            SoftFloat f = SseConversions.begin(cpu);
            long r = SseFloat.widen(f, cpu.mxcsr, (int) b);
            SseConversions.end(cpu, f);
            VexArithmetic.scalar(cpu, d, a, r);
        });
    }

    private static Step scalarNarrow(Instruction i, @Nullable AddressForm address) {
        int d = 4 * i.operand(0).register();
        int a = 4 * i.operand(1).register();
        return FloatSource.bind(i, address, (cpu, b, b1, b2, b3) -> {
            SoftFloat f = SseConversions.begin(cpu);
            int r = SseFloat.narrow(f, cpu.mxcsr, b);
            SseConversions.end(cpu, f);
            VexArithmetic.scalar(cpu, d, a, SseFloat.merge(cpu.xmm[a], r));
        });
    }

    /** Two or four lanes to lanes twice as wide. */
    private static Step expand(Instruction i, @Nullable AddressForm address, Convert convert) {
        int d = 4 * i.operand(0).register();
        boolean wide = i.vectorLength() == 256;
        return FloatSource.bind(i, address, (cpu, b0, b1, b2, b3) -> {
            SoftFloat f = SseConversions.begin(cpu);
            int m = cpu.mxcsr;
            long r0 = convert.of(f, m, b0);
            long r1 = convert.of(f, m, b0 >>> 32);
            long r2 = wide ? convert.of(f, m, b1) : 0;
            long r3 = wide ? convert.of(f, m, b1 >>> 32) : 0;
            VexArithmetic.finish(cpu, f, d, r0, r1, r2, r3);
        });
    }

    /** Two or four lanes to lanes half as wide; what is above them is cleared. */
    private static Step shrink(Instruction i, @Nullable AddressForm address, Convert convert) {
        int d = 4 * i.operand(0).register();
        boolean wide = i.vectorLength() == 256;
        return FloatSource.bind(i, address, (cpu, b0, b1, b2, b3) -> {
            SoftFloat f = SseConversions.begin(cpu);
            int m = cpu.mxcsr;
            long r0 = convert.of(f, m, b0) & 0xFFFF_FFFFL | convert.of(f, m, b1) << 32;
            long r1 = wide ? convert.of(f, m, b2) & 0xFFFF_FFFFL | convert.of(f, m, b3) << 32 : 0;
            VexArithmetic.finish(cpu, f, d, r0, r1, 0, 0);
        });
    }
}
