package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Step;
import chronovisor.cpu.Vector;
import chronovisor.cpu.x87.X87;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/** What MMX instructions have in common: they share the x87's registers and its pending exceptions (SDM vol. 1, 9.5). */
final class MmxFamilies {

    private MmxFamilies() {}

    /** #MF when an x87 exception is pending (SDM vol. 3, table 23-2). */
    static void check(Cpu cpu) {
        if ((cpu.x87.status & X87.ERROR_SUMMARY) != 0) {
            throw cpu.raise(Vector.MF, 0);
        }
    }

    static boolean isMmx(Instruction i) {
        for (int k = 0; k < i.operandCount(); k++) {
            if (i.operand(k).kind() == Operand.Kind.MMX) {
                return true;
            }
        }
        return false;
    }

    /** {@code mm = operation(mm, mm/m64)}; the memory operand has 32 bits for the low unpacks. */
    static Step binary(Instruction i, @Nullable AddressForm address, LongBinaryOperator operation) {
        int d = i.operand(0).register();
        if (address == null) {
            int s = i.operand(1).register();
            return cpu -> {
                check(cpu);
                X87 f = cpu.x87;
                f.mmx(d, operation.applyAsLong(f.significand[d], f.significand[s]));
            };
        }
        if (i.operand(1).bits() == 32) {
            return cpu -> {
                check(cpu);
                long b = cpu.mmu.load32(address.of(cpu)) & 0xFFFF_FFFFL;
                cpu.x87.mmx(d, operation.applyAsLong(cpu.x87.significand[d], b));
            };
        }
        return cpu -> {
            check(cpu);
            long b = cpu.mmu.load64(address.of(cpu));
            cpu.x87.mmx(d, operation.applyAsLong(cpu.x87.significand[d], b));
        };
    }

    /** {@code mm = operation(mm, constant)}. */
    static Step constant(Instruction i, LongBinaryOperator operation, long value) {
        int d = i.operand(0).register();
        return cpu -> {
            check(cpu);
            cpu.x87.mmx(d, operation.applyAsLong(cpu.x87.significand[d], value));
        };
    }

    /** DS:[RDI] of MASKMOVQ and MASKMOVDQU, when the instruction does not spell it out as an operand. */
    static AddressForm stringDestination(Instruction i) {
        long mask = i.addressSize() == 32 ? 0xFFFF_FFFFL : -1;
        int segment = i.segmentOverride();
        if (segment == Operand.FS) {
            return cpu -> cpu.fsBase + (cpu.gpr[7] & mask);
        }
        if (segment == Operand.GS) {
            return cpu -> cpu.gsBase + (cpu.gpr[7] & mask);
        }
        return cpu -> cpu.gpr[7] & mask;
    }
}
