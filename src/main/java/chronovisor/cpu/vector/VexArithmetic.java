package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Step;
import chronovisor.cpu.softfloat.SoftFloat;
import chronovisor.cpu.vector.FloatLanes.Lane32;
import chronovisor.cpu.vector.FloatLanes.Lane64;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operation;
import org.jspecify.annotations.Nullable;

/**
 * Packed VEX-encoded arithmetic, comparison and rounding in single and double precision (SDM vol. 1, 14.1): up to 256 bits, a
 * destination of its own, memory aligned or not; bits above the vector length are cleared.
 */
final class VexArithmetic {

    private VexArithmetic() {}

    /** Operations on 128 bits at a time; the lanes' are {@link SseArithmetic}'s. */
    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        Operation operation = VexTwin.of(i.operation());
        FloatPairs pairs = operation == null ? null : FloatPairs.of(operation);
        return pairs == null ? null : pairs(i, address, pairs);
    }

    /** Where the first source starts; of instructions with one source, whose lanes ignore it, the destination. */
    private static int first(Instruction i) {
        return 4 * i.operand(FloatSource.index(i) == 1 ? 0 : 1).register();
    }

    static Step packedSingles(Instruction i, @Nullable AddressForm address, Lane32 lane) {
        return packed(i, address, (f, m, a, b) -> FloatLanes.two(f, m, a, b, lane));
    }

    static Step packed(Instruction i, @Nullable AddressForm address, Lane64 lane) {
        int d = 4 * i.operand(0).register();
        int a = first(i);
        boolean wide = i.vectorLength() == 256;
        return FloatSource.bind(i, address, (cpu, b0, b1, b2, b3) -> {
            SoftFloat f = cpu.x87.soft;
            f.flags = 0;
            long[] x = cpu.xmm;
            int m = cpu.mxcsr;
            long r0 = lane.of(f, m, x[a], b0);
            long r1 = lane.of(f, m, x[a + 1], b1);
            long r2 = wide ? lane.of(f, m, x[a + 2], b2) : 0;
            long r3 = wide ? lane.of(f, m, x[a + 3], b3) : 0;
            finish(cpu, f, d, r0, r1, r2, r3);
        });
    }

    private static Step pairs(Instruction i, @Nullable AddressForm address, FloatPairs pairs) {
        int d = 4 * i.operand(0).register();
        int a = first(i);
        boolean wide = i.vectorLength() == 256;
        return FloatSource.bind(i, address, (cpu, b0, b1, b2, b3) -> {
            SoftFloat f = cpu.x87.soft;
            f.flags = 0;
            long[] x = cpu.xmm;
            int m = cpu.mxcsr;
            long r0 = pairs.low().of(f, m, x[a], x[a + 1], b0, b1);
            long r1 = pairs.high().of(f, m, x[a], x[a + 1], b0, b1);
            long r2 = wide ? pairs.low().of(f, m, x[a + 2], x[a + 3], b2, b3) : 0;
            long r3 = wide ? pairs.high().of(f, m, x[a + 2], x[a + 3], b2, b3) : 0;
            finish(cpu, f, d, r0, r1, r2, r3);
        });
    }

    /** Delivers the exceptions of all lanes, then sets the destination. */
    static void finish(Cpu cpu, SoftFloat f, int d, long r0, long r1, long r2, long r3) {
        if (f.flags != 0) {
            SseFloat.commit(cpu, f.flags);
        }
        long[] x = cpu.xmm;
        x[d] = r0;
        x[d + 1] = r1;
        x[d + 2] = r2;
        x[d + 3] = r3;
    }
}
