package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Step;
import chronovisor.isa.Instruction;
import chronovisor.memory.HostMemory;
import org.jspecify.annotations.Nullable;

/**
 * The packed operations that string functions and compilers use most, without a call through an interface: what {@link VexPacked} says
 * of them, written out. Registers in both lengths, memory at 256 bits.
 */
final class VexHot {

    private VexHot() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        if (address != null && i.vectorLength() != 256) {
            return null;
        }
        return switch (i.operation()) {
            case VPXOR, VXORPS, VXORPD -> address == null ? xor(i) : xor(i, address);
            case VPOR, VORPS, VORPD -> address == null ? or(i) : or(i, address);
            case VPAND, VANDPS, VANDPD -> address == null ? and(i) : and(i, address);
            case VPANDN, VANDNPS, VANDNPD -> address == null ? andNot(i) : andNot(i, address);
            case VPCMPEQB -> address == null ? equalBytes(i) : equalBytes(i, address);
            case VPMINUB -> address == null ? minBytes(i) : minBytes(i, address);
            case VPADDD -> address == null ? addDwords(i) : addDwords(i, address);
            case VPADDQ -> address == null ? addQwords(i) : addQwords(i, address);
            case VPSUBB -> address == null ? subtractBytes(i) : subtractBytes(i, address);
            default -> null;
        };
    }

    /** What a register's upper half keeps of its result. */
    private static long upper(Instruction i) {
        return i.vectorLength() == 256 ? -1 : 0;
    }

    private static Step xor(Instruction i) {
        int d = VexLanes.destination(i);
        int a = VexLanes.a(i);
        int b = VexLanes.b(i);
        long upper = upper(i);
        return cpu -> {
            long[] x = cpu.xmm;
            x[d] = x[a] ^ x[b];
            x[d + 1] = x[a + 1] ^ x[b + 1];
            x[d + 2] = (x[a + 2] ^ x[b + 2]) & upper;
            x[d + 3] = (x[a + 3] ^ x[b + 3]) & upper;
        };
    }

    private static Step xor(Instruction i, AddressForm address) {
        int d = VexLanes.destination(i);
        int a = VexLanes.a(i);
        return cpu -> {
            long b = cpu.mmu.view(address.of(cpu), 32);
            long[] x = cpu.xmm;
            x[d] = x[a] ^ HostMemory.get64(b);
            x[d + 1] = x[a + 1] ^ HostMemory.get64(b + 8);
            x[d + 2] = x[a + 2] ^ HostMemory.get64(b + 16);
            x[d + 3] = x[a + 3] ^ HostMemory.get64(b + 24);
        };
    }

    private static Step or(Instruction i) {
        int d = VexLanes.destination(i);
        int a = VexLanes.a(i);
        int b = VexLanes.b(i);
        long upper = upper(i);
        return cpu -> {
            long[] x = cpu.xmm;
            x[d] = x[a] | x[b];
            x[d + 1] = x[a + 1] | x[b + 1];
            x[d + 2] = (x[a + 2] | x[b + 2]) & upper;
            x[d + 3] = (x[a + 3] | x[b + 3]) & upper;
        };
    }

    private static Step or(Instruction i, AddressForm address) {
        int d = VexLanes.destination(i);
        int a = VexLanes.a(i);
        return cpu -> {
            long b = cpu.mmu.view(address.of(cpu), 32);
            long[] x = cpu.xmm;
            x[d] = x[a] | HostMemory.get64(b);
            x[d + 1] = x[a + 1] | HostMemory.get64(b + 8);
            x[d + 2] = x[a + 2] | HostMemory.get64(b + 16);
            x[d + 3] = x[a + 3] | HostMemory.get64(b + 24);
        };
    }

    private static Step and(Instruction i) {
        int d = VexLanes.destination(i);
        int a = VexLanes.a(i);
        int b = VexLanes.b(i);
        long upper = upper(i);
        return cpu -> {
            long[] x = cpu.xmm;
            x[d] = x[a] & x[b];
            x[d + 1] = x[a + 1] & x[b + 1];
            x[d + 2] = (x[a + 2] & x[b + 2]) & upper;
            x[d + 3] = (x[a + 3] & x[b + 3]) & upper;
        };
    }

    private static Step and(Instruction i, AddressForm address) {
        int d = VexLanes.destination(i);
        int a = VexLanes.a(i);
        return cpu -> {
            long b = cpu.mmu.view(address.of(cpu), 32);
            long[] x = cpu.xmm;
            x[d] = x[a] & HostMemory.get64(b);
            x[d + 1] = x[a + 1] & HostMemory.get64(b + 8);
            x[d + 2] = x[a + 2] & HostMemory.get64(b + 16);
            x[d + 3] = x[a + 3] & HostMemory.get64(b + 24);
        };
    }

    private static Step andNot(Instruction i) {
        int d = VexLanes.destination(i);
        int a = VexLanes.a(i);
        int b = VexLanes.b(i);
        long upper = upper(i);
        return cpu -> {
            long[] x = cpu.xmm;
            x[d] = ~x[a] & x[b];
            x[d + 1] = ~x[a + 1] & x[b + 1];
            x[d + 2] = (~x[a + 2] & x[b + 2]) & upper;
            x[d + 3] = (~x[a + 3] & x[b + 3]) & upper;
        };
    }

    private static Step andNot(Instruction i, AddressForm address) {
        int d = VexLanes.destination(i);
        int a = VexLanes.a(i);
        return cpu -> {
            long b = cpu.mmu.view(address.of(cpu), 32);
            long[] x = cpu.xmm;
            x[d] = ~x[a] & HostMemory.get64(b);
            x[d + 1] = ~x[a + 1] & HostMemory.get64(b + 8);
            x[d + 2] = ~x[a + 2] & HostMemory.get64(b + 16);
            x[d + 3] = ~x[a + 3] & HostMemory.get64(b + 24);
        };
    }

    private static Step equalBytes(Instruction i) {
        int d = VexLanes.destination(i);
        int a = VexLanes.a(i);
        int b = VexLanes.b(i);
        long upper = upper(i);
        return cpu -> {
            long[] x = cpu.xmm;
            x[d] = PackedInteger.equalBytes(x[a], x[b]);
            x[d + 1] = PackedInteger.equalBytes(x[a + 1], x[b + 1]);
            x[d + 2] = PackedInteger.equalBytes(x[a + 2], x[b + 2]) & upper;
            x[d + 3] = PackedInteger.equalBytes(x[a + 3], x[b + 3]) & upper;
        };
    }

    private static Step equalBytes(Instruction i, AddressForm address) {
        int d = VexLanes.destination(i);
        int a = VexLanes.a(i);
        return cpu -> {
            long b = cpu.mmu.view(address.of(cpu), 32);
            long[] x = cpu.xmm;
            x[d] = PackedInteger.equalBytes(x[a], HostMemory.get64(b));
            x[d + 1] = PackedInteger.equalBytes(x[a + 1], HostMemory.get64(b + 8));
            x[d + 2] = PackedInteger.equalBytes(x[a + 2], HostMemory.get64(b + 16));
            x[d + 3] = PackedInteger.equalBytes(x[a + 3], HostMemory.get64(b + 24));
        };
    }

    private static Step minBytes(Instruction i) {
        int d = VexLanes.destination(i);
        int a = VexLanes.a(i);
        int b = VexLanes.b(i);
        long upper = upper(i);
        return cpu -> {
            long[] x = cpu.xmm;
            x[d] = PackedInteger.minUnsignedBytes(x[a], x[b]);
            x[d + 1] = PackedInteger.minUnsignedBytes(x[a + 1], x[b + 1]);
            x[d + 2] = PackedInteger.minUnsignedBytes(x[a + 2], x[b + 2]) & upper;
            x[d + 3] = PackedInteger.minUnsignedBytes(x[a + 3], x[b + 3]) & upper;
        };
    }

    private static Step minBytes(Instruction i, AddressForm address) {
        int d = VexLanes.destination(i);
        int a = VexLanes.a(i);
        return cpu -> {
            long b = cpu.mmu.view(address.of(cpu), 32);
            long[] x = cpu.xmm;
            x[d] = PackedInteger.minUnsignedBytes(x[a], HostMemory.get64(b));
            x[d + 1] = PackedInteger.minUnsignedBytes(x[a + 1], HostMemory.get64(b + 8));
            x[d + 2] = PackedInteger.minUnsignedBytes(x[a + 2], HostMemory.get64(b + 16));
            x[d + 3] = PackedInteger.minUnsignedBytes(x[a + 3], HostMemory.get64(b + 24));
        };
    }

    private static Step addDwords(Instruction i) {
        int d = VexLanes.destination(i);
        int a = VexLanes.a(i);
        int b = VexLanes.b(i);
        long upper = upper(i);
        return cpu -> {
            long[] x = cpu.xmm;
            x[d] = PackedInteger.addDwords(x[a], x[b]);
            x[d + 1] = PackedInteger.addDwords(x[a + 1], x[b + 1]);
            x[d + 2] = PackedInteger.addDwords(x[a + 2], x[b + 2]) & upper;
            x[d + 3] = PackedInteger.addDwords(x[a + 3], x[b + 3]) & upper;
        };
    }

    private static Step addDwords(Instruction i, AddressForm address) {
        int d = VexLanes.destination(i);
        int a = VexLanes.a(i);
        return cpu -> {
            long b = cpu.mmu.view(address.of(cpu), 32);
            long[] x = cpu.xmm;
            x[d] = PackedInteger.addDwords(x[a], HostMemory.get64(b));
            x[d + 1] = PackedInteger.addDwords(x[a + 1], HostMemory.get64(b + 8));
            x[d + 2] = PackedInteger.addDwords(x[a + 2], HostMemory.get64(b + 16));
            x[d + 3] = PackedInteger.addDwords(x[a + 3], HostMemory.get64(b + 24));
        };
    }

    private static Step addQwords(Instruction i) {
        int d = VexLanes.destination(i);
        int a = VexLanes.a(i);
        int b = VexLanes.b(i);
        long upper = upper(i);
        return cpu -> {
            long[] x = cpu.xmm;
            x[d] = x[a] + x[b];
            x[d + 1] = x[a + 1] + x[b + 1];
            x[d + 2] = (x[a + 2] + x[b + 2]) & upper;
            x[d + 3] = (x[a + 3] + x[b + 3]) & upper;
        };
    }

    private static Step addQwords(Instruction i, AddressForm address) {
        int d = VexLanes.destination(i);
        int a = VexLanes.a(i);
        return cpu -> {
            long b = cpu.mmu.view(address.of(cpu), 32);
            long[] x = cpu.xmm;
            x[d] = x[a] + HostMemory.get64(b);
            x[d + 1] = x[a + 1] + HostMemory.get64(b + 8);
            x[d + 2] = x[a + 2] + HostMemory.get64(b + 16);
            x[d + 3] = x[a + 3] + HostMemory.get64(b + 24);
        };
    }

    private static Step subtractBytes(Instruction i) {
        int d = VexLanes.destination(i);
        int a = VexLanes.a(i);
        int b = VexLanes.b(i);
        long upper = upper(i);
        return cpu -> {
            long[] x = cpu.xmm;
            x[d] = PackedInteger.subtractBytes(x[a], x[b]);
            x[d + 1] = PackedInteger.subtractBytes(x[a + 1], x[b + 1]);
            x[d + 2] = PackedInteger.subtractBytes(x[a + 2], x[b + 2]) & upper;
            x[d + 3] = PackedInteger.subtractBytes(x[a + 3], x[b + 3]) & upper;
        };
    }

    private static Step subtractBytes(Instruction i, AddressForm address) {
        int d = VexLanes.destination(i);
        int a = VexLanes.a(i);
        return cpu -> {
            long b = cpu.mmu.view(address.of(cpu), 32);
            long[] x = cpu.xmm;
            x[d] = PackedInteger.subtractBytes(x[a], HostMemory.get64(b));
            x[d + 1] = PackedInteger.subtractBytes(x[a + 1], HostMemory.get64(b + 8));
            x[d + 2] = PackedInteger.subtractBytes(x[a + 2], HostMemory.get64(b + 16));
            x[d + 3] = PackedInteger.subtractBytes(x[a + 3], HostMemory.get64(b + 24));
        };
    }
}
