package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Step;
import chronovisor.cpu.vector.Lane.Half;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The operands of VEX-encoded instructions: {@code (destination, a, b/memory)}, or {@code (destination, b/memory)} where b stands for a
 * too, each with or without an immediate after them. Numbers of registers are places of their bits 0 to 63 in {@link Cpu#xmm}.
 */
final class VexLanes {

    private VexLanes() {}

    static int register(Instruction i, int operand) {
        return 4 * i.operand(operand).register();
    }

    static int destination(Instruction i) {
        return register(i, 0);
    }

    private static int last(Instruction i) {
        int last = i.operandCount() - 1;
        return i.operand(last).kind() == Operand.Kind.IMMEDIATE ? last - 1 : last;
    }

    /** The first source; with a source in memory alone, any register. */
    static int a(Instruction i) {
        return i.operand(1).isMemory() ? destination(i) : register(i, 1);
    }

    /** The last source, when it is a register. */
    static int b(Instruction i) {
        return register(i, last(i));
    }

    static void clearUpper(long[] x, int d) {
        x[d + 2] = 0;
        x[d + 3] = 0;
    }

    /** A step whose result of 128 bits clears the upper half of its register. */
    static Step clearing(Instruction i, Step step) {
        int d = destination(i);
        return cpu -> {
            step.execute(cpu);
            clearUpper(cpu.xmm, d);
        };
    }

    /** {@code destination = operation(a, b)}, each 64 bits for themselves. */
    static Step each(Instruction i, @Nullable AddressForm address, LongBinaryOperator operation) {
        int d = destination(i);
        int a = a(i);
        boolean wide = i.vectorLength() == 256;
        if (address == null) {
            int b = b(i);
            return wide ? cpu -> {
                long[] x = cpu.xmm;
                x[d] = operation.applyAsLong(x[a], x[b]);
                x[d + 1] = operation.applyAsLong(x[a + 1], x[b + 1]);
                x[d + 2] = operation.applyAsLong(x[a + 2], x[b + 2]);
                x[d + 3] = operation.applyAsLong(x[a + 3], x[b + 3]);
            } : cpu -> {
                long[] x = cpu.xmm;
                x[d] = operation.applyAsLong(x[a], x[b]);
                x[d + 1] = operation.applyAsLong(x[a + 1], x[b + 1]);
                clearUpper(x, d);
            };
        }
        return wide ? cpu -> {
            long at = address.of(cpu);
            long b0 = cpu.mmu.load64(at);
            long b1 = cpu.mmu.load64(at + 8);
            long b2 = cpu.mmu.load64(at + 16);
            long b3 = cpu.mmu.load64(at + 24);
            long[] x = cpu.xmm;
            x[d] = operation.applyAsLong(x[a], b0);
            x[d + 1] = operation.applyAsLong(x[a + 1], b1);
            x[d + 2] = operation.applyAsLong(x[a + 2], b2);
            x[d + 3] = operation.applyAsLong(x[a + 3], b3);
        } : cpu -> {
            long at = address.of(cpu);
            long b0 = cpu.mmu.load64(at);
            long b1 = cpu.mmu.load64(at + 8);
            long[] x = cpu.xmm;
            x[d] = operation.applyAsLong(x[a], b0);
            x[d + 1] = operation.applyAsLong(x[a + 1], b1);
            clearUpper(x, d);
        };
    }

    /** {@code destination = (lower lane, upper lane)(a, b)}. */
    static Step lanes(Instruction i, @Nullable AddressForm address, Lane lower, Lane upper) {
        int d = destination(i);
        int a = a(i);
        boolean wide = i.vectorLength() == 256;
        if (address == null) {
            int b = b(i);
            return wide ? cpu -> {
                long[] x = cpu.xmm;
                apply(upper, x, d + 2, a + 2, x[b + 2], x[b + 3]);
                apply(lower, x, d, a, x[b], x[b + 1]);
            } : cpu -> {
                long[] x = cpu.xmm;
                apply(lower, x, d, a, x[b], x[b + 1]);
                clearUpper(x, d);
            };
        }
        return wide ? cpu -> {
            long at = address.of(cpu);
            long b0 = cpu.mmu.load64(at);
            long b1 = cpu.mmu.load64(at + 8);
            long b2 = cpu.mmu.load64(at + 16);
            long b3 = cpu.mmu.load64(at + 24);
            apply(lower, cpu.xmm, d, a, b0, b1);
            apply(upper, cpu.xmm, d + 2, a + 2, b2, b3);
        } : cpu -> {
            long at = address.of(cpu);
            long b0 = cpu.mmu.load64(at);
            long b1 = cpu.mmu.load64(at + 8);
            apply(lower, cpu.xmm, d, a, b0, b1);
            clearUpper(cpu.xmm, d);
        };
    }

    private static void apply(Lane lane, long[] x, int d, int a, long bLow, long bHigh) {
        Half low = lane.low();
        Half high = lane.high();
        long aLow = x[a];
        long aHigh = x[a + 1];
        x[d] = low.of(aLow, aHigh, bLow, bHigh);
        x[d + 1] = high.of(aLow, aHigh, bLow, bHigh);
    }
}
