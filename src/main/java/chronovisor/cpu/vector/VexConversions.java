package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Step;
import chronovisor.cpu.softfloat.SoftFloat;
import chronovisor.cpu.vector.SseConversions.Convert;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operation;
import org.jspecify.annotations.Nullable;

/** VEX-encoded conversions between packed lanes of different sizes; the others are {@link SseConversions}'s. */
final class VexConversions {

    private VexConversions() {}

    /** The step of such a conversion, given its SSE twin; null when it is none. */
    static @Nullable Step resized(Instruction i, @Nullable AddressForm address, Operation operation) {
        Convert expansion = SseConversions.expansion(operation);
        if (expansion != null) {
            return expand(i, address, expansion);
        }
        Convert shrinking = SseConversions.shrinking(operation);
        return shrinking == null ? null : shrink(i, address, shrinking);
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
