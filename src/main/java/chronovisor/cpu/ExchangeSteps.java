package chronovisor.cpu;

import chronovisor.isa.Instruction;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** XCHG, XADD, CMPXCHG, CMPXCHG8B, CMPXCHG16B (SDM vol. 2). All cores of a machine share one host thread, so LOCK costs nothing. */
final class ExchangeSteps {
    private ExchangeSteps() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        return switch (i.operation()) {
            case XCHG -> exchange(Place.of(i, 0, address), Place.of(i, 1, address), i.operand(0).isMemory());
            case XADD -> add(i, Place.of(i, 0, address), Place.of(i, 1, address));
            case CMPXCHG -> compare(i, Place.of(i, 0, address), Place.of(i, 1, address));
            case CMPXCHG8B -> compare8(Objects.requireNonNull(address));
            case CMPXCHG16B -> compare16(Objects.requireNonNull(address));
            default -> null;
        };
    }

    private static Step exchange(Place first, Place second, boolean firstInMemory) {
        Place a = firstInMemory ? first : second;
        Place b = firstInMemory ? second : first;
        return cpu -> {
            // The memory operand is written first: its address may depend on the register.
            long x = a.update(cpu);
            long y = b.get(cpu);
            a.set(cpu, y);
            b.set(cpu, x);
        };
    }

    private static Step add(Instruction i, Place d, Place s) {
        int bits = i.operandSize();
        boolean memory = i.operand(0).isMemory();
        return cpu -> {
            long a = d.update(cpu);
            long b = s.get(cpu);
            long r = a + b;
            if (memory) {
                d.set(cpu, r);
                s.set(cpu, a);
            } else {
                // XADD of a register with itself leaves the sum.
                s.set(cpu, a);
                d.set(cpu, r);
            }
            cpu.flagResult = Flags.extend(bits, r);
            cpu.flagAux = Flags.addAux(bits, a, b, r);
        };
    }

    private static Step compare(Instruction i, Place d, Place s) {
        int bits = i.operandSize();
        Place accumulator = Place.register(0, bits);
        return cpu -> {
            long old = d.update(cpu);
            long a = accumulator.get(cpu);
            long r = a - old;
            if (Flags.mask(bits, r) == 0) {
                d.set(cpu, s.get(cpu));
            } else {
                // A register destination is not written, not even zero-extended; memory would get its own value back.
                accumulator.set(cpu, old);
            }
            cpu.flagResult = Flags.extend(bits, r);
            cpu.flagAux = Flags.subAux(bits, a, old, r);
        };
    }

    private static void zero(Cpu cpu, boolean zero) {
        long f = cpu.rflags();
        cpu.arithmeticFlags(zero ? f | Flags.ZF : f & ~(long) Flags.ZF);
    }

    private static Step compare8(AddressForm address) {
        Place eax = Place.register(0, 32);
        Place edx = Place.register(2, 32);
        return cpu -> {
            long va = address.of(cpu);
            cpu.mmu.checkWrite(va, 8);
            long old = cpu.mmu.load64(va);
            boolean equal = old == (edx.get(cpu) << 32 | eax.get(cpu));
            if (equal) {
                cpu.mmu.store64(va, cpu.gpr[1] << 32 | cpu.gpr[3] & 0xFFFF_FFFFL);
            } else {
                eax.set(cpu, old);
                edx.set(cpu, old >>> 32);
            }
            zero(cpu, equal);
        };
    }

    private static Step compare16(AddressForm address) {
        return cpu -> {
            long va = address.of(cpu);
            if ((va & 15) != 0) {
                throw cpu.raise(Vector.GP, 0);
            }
            cpu.mmu.checkWrite(va, 16);
            long low = cpu.mmu.load64(va);
            long high = cpu.mmu.load64(va + 8);
            boolean equal = low == cpu.gpr[0] && high == cpu.gpr[2];
            if (equal) {
                cpu.mmu.store64(va, cpu.gpr[3]);
                cpu.mmu.store64(va + 8, cpu.gpr[1]);
            } else {
                cpu.gpr[0] = low;
                cpu.gpr[2] = high;
            }
            zero(cpu, equal);
        };
    }
}
