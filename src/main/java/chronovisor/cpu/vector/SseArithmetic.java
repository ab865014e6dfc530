package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Step;
import chronovisor.cpu.softfloat.SoftFloat;
import chronovisor.isa.Instruction;
import org.jspecify.annotations.Nullable;

/** Scalar and packed arithmetic, comparison and rounding in single and double precision: ADDPS to UCOMISD, ROUND. */
final class SseArithmetic {

    private SseArithmetic() {}

    /** A lane of double precision. */
    @FunctionalInterface
    interface Lane64 {
        long of(SoftFloat f, int mxcsr, long a, long b);
    }

    /** A lane of single precision. */
    @FunctionalInterface
    interface Lane32 {
        int of(SoftFloat f, int mxcsr, int a, int b);
    }

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        return switch (i.operation()) {
            case ADDSD -> hotAdd(i, address);
            case MULSD -> hotMultiply(i, address);
            case SUBSD -> sd(i, address, SseFloat::subtract64);
            case DIVSD -> sd(i, address, SseFloat::divide64);
            case SQRTSD -> sd(i, address, SseFloat::squareRoot64);
            case MINSD -> sd(i, address, SseFloat::min64);
            case MAXSD -> sd(i, address, SseFloat::max64);
            case ADDSS -> ss(i, address, SseFloat::add32);
            case SUBSS -> ss(i, address, SseFloat::subtract32);
            case MULSS -> ss(i, address, SseFloat::multiply32);
            case DIVSS -> ss(i, address, SseFloat::divide32);
            case SQRTSS -> ss(i, address, SseFloat::squareRoot32);
            case MINSS -> ss(i, address, SseFloat::min32);
            case MAXSS -> ss(i, address, SseFloat::max32);
            case ADDPD -> pd(i, address, SseFloat::add64);
            case SUBPD -> pd(i, address, SseFloat::subtract64);
            case MULPD -> pd(i, address, SseFloat::multiply64);
            case DIVPD -> pd(i, address, SseFloat::divide64);
            case SQRTPD -> pd(i, address, SseFloat::squareRoot64);
            case MINPD -> pd(i, address, SseFloat::min64);
            case MAXPD -> pd(i, address, SseFloat::max64);
            case ADDPS -> ps(i, address, SseFloat::add32);
            case SUBPS -> ps(i, address, SseFloat::subtract32);
            case MULPS -> ps(i, address, SseFloat::multiply32);
            case DIVPS -> ps(i, address, SseFloat::divide32);
            case SQRTPS -> ps(i, address, SseFloat::squareRoot32);
            case MINPS -> ps(i, address, SseFloat::min32);
            case MAXPS -> ps(i, address, SseFloat::max32);
            case RCPSS -> ss(i, address, (f, c, a, b) -> SseApproximate.reciprocal(b));
            case RCPPS -> ps(i, address, (f, c, a, b) -> SseApproximate.reciprocal(b));
            case RSQRTSS -> ss(i, address, (f, c, a, b) -> SseApproximate.reciprocalRoot(b));
            case RSQRTPS -> ps(i, address, (f, c, a, b) -> SseApproximate.reciprocalRoot(b));
            default -> compareOrRound(i, address);
        };
    }

    private static @Nullable Step compareOrRound(Instruction i, @Nullable AddressForm address) {
        int c = i.operandCount() == 3 ? (int) i.operand(2).value() & 0xFF : 0;
        return switch (i.operation()) {
            case CMPSD -> sd(i, address, (f, m, a, b) -> compareMask64(f, m, a, b, c & 7));
            case CMPPD -> pd(i, address, (f, m, a, b) -> compareMask64(f, m, a, b, c & 7));
            case CMPSS -> ss(i, address, (f, m, a, b) -> compareMask32(f, m, a, b, c & 7));
            case CMPPS -> ps(i, address, (f, m, a, b) -> compareMask32(f, m, a, b, c & 7));
            case ROUNDSD -> sd(i, address, (f, m, a, b) -> SseSlow.round64(f, m, c, b));
            case ROUNDPD -> pd(i, address, (f, m, a, b) -> SseSlow.round64(f, m, c, b));
            case ROUNDSS -> ss(i, address, (f, m, a, b) -> SseSlow.round32(f, m, c, b));
            case ROUNDPS -> ps(i, address, (f, m, a, b) -> SseSlow.round32(f, m, c, b));
            case UCOMISD -> comi64(i, address, true);
            case COMISD -> comi64(i, address, false);
            case UCOMISS -> comi32(i, address, true);
            case COMISS -> comi32(i, address, false);
            default -> null;
        };
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

    static Step pd(Instruction i, @Nullable AddressForm address, Lane64 lane) {
        int d = 4 * i.operand(0).register();
        int s = 4 * i.operand(1).register();
        return address == null ? cpu -> pd(cpu, d, cpu.xmm[s], cpu.xmm[s + 1], lane) : cpu -> {
            long a = Access.aligned(cpu, address);
            long low = cpu.mmu.load64(a);
            pd(cpu, d, low, cpu.mmu.load64(a + 8), lane);
        };
    }

    /** Both lanes of a half. */
    static long two(SoftFloat f, int mxcsr, long a, long b, Lane32 lane) {
        int low = lane.of(f, mxcsr, (int) a, (int) b);
        int high = lane.of(f, mxcsr, (int) (a >>> 32), (int) (b >>> 32));
        return low & 0xFFFF_FFFFL | (long) high << 32;
    }

    private static void ps(Cpu cpu, int d, long bLow, long bHigh, Lane32 lane) {
        SoftFloat f = cpu.x87.soft;
        f.flags = 0;
        long low = two(f, cpu.mxcsr, cpu.xmm[d], bLow, lane);
        long high = two(f, cpu.mxcsr, cpu.xmm[d + 1], bHigh, lane);
        if (f.flags != 0) {
            SseFloat.commit(cpu, f.flags);
        }
        cpu.xmm[d] = low;
        cpu.xmm[d + 1] = high;
    }

    static Step ps(Instruction i, @Nullable AddressForm address, Lane32 lane) {
        int d = 4 * i.operand(0).register();
        int s = 4 * i.operand(1).register();
        return address == null ? cpu -> ps(cpu, d, cpu.xmm[s], cpu.xmm[s + 1], lane) : cpu -> {
            long a = Access.aligned(cpu, address);
            long low = cpu.mmu.load64(a);
            ps(cpu, d, low, cpu.mmu.load64(a + 8), lane);
        };
    }

    /** Whether predicate 0..7 (EQ LT LE UNORD, then their opposites) holds of a comparison (SDM vol. 2, CMPPD). */
    private static boolean holds(int predicate, int order) {
        boolean direct = switch (predicate & 3) {
            case 0 -> order == 0;
            case 1 -> order == -1;
            case 2 -> order <= 0;
            default -> order == 2;
        };
        return direct != (predicate >= 4);
    }

    /** EQ, NEQ, ORD and UNORD are quiet. */
    private static boolean quiet(int predicate) {
        return (predicate & 3) == 0 || (predicate & 3) == 3;
    }

    static long compareMask64(SoftFloat f, int mxcsr, long a, long b, int predicate) {
        return holds(predicate, SseFloat.compare64(f, mxcsr, a, b, quiet(predicate))) ? -1 : 0;
    }

    static int compareMask32(SoftFloat f, int mxcsr, int a, int b, int predicate) {
        return holds(predicate, SseFloat.compare32(f, mxcsr, a, b, quiet(predicate))) ? -1 : 0;
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
