package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Step;
import chronovisor.isa.Instruction;
import chronovisor.memory.GuestCanonicalFault;
import chronovisor.memory.GuestPageFault;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The gathers (SDM vol. 2, VPGATHERDD): {@code (destination, memory indexed by a vector, mask)}. Elements are loaded from the lowest
 * to the highest. A fault of the guest leaves those before it loaded and their mask elements cleared, the other mask elements all
 * ones or all zeros, so that the instruction goes on where it was; a frame that is still to be made leaves no trace, because the host
 * decides on that.
 */
final class VexGather {

    private VexGather() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        return switch (i.operation()) {
            case VPGATHERDD, VGATHERDPS -> gather(i, address, 32, 32);
            case VPGATHERDQ, VGATHERDPD -> gather(i, address, 32, 64);
            case VPGATHERQD, VGATHERQPS -> gather(i, address, 64, 32);
            case VPGATHERQQ, VGATHERQPD -> gather(i, address, 64, 64);
            default -> null;
        };
    }

    private static Step gather(Instruction i, @Nullable AddressForm address, int indexBits, int bits) {
        AddressForm form = Objects.requireNonNull(address, "a gather has a memory operand");
        int d = VexLanes.destination(i);
        int index = 4 * i.operand(1).index();
        int mask = VexLanes.register(i, 2);
        int count = i.vectorLength() / Math.max(indexBits, bits);
        return cpu -> {
            long[] x = cpu.xmm;
            long[] loaded = {x[d], x[d + 1], x[d + 2], x[d + 3]};
            int done = 0;
            boolean any = false;
            try {
                for (; done < count; done++) {
                    if (element(x, mask, done, bits) < 0) {
                        cpu.vectorIndex(element(x, index, done, indexBits));
                        put(loaded, 0, done, bits, load(cpu, form.of(cpu), bits));
                        any = true;
                    }
                }
            } catch (GuestPageFault | GuestCanonicalFault fault) {
                if (any) {
                    commit(x, d, loaded, count * bits);
                }
                spread(x, mask, done, count, bits);
                throw fault;
            }
            commit(x, d, loaded, count * bits);
            Arrays.fill(x, mask, mask + 4, 0);
        };
    }

    /** Writes the destination, cleared beyond the bits that are gathered. */
    private static void commit(long[] x, int d, long[] loaded, int bits) {
        Arrays.fill(loaded, bits / 64, 4, 0);
        System.arraycopy(loaded, 0, x, d, 4);
    }

    /** What a processor leaves of the mask at a fault: nothing of the elements done, the signs of the others. */
    private static void spread(long[] x, int mask, int done, int count, int bits) {
        for (int k = 0; k < count; k++) {
            put(x, mask, k, bits, k < done ? 0 : element(x, mask, k, bits) >> 63 >>> 64 - bits);
        }
        Arrays.fill(x, mask + count * bits / 64, mask + 4, 0);
    }

    private static long load(Cpu cpu, long at, int bits) {
        return bits == 64 ? cpu.mmu.load64(at) : cpu.mmu.load32(at) & 0xFFFF_FFFFL;
    }

    /** Element {@code k} of a register, sign-extended. */
    private static long element(long[] x, int register, int k, int bits) {
        return bits == 64 ? x[register + k] : x[register + (k >>> 1)] << 32 * (~k & 1) >> 32;
    }

    private static void put(long[] x, int register, int k, int bits, long v) {
        if (bits == 64) {
            x[register + k] = v;
        } else {
            int shift = 32 * (k & 1);
            int at = register + (k >>> 1);
            x[at] = x[at] & ~(0xFFFF_FFFFL << shift) | v << shift;
        }
    }
}
