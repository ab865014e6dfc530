package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Step;
import chronovisor.cpu.softfloat.SoftFloat;
import chronovisor.isa.Instruction;
import org.jspecify.annotations.Nullable;

/** Steps of floating-point operations whose halves depend on all of both operands. */
final class SsePairs {

    private SsePairs() {}

    /** One half of a result. */
    @FunctionalInterface
    interface Half {
        long of(SoftFloat f, int mxcsr, long aLow, long aHigh, long bLow, long bHigh);
    }

    static Step step(Instruction i, @Nullable AddressForm address, Half low, Half high) {
        int d = 4 * i.operand(0).register();
        int s = 4 * i.operand(1).register();
        if (address == null) {
            return cpu -> execute(cpu, d, cpu.xmm[s], cpu.xmm[s + 1], low, high);
        }
        return cpu -> {
            long a = Access.aligned(cpu, address);
            long bLow = cpu.mmu.load64(a);
            execute(cpu, d, bLow, cpu.mmu.load64(a + 8), low, high);
        };
    }

    private static void execute(Cpu cpu, int d, long bLow, long bHigh, Half low, Half high) {
        SoftFloat f = cpu.x87.soft;
        f.flags = 0;
        long[] x = cpu.xmm;
        long resultLow = low.of(f, cpu.mxcsr, x[d], x[d + 1], bLow, bHigh);
        long resultHigh = high.of(f, cpu.mxcsr, x[d], x[d + 1], bLow, bHigh);
        if (f.flags != 0) {
            SseFloat.commit(cpu, f.flags);
        }
        x[d] = resultLow;
        x[d + 1] = resultHigh;
    }
}
