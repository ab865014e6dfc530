package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Step;
import chronovisor.cpu.softfloat.SoftFloat;
import chronovisor.cpu.vector.FloatLanes.Lane32;
import chronovisor.cpu.vector.FloatLanes.Lane64;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operation;
import org.jspecify.annotations.Nullable;

/** Arithmetic, comparison and rounding in single and double precision: ADDPS to UCOMISD, ROUND; of VEX-encoded ones the scalars. */
final class SseArithmetic {

    private SseArithmetic() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        Operation operation = VexTwin.meaning(i.operation());
        return switch (operation) {
            case ADDSD -> add(i, address);
            case SUBSD -> subtract(i, address);
            case MULSD -> multiply(i, address);
            case DIVSD -> divide(i, address);
            case UCOMISD -> comi64(i, address, true);
            case COMISD -> comi64(i, address, false);
            case UCOMISS -> comi32(i, address, true);
            case COMISS -> comi32(i, address, false);
            default -> lanes(i, address, operation);
        };
    }

    private static @Nullable Step lanes(Instruction i, @Nullable AddressForm address, Operation operation) {
        if (i.operandCount() == 0) {
            return null;
        }
        boolean scalar = i.operand(0).bits() < 128;
        Lane32 single = FloatLanes.of32(operation, FloatLanes.control(i));
        if (single != null) {
            return scalar
                    ? ss(i, address, single)
                    : i.vectorLength() == 0 ? ps(i, address, single) : VexArithmetic.packedSingles(i, address, single);
        }
        Lane64 real = FloatLanes.of64(operation, FloatLanes.control(i));
        if (real != null) {
            return scalar
                    ? sd(i, address, real)
                    : i.vectorLength() == 0 ? pd(i, address, real) : VexArithmetic.packed(i, address, real);
        }
        return null;
    }

    /** Where the first source of a scalar starts: it is the destination unless VEX-encoded. */
    static int first(Instruction i) {
        return 4 * i.operand(i.vectorLength() == 0 ? 0 : 1).register();
    }

    /**
     * Sets the low quarter of a scalar's destination. VEX-encoded, the next quarter comes from the first source and the upper half is
     * cleared; else they stay.
     */
    static void scalar(Cpu cpu, int d, int a, boolean vex, long low) {
        long[] x = cpu.xmm;
        x[d] = low;
        if (vex) {
            x[d + 1] = x[a + 1];
            x[d + 2] = 0;
            x[d + 3] = 0;
        }
    }

    // The commonest scalars have closures of their own, into which the operation is inlined.

    private static Step add(Instruction i, @Nullable AddressForm address) {
        int d = 4 * i.operand(0).register();
        int a = first(i);
        int s = 4 * i.operand(FloatSource.index(i)).register();
        boolean vex = i.vectorLength() != 0;
        return cpu -> {
            long b = address == null ? cpu.xmm[s] : cpu.mmu.load64(address.of(cpu));
            SoftFloat f = SseConversions.begin(cpu);
            long r = SseFloat.add64(f, cpu.mxcsr, cpu.xmm[a], b);
            SseConversions.end(cpu, f);
            scalar(cpu, d, a, vex, r);
        };
    }

    private static Step subtract(Instruction i, @Nullable AddressForm address) {
        int d = 4 * i.operand(0).register();
        int a = first(i);
        int s = 4 * i.operand(FloatSource.index(i)).register();
        boolean vex = i.vectorLength() != 0;
        return cpu -> {
            long b = address == null ? cpu.xmm[s] : cpu.mmu.load64(address.of(cpu));
            SoftFloat f = SseConversions.begin(cpu);
            long r = SseFloat.subtract64(f, cpu.mxcsr, cpu.xmm[a], b);
            SseConversions.end(cpu, f);
            scalar(cpu, d, a, vex, r);
        };
    }

    private static Step multiply(Instruction i, @Nullable AddressForm address) {
        int d = 4 * i.operand(0).register();
        int a = first(i);
        int s = 4 * i.operand(FloatSource.index(i)).register();
        boolean vex = i.vectorLength() != 0;
        return cpu -> {
            long b = address == null ? cpu.xmm[s] : cpu.mmu.load64(address.of(cpu));
            SoftFloat f = SseConversions.begin(cpu);
            long r = SseFloat.multiply64(f, cpu.mxcsr, cpu.xmm[a], b);
            SseConversions.end(cpu, f);
            scalar(cpu, d, a, vex, r);
        };
    }

    private static Step divide(Instruction i, @Nullable AddressForm address) {
        int d = 4 * i.operand(0).register();
        int a = first(i);
        int s = 4 * i.operand(FloatSource.index(i)).register();
        boolean vex = i.vectorLength() != 0;
        return cpu -> {
            long b = address == null ? cpu.xmm[s] : cpu.mmu.load64(address.of(cpu));
            SoftFloat f = SseConversions.begin(cpu);
            long r = SseFloat.divide64(f, cpu.mxcsr, cpu.xmm[a], b);
            SseConversions.end(cpu, f);
            scalar(cpu, d, a, vex, r);
        };
    }

    private static Step sd(Instruction i, @Nullable AddressForm address, Lane64 lane) {
        int d = 4 * i.operand(0).register();
        int a = first(i);
        int s = 4 * i.operand(FloatSource.index(i)).register();
        boolean vex = i.vectorLength() != 0;
        return cpu -> {
            long b = address == null ? cpu.xmm[s] : cpu.mmu.load64(address.of(cpu));
            SoftFloat f = SseConversions.begin(cpu);
            long r = lane.of(f, cpu.mxcsr, cpu.xmm[a], b);
            SseConversions.end(cpu, f);
            scalar(cpu, d, a, vex, r);
        };
    }

    private static Step ss(Instruction i, @Nullable AddressForm address, Lane32 lane) {
        int d = 4 * i.operand(0).register();
        int a = first(i);
        int s = 4 * i.operand(FloatSource.index(i)).register();
        boolean vex = i.vectorLength() != 0;
        return cpu -> {
            int b = address == null ? (int) cpu.xmm[s] : cpu.mmu.load32(address.of(cpu));
            SoftFloat f = SseConversions.begin(cpu);
            int r = lane.of(f, cpu.mxcsr, (int) cpu.xmm[a], b);
            SseConversions.end(cpu, f);
            scalar(cpu, d, a, vex, SseFloat.merge(cpu.xmm[a], r));
        };
    }

    private static void pd(Cpu cpu, int d, long bLow, long bHigh, Lane64 lane) {
        SoftFloat f = cpu.x87.soft;
        f.flags = 0;
        long low = lane.of(f, cpu.mxcsr, cpu.xmm[d], bLow);
        long high = lane.of(f, cpu.mxcsr, cpu.xmm[d + 1], bHigh);
        if (f.flags != 0) {
            SseFloat.commit(cpu, f.flags);
        }
        cpu.xmm[d] = low;
        cpu.xmm[d + 1] = high;
    }

    private static Step pd(Instruction i, @Nullable AddressForm address, Lane64 lane) {
        int d = 4 * i.operand(0).register();
        int s = 4 * i.operand(1).register();
        return address == null ? cpu -> pd(cpu, d, cpu.xmm[s], cpu.xmm[s + 1], lane) : cpu -> {
            long a = Access.aligned(cpu, address);
            long low = cpu.mmu.load64(a);
            pd(cpu, d, low, cpu.mmu.load64(a + 8), lane);
        };
    }

    private static void ps(Cpu cpu, int d, long bLow, long bHigh, Lane32 lane) {
        SoftFloat f = cpu.x87.soft;
        f.flags = 0;
        long low = FloatLanes.two(f, cpu.mxcsr, cpu.xmm[d], bLow, lane);
        long high = FloatLanes.two(f, cpu.mxcsr, cpu.xmm[d + 1], bHigh, lane);
        if (f.flags != 0) {
            SseFloat.commit(cpu, f.flags);
        }
        cpu.xmm[d] = low;
        cpu.xmm[d + 1] = high;
    }

    private static Step ps(Instruction i, @Nullable AddressForm address, Lane32 lane) {
        int d = 4 * i.operand(0).register();
        int s = 4 * i.operand(1).register();
        return address == null ? cpu -> ps(cpu, d, cpu.xmm[s], cpu.xmm[s + 1], lane) : cpu -> {
            long a = Access.aligned(cpu, address);
            long low = cpu.mmu.load64(a);
            ps(cpu, d, low, cpu.mmu.load64(a + 8), lane);
        };
    }

    private static void comi(Cpu cpu, SoftFloat f, int order) {
        if (f.flags != 0) {
            SseFloat.commit(cpu, f.flags);
        }
        cpu.compareFlags(order == 0 || order == 2, order == 2, order == -1 || order == 2);
    }

    private static void comi64(Cpu cpu, int d, long b, boolean quiet) {
        SoftFloat f = cpu.x87.soft;
        f.flags = 0;
        comi(cpu, f, SseFloat.compare64(f, cpu.mxcsr, cpu.xmm[d], b, quiet));
    }

    private static Step comi64(Instruction i, @Nullable AddressForm address, boolean quiet) {
        int d = 4 * i.operand(0).register();
        int s = 4 * i.operand(1).register();
        return address == null
                ? cpu -> comi64(cpu, d, cpu.xmm[s], quiet)
                : cpu -> comi64(cpu, d, cpu.mmu.load64(address.of(cpu)), quiet);
    }

    private static void comi32(Cpu cpu, int d, int b, boolean quiet) {
        SoftFloat f = cpu.x87.soft;
        f.flags = 0;
        comi(cpu, f, SseFloat.compare32(f, cpu.mxcsr, (int) cpu.xmm[d], b, quiet));
    }

    private static Step comi32(Instruction i, @Nullable AddressForm address, boolean quiet) {
        int d = 4 * i.operand(0).register();
        int s = 4 * i.operand(1).register();
        return address == null
                ? cpu -> comi32(cpu, d, (int) cpu.xmm[s], quiet)
                : cpu -> comi32(cpu, d, cpu.mmu.load32(address.of(cpu)), quiet);
    }
}
