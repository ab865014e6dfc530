package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Step;
import chronovisor.isa.Instruction;
import org.jspecify.annotations.Nullable;

/**
 * VMASKMOVPS, VMASKMOVPD, VPMASKMOVD and VPMASKMOVQ: only elements whose sign bit in the mask is set are touched, so only they can
 * fault, the lowest first; a fault leaves register and memory as they were.
 */
final class VexMasked {

    private VexMasked() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        if (address == null) {
            return null;
        }
        return switch (i.operation()) {
            case VMASKMOVPS, VPMASKMOVD -> i.operand(0).isMemory() ? store(i, address, 32) : load(i, address, 32);
            case VMASKMOVPD, VPMASKMOVQ -> i.operand(0).isMemory() ? store(i, address, 64) : load(i, address, 64);
            default -> null;
        };
    }

    private static long signs(long[] x, int mask, int bits) {
        return LaneFamilies.signs(x[mask], bits);
    }

    private static Step load(Instruction i, AddressForm address, int bits) {
        int d = VexLanes.destination(i);
        int mask = VexLanes.register(i, 1);
        boolean wide = i.vectorLength() == 256;
        return cpu -> {
            long at = address.of(cpu);
            long[] x = cpu.xmm;
            long b0 = load(cpu, at, signs(x, mask, bits));
            long b1 = load(cpu, at + 8, signs(x, mask + 1, bits));
            long b2 = wide ? load(cpu, at + 16, signs(x, mask + 2, bits)) : 0;
            long b3 = wide ? load(cpu, at + 24, signs(x, mask + 3, bits)) : 0;
            x[d] = b0;
            x[d + 1] = b1;
            x[d + 2] = b2;
            x[d + 3] = b3;
        };
    }

    /** 64 bits of memory where {@code chosen} is ones, which it is by halves. */
    private static long load(Cpu cpu, long at, long chosen) {
        if (chosen == -1) {
            return cpu.mmu.load64(at);
        }
        if (chosen == 0) {
            return 0;
        }
        return chosen > 0 ? cpu.mmu.load32(at) & 0xFFFF_FFFFL : (long) cpu.mmu.load32(at + 4) << 32;
    }

    private static Step store(Instruction i, AddressForm address, int bits) {
        int mask = VexLanes.register(i, 1);
        int s = VexLanes.register(i, 2);
        int longs = i.vectorLength() / 64;
        return cpu -> {
            long at = address.of(cpu);
            long[] x = cpu.xmm;
            for (int k = 0; k < longs; k++) {
                check(cpu, at + 8L * k, signs(x, mask + k, bits));
            }
            for (int k = 0; k < longs; k++) {
                store(cpu, at + 8L * k, x[s + k], signs(x, mask + k, bits));
            }
        };
    }

    private static void check(Cpu cpu, long at, long chosen) {
        if (chosen == -1) {
            cpu.mmu.checkWrite(at, 8);
        } else if (chosen != 0) {
            cpu.mmu.checkWrite(chosen > 0 ? at : at + 4, 4);
        }
    }

    private static void store(Cpu cpu, long at, long value, long chosen) {
        if (chosen == -1) {
            cpu.mmu.store64(at, value);
        } else if (chosen > 0) {
            cpu.mmu.store32(at, (int) value);
        } else if (chosen != 0) {
            cpu.mmu.store32(at + 4, (int) (value >>> 32));
        }
    }
}
