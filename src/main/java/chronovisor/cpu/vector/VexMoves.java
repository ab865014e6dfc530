package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Step;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.memory.HostMemory;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** VEX-encoded moves between vector registers, memory and general-purpose registers, and VZEROUPPER and VZEROALL. */
final class VexMoves {

    private VexMoves() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        return switch (i.operation()) {
            case VMOVAPS, VMOVAPD, VMOVDQA, VMOVNTPS, VMOVNTPD, VMOVNTDQ, VMOVNTDQA ->
                address == null ? registers(i) : aligned(i, address);
            case VMOVUPS, VMOVUPD, VMOVDQU, VLDDQU -> address == null ? registers(i) : unaligned(i, address);
            case VMOVSS -> address == null ? mergeSingle(i) : memory(i, address, 32);
            case VMOVSD -> address == null ? mergeDouble(i) : memory(i, address, 64);
            case VMOVD, VMOVQ -> moveBits(i, address);
            case VMOVLPS, VMOVLPD -> address == null ? null : half(i, address, 0);
            case VMOVHPS, VMOVHPD -> address == null ? null : half(i, address, 1);
            case VMOVHLPS -> merge(i, 1, 1);
            case VMOVLHPS -> merge(i, 0, 0);
            case VMOVDDUP -> duplicate(i, address);
            case VMOVMSKPS -> VexBits.maskPs(i);
            case VMOVMSKPD -> VexBits.maskPd(i);
            case VMASKMOVDQU -> SseMoves.maskMove(i, address);
            case VLDMXCSR -> SseMoves.loadControl(address);
            case VSTMXCSR -> SseMoves.storeControl(address);
            case VZEROUPPER -> cpu -> zeroUpper(cpu.xmm);
            case VZEROALL -> cpu -> Arrays.fill(cpu.xmm, 0);
            default -> null;
        };
    }

    private static void zeroUpper(long[] x) {
        for (int r = 2; r < 64; r += 4) {
            x[r] = 0;
            x[r + 1] = 0;
        }
    }

    private static Step registers(Instruction i) {
        int d = VexLanes.destination(i);
        int s = VexLanes.b(i);
        return i.vectorLength() == 256 ? cpu -> {
            long[] x = cpu.xmm;
            x[d] = x[s];
            x[d + 1] = x[s + 1];
            x[d + 2] = x[s + 2];
            x[d + 3] = x[s + 3];
        } : cpu -> {
            long[] x = cpu.xmm;
            x[d] = x[s];
            x[d + 1] = x[s + 1];
            VexLanes.clearUpper(x, d);
        };
    }

    private static Step aligned(Instruction i, AddressForm address) {
        boolean store = i.operand(0).isMemory();
        int r = store ? VexLanes.register(i, 1) : VexLanes.destination(i);
        if (i.vectorLength() == 256) {
            return store
                    ? cpu -> Access.store256(cpu, Access.aligned(cpu, address, 32), r)
                    : cpu -> load256(cpu, Access.aligned(cpu, address, 32), r);
        }
        return store
                ? cpu -> Access.store128(cpu, Access.aligned(cpu, address), cpu.xmm[r], cpu.xmm[r + 1])
                : cpu -> load128(cpu, Access.aligned(cpu, address), r);
    }

    private static Step unaligned(Instruction i, AddressForm address) {
        boolean store = i.operand(0).isMemory();
        int r = store ? VexLanes.register(i, 1) : VexLanes.destination(i);
        if (i.vectorLength() == 256) {
            return store
                    ? cpu -> Access.store256(cpu, address.of(cpu), r)
                    : cpu -> load256(cpu, address.of(cpu), r);
        }
        return store
                ? cpu -> Access.store128(cpu, address.of(cpu), cpu.xmm[r], cpu.xmm[r + 1])
                : cpu -> load128(cpu, address.of(cpu), r);
    }

    private static void load128(Cpu cpu, long at, int d) {
        long from = cpu.mmu.view(at, 16);
        long[] x = cpu.xmm;
        x[d] = HostMemory.get64(from);
        x[d + 1] = HostMemory.get64(from + 8);
        VexLanes.clearUpper(x, d);
    }

    private static void load256(Cpu cpu, long at, int d) {
        long from = cpu.mmu.view(at, 32);
        long[] x = cpu.xmm;
        x[d] = HostMemory.get64(from);
        x[d + 1] = HostMemory.get64(from + 8);
        x[d + 2] = HostMemory.get64(from + 16);
        x[d + 3] = HostMemory.get64(from + 24);
    }

    /** The low bits of a register to memory, or memory to the low bits of a register that is cleared otherwise. */
    private static Step memory(Instruction i, AddressForm address, int bits) {
        if (i.operand(0).isMemory()) {
            int s = VexLanes.register(i, 1);
            return bits == 32
                    ? cpu -> cpu.mmu.store32(address.of(cpu), (int) cpu.xmm[s])
                    : cpu -> cpu.mmu.store64(address.of(cpu), cpu.xmm[s]);
        }
        int d = VexLanes.destination(i);
        return bits == 32
                ? cpu -> set(cpu.xmm, d, cpu.mmu.load32(address.of(cpu)) & 0xFFFF_FFFFL, 0)
                : cpu -> set(cpu.xmm, d, cpu.mmu.load64(address.of(cpu)), 0);
    }

    private static void set(long[] x, int d, long low, long high) {
        x[d] = low;
        x[d + 1] = high;
        VexLanes.clearUpper(x, d);
    }

    private static Step mergeSingle(Instruction i) {
        int d = VexLanes.destination(i);
        int a = VexLanes.register(i, 1);
        int b = VexLanes.register(i, 2);
        return cpu -> set(cpu.xmm, d, SseFloat.merge(cpu.xmm[a], (int) cpu.xmm[b]), cpu.xmm[a + 1]);
    }

    private static Step mergeDouble(Instruction i) {
        int d = VexLanes.destination(i);
        int a = VexLanes.register(i, 1);
        int b = VexLanes.register(i, 2);
        return cpu -> set(cpu.xmm, d, cpu.xmm[b], cpu.xmm[a + 1]);
    }

    /** VMOVHLPS: both high halves, b's low. VMOVLHPS: both low halves, b's high. */
    private static Step merge(Instruction i, int halfOfA, int halfOfB) {
        int d = VexLanes.destination(i);
        int a = VexLanes.register(i, 1) + halfOfA;
        int b = VexLanes.register(i, 2) + halfOfB;
        return halfOfA == 1
                ? cpu -> set(cpu.xmm, d, cpu.xmm[b], cpu.xmm[a])
                : cpu -> set(cpu.xmm, d, cpu.xmm[a], cpu.xmm[b]);
    }

    /** VMOVD and VMOVQ: between vector register and general-purpose register, memory or vector register. */
    private static Step moveBits(Instruction i, @Nullable AddressForm address) {
        Operand to = i.operand(0);
        Operand from = i.operand(1);
        int bits = to.bits() == 64 || from.bits() == 64 ? 64 : 32;
        if (address != null) {
            return memory(i, address, bits);
        }
        long mask = bits == 64 ? -1 : 0xFFFF_FFFFL;
        int d = to.register();
        int s = from.register();
        if (to.kind() == Operand.Kind.GPR) {
            int x = 4 * s;
            return cpu -> cpu.gpr[d] = cpu.xmm[x] & mask;
        }
        int x = 4 * d;
        if (from.kind() == Operand.Kind.GPR) {
            return cpu -> set(cpu.xmm, x, cpu.gpr[s] & mask, 0);
        }
        int y = 4 * s;
        return cpu -> set(cpu.xmm, x, cpu.xmm[y], 0);
    }

    /** VMOVLPS, VMOVHPS and their like: 64 bits of memory beside the other half of a register. */
    private static Step half(Instruction i, AddressForm address, int which) {
        if (i.operand(0).isMemory()) {
            int s = VexLanes.register(i, 1) + which;
            return cpu -> cpu.mmu.store64(address.of(cpu), cpu.xmm[s]);
        }
        int d = VexLanes.destination(i);
        int a = VexLanes.register(i, 1);
        return which == 0
                ? cpu -> set(cpu.xmm, d, cpu.mmu.load64(address.of(cpu)), cpu.xmm[a + 1])
                : cpu -> set(cpu.xmm, d, cpu.xmm[a], cpu.mmu.load64(address.of(cpu)));
    }

    private static Step duplicate(Instruction i, @Nullable AddressForm address) {
        int d = VexLanes.destination(i);
        if (i.vectorLength() == 256) {
            Lane lane = new Lane((al, ah, bl, bh) -> bl, (al, ah, bl, bh) -> bl);
            return VexLanes.lanes(i, address, lane, lane);
        }
        if (address != null) {
            return cpu -> {
                long v = cpu.mmu.load64(address.of(cpu));
                set(cpu.xmm, d, v, v);
            };
        }
        int s = VexLanes.b(i);
        return cpu -> set(cpu.xmm, d, cpu.xmm[s], cpu.xmm[s]);
    }
}
