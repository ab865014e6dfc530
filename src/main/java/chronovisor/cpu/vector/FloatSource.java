package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Step;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import org.jspecify.annotations.Nullable;

/** The last vector operand of a floating-point instruction, the only one that can be in memory. */
final class FloatSource {

    private FloatSource() {}

    /** What happens to the operand: its quarters from the lowest. Those above its size mean nothing. */
    @FunctionalInterface
    interface Body {
        void execute(Cpu cpu, long b0, long b1, long b2, long b3);
    }

    /** The operand's index: it is the last that is no immediate. */
    static int index(Instruction i) {
        int last = i.operandCount() - 1;
        return i.operand(last).kind() == Operand.Kind.IMMEDIATE ? last - 1 : last;
    }

    /** A step that reads the operand, then executes {@code body}. Memory of 128 bits must be aligned unless VEX-encoded. */
    static Step bind(Instruction i, @Nullable AddressForm address, Body body) {
        Operand source = i.operand(index(i));
        if (address == null) {
            int s = 4 * source.register();
            return cpu -> {
                long[] x = cpu.xmm;
                body.execute(cpu, x[s], x[s + 1], x[s + 2], x[s + 3]);
            };
        }
        boolean aligned = i.vectorLength() == 0;
        return switch (source.bits()) {
            case 32 -> cpu -> body.execute(cpu, cpu.mmu.load32(address.of(cpu)), 0, 0, 0);
            case 64 -> cpu -> body.execute(cpu, cpu.mmu.load64(address.of(cpu)), 0, 0, 0);
            case 128 -> cpu -> {
                long a = Access.address(cpu, address, aligned);
                long low = cpu.mmu.load64(a);
                body.execute(cpu, low, cpu.mmu.load64(a + 8), 0, 0);
            };
            case 256 -> cpu -> {
                long a = address.of(cpu);
                long b0 = cpu.mmu.load64(a);
                long b1 = cpu.mmu.load64(a + 8);
                long b2 = cpu.mmu.load64(a + 16);
                body.execute(cpu, b0, b1, b2, cpu.mmu.load64(a + 24));
            };
            default -> throw new IllegalArgumentException("a vector operand of " + source.bits() + " bits: " + i);
        };
    }

    /** Clears bits 128 to 255 of the register that starts at {@code d}, as VEX-encoded instructions of 128 bits do. */
    static void clearUpper(Cpu cpu, int d) {
        cpu.xmm[d + 2] = 0;
        cpu.xmm[d + 3] = 0;
    }
}
