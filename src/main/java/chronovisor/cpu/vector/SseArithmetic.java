package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Step;
import chronovisor.cpu.softfloat.SoftFloat;
import chronovisor.cpu.vector.FloatLanes.Lane32;
import chronovisor.cpu.vector.FloatLanes.Lane64;
import chronovisor.isa.Instruction;
import org.jspecify.annotations.Nullable;

/** Scalar and packed arithmetic, comparison and rounding in single and double precision: ADDPS to UCOMISD, ROUND. */
final class SseArithmetic {

    private SseArithmetic() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        return switch (i.operation()) {
            case ADDSD -> hotAdd(i, address);
            case MULSD -> hotMultiply(i, address);
            case UCOMISD, VUCOMISD -> comi64(i, address, true);
            case COMISD, VCOMISD -> comi64(i, address, false);
            case UCOMISS, VUCOMISS -> comi32(i, address, true);
            case COMISS, VCOMISS -> comi32(i, address, false);
            default -> lanes(i, address);
        };
    }

    private static @Nullable Step lanes(Instruction i, @Nullable AddressForm address) {
        if (i.operandCount() == 0) {
            return null;
        }
        boolean scalar = i.operand(0).bits() < 128;
        Lane32 single = FloatLanes.of32(i.operation(), FloatLanes.control(i));
        if (single != null) {
            return scalar ? ss(i, address, single) : ps(i, address, single);
        }
        Lane64 real = FloatLanes.of64(i.operation(), FloatLanes.control(i));
        if (real != null) {
            return scalar ? sd(i, address, real) : pd(i, address, real);
        }
        return null;
    }

    private static Step hotAdd(Instruction i, @Nullable AddressForm address) {
        int d = 4 * i.operand(0).register();
        int s = 4 * i.operand(1).register();
        return cpu -> {
            long b = address == null ? cpu.xmm[s] : cpu.mmu.load64(address.of(cpu));
            SoftFloat f = cpu.x87.soft;
            f.flags = 0;
            long r = SseFloat.add64(f, cpu.mxcsr, cpu.xmm[d], b);
            if (f.flags != 0) {
                SseFloat.commit(cpu, f.flags);
            }
            cpu.xmm[d] = r;
        };
    }

    private static Step hotMultiply(Instruction i, @Nullable AddressForm address) {
        int d = 4 * i.operand(0).register();
        int s = 4 * i.operand(1).register();
        return cpu -> {
            long b = address == null ? cpu.xmm[s] : cpu.mmu.load64(address.of(cpu));
            SoftFloat f = cpu.x87.soft;
            f.flags = 0;
            long r = SseFloat.multiply64(f, cpu.mxcsr, cpu.xmm[d], b);
            if (f.flags != 0) {
                SseFloat.commit(cpu, f.flags);
            }
            cpu.xmm[d] = r;
        };
    }

    private static void sd(Cpu cpu, int d, long b, Lane64 lane) {
        SoftFloat f = cpu.x87.soft;
        f.flags = 0;
        long r = lane.of(f, cpu.mxcsr, cpu.xmm[d], b);
        if (f.flags != 0) {
            SseFloat.commit(cpu, f.flags);
        }
        cpu.xmm[d] = r;
    }

    private static Step sd(Instruction i, @Nullable AddressForm address, Lane64 lane) {
        int d = 4 * i.operand(0).register();
        int s = 4 * i.operand(1).register();
        return address == null
                ? cpu -> sd(cpu, d, cpu.xmm[s], lane)
                : cpu -> sd(cpu, d, cpu.mmu.load64(address.of(cpu)), lane);
    }

    private static void ss(Cpu cpu, int d, int b, Lane32 lane) {
        SoftFloat f = cpu.x87.soft;
        f.flags = 0;
        int r = lane.of(f, cpu.mxcsr, (int) cpu.xmm[d], b);
        if (f.flags != 0) {
            SseFloat.commit(cpu, f.flags);
        }
        cpu.xmm[d] = SseFloat.merge(cpu.xmm[d], r);
    }

    private static Step ss(Instruction i, @Nullable AddressForm address, Lane32 lane) {
        int d = 4 * i.operand(0).register();
        int s = 4 * i.operand(1).register();
        return address == null
                ? cpu -> ss(cpu, d, (int) cpu.xmm[s], lane)
                : cpu -> ss(cpu, d, cpu.mmu.load32(address.of(cpu)), lane);
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
