package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Step;
import chronovisor.cpu.softfloat.SoftFloat;
import chronovisor.isa.Instruction;
import org.jspecify.annotations.Nullable;

/** Floating point across lanes: ADDSUBPD to HSUBPS. */
final class SsePairs {

    private SsePairs() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        FloatPairs pairs = FloatPairs.of(i.operation());
        if (pairs == null) {
            return null;
        }
        int d = 4 * i.operand(0).register();
        int s = 4 * i.operand(1).register();
        if (address == null) {
            return cpu -> execute(cpu, d, cpu.xmm[s], cpu.xmm[s + 1], pairs);
        }
        return cpu -> {
            long a = Access.aligned(cpu, address);
            long bLow = cpu.mmu.load64(a);
            execute(cpu, d, bLow, cpu.mmu.load64(a + 8), pairs);
        };
    }

    private static void execute(Cpu cpu, int d, long bLow, long bHigh, FloatPairs pairs) {
        SoftFloat f = cpu.x87.soft;
        f.flags = 0;
        long[] x = cpu.xmm;
        long resultLow = pairs.low().of(f, cpu.mxcsr, x[d], x[d + 1], bLow, bHigh);
        long resultHigh = pairs.high().of(f, cpu.mxcsr, x[d], x[d + 1], bLow, bHigh);
        if (f.flags != 0) {
            SseFloat.commit(cpu, f.flags);
        }
        x[d] = resultLow;
        x[d + 1] = resultHigh;
    }
}
