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
 * VEX-encoded arithmetic, comparison and rounding in single and double precision (SDM vol. 1, 14.1): up to 256 bits, a destination of
 * its own, memory aligned or not. Scalars take the bits above them from the first source; bits above the vector length are cleared.
 */
final class VexArithmetic {

    private VexArithmetic() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        Operation operation = VexTwin.of(i.operation());
        if (operation == null || i.operandCount() == 0) {
            return null;
        }
        boolean scalar = i.operand(0).bits() < 128;
        Lane32 single = FloatLanes.of32(operation, FloatLanes.control(i));
        if (single != null) {
            return scalar
                    ? ss(i, address, single)
                    : packed(i, address, (f, m, a, b) -> FloatLanes.two(f, m, a, b, single));
        }
        Lane64 real = FloatLanes.of64(operation, FloatLanes.control(i));
        if (real != null) {
            return scalar ? sd(i, address, real) : packed(i, address, real);
        }
        FloatPairs pairs = FloatPairs.of(operation);
        return pairs == null ? null : pairs(i, address, pairs);
    }

    /** Where the first source starts; of instructions with one source, whose lanes ignore it, the destination. */
    private static int first(Instruction i) {
        return 4 * i.operand(FloatSource.index(i) == 1 ? 0 : 1).register();
    }

    private static Step ss(Instruction i, @Nullable AddressForm address, Lane32 lane) {
        int d = 4 * i.operand(0).register();
        int a = first(i);
        return FloatSource.bind(i, address, (cpu, b, b1, b2, b3) -> {
            SoftFloat f = cpu.x87.soft;
            f.flags = 0;
            int r = lane.of(f, cpu.mxcsr, (int) cpu.xmm[a], (int) b);
            if (f.flags != 0) {
                SseFloat.commit(cpu, f.flags);
            }
            scalar(cpu, d, a, SseFloat.merge(cpu.xmm[a], r));
        });
    }

    private static Step sd(Instruction i, @Nullable AddressForm address, Lane64 lane) {
        int d = 4 * i.operand(0).register();
        int a = first(i);
        return FloatSource.bind(i, address, (cpu, b, b1, b2, b3) -> {
            SoftFloat f = cpu.x87.soft;
            f.flags = 0;
            long r = lane.of(f, cpu.mxcsr, cpu.xmm[a], b);
            if (f.flags != 0) {
                SseFloat.commit(cpu, f.flags);
            }
            scalar(cpu, d, a, r);
        });
    }

    /** Sets the destination of a scalar instruction: the low quarter, the next from the first source. */
    static void scalar(Cpu cpu, int d, int a, long low) {
        long[] x = cpu.xmm;
        x[d] = low;
        x[d + 1] = x[a + 1];
        x[d + 2] = 0;
        x[d + 3] = 0;
    }

    private static Step packed(Instruction i, @Nullable AddressForm address, Lane64 lane) {
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
