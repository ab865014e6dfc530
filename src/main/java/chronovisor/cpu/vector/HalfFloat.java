package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Step;
import chronovisor.cpu.softfloat.SoftFloat;
import chronovisor.isa.Instruction;
import org.jspecify.annotations.Nullable;

/**
 * F16C: conversions between half and single precision (SDM vol. 1, 14.4). Halves are never flushed: DAZ and FTZ do not apply to them, nor
 * does a denormal one raise an exception.
 */
final class HalfFloat {

    private static final int PRECISION = 11;
    private static final int EXPONENT_MIN = -14;
    private static final int EXPONENT_MAX = 15;
    /** Immediate of VCVTPS2PH: round as MXCSR says. */
    private static final int BY_MXCSR = 4;

    private HalfFloat() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        return switch (i.operation()) {
            case VCVTPH2PS -> widening(i, address);
            case VCVTPS2PH -> narrowing(i, address);
            default -> null;
        };
    }

    /** A half, in the low 16 bits, as a single. */
    static int widen(SoftFloat f, int half) {
        f.a.unpack16(half, false);
        if (!SseSlow.nanAlone(f)) {
            f.copyToResult();
        }
        return f.r.pack32();
    }

    /** A single as a half. */
    static int narrow(SoftFloat f, int mxcsr, int control, int single) {
        f.rounding = (control & BY_MXCSR) != 0 ? mxcsr >>> 13 & 3 : control & 3;
        f.a.unpack32(single, SseSlow.daz(mxcsr));
        if (SseSlow.nanAlone(f)) {
            return f.r.pack16();
        }
        int old = f.flags;
        f.flags = f.a.denormal ? SoftFloat.DE : 0;
        f.copyToResult();
        int masks = mxcsr >>> 7;
        if ((f.flags & ~masks) == 0) {
            f.round(PRECISION, EXPONENT_MIN, EXPONENT_MAX, masks);
            // A denormal single is far below any half: inexact, even where an unmasked underflow wants its exact significand.
            f.flags |= f.a.denormal ? SoftFloat.PE : 0;
        }
        f.flags |= old;
        return f.r.pack16();
    }

    private static long widenTwo(SoftFloat f, long halves) {
        int low = widen(f, (int) halves & 0xFFFF);
        return FloatPairs.join(low, widen(f, (int) (halves >>> 16) & 0xFFFF));
    }

    private static Step widening(Instruction i, @Nullable AddressForm address) {
        int d = 4 * i.operand(0).register();
        boolean wide = i.vectorLength() == 256;
        return FloatSource.bind(i, address, (cpu, b0, b1, b2, b3) -> {
            SoftFloat f = SseConversions.begin(cpu);
            long r0 = widenTwo(f, b0);
            long r1 = widenTwo(f, b0 >>> 32);
            long r2 = wide ? widenTwo(f, b1) : 0;
            long r3 = wide ? widenTwo(f, b1 >>> 32) : 0;
            VexArithmetic.finish(cpu, f, d, r0, r1, r2, r3);
        });
    }

    private static long narrowFour(SoftFloat f, int m, int control, long low, long high) {
        long r = narrow(f, m, control, (int) low) | narrow(f, m, control, (int) (low >>> 32)) << 16;
        r &= 0xFFFF_FFFFL;
        return r | (long) narrow(f, m, control, (int) high) << 32
                | (long) narrow(f, m, control, (int) (high >>> 32)) << 48;
    }

    private static Step narrowing(Instruction i, @Nullable AddressForm address) {
        int d = 4 * i.operand(0).register();
        int s = 4 * i.operand(1).register();
        int control = FloatLanes.control(i);
        boolean wide = i.vectorLength() == 256;
        return cpu -> {
            long[] x = cpu.xmm;
            SoftFloat f = SseConversions.begin(cpu);
            long r0 = narrowFour(f, cpu.mxcsr, control, x[s], x[s + 1]);
            long r1 = wide ? narrowFour(f, cpu.mxcsr, control, x[s + 2], x[s + 3]) : 0;
            if (address == null) {
                VexArithmetic.finish(cpu, f, d, r0, r1, 0, 0);
            } else {
                store(cpu, f, address.of(cpu), r0, r1, wide);
            }
        };
    }

    /** A page fault comes before the exceptions of arithmetic, which keep the result from being stored. */
    private static void store(Cpu cpu, SoftFloat f, long address, long r0, long r1, boolean wide) {
        cpu.mmu.checkWrite(address, wide ? 16 : 8);
        SseConversions.end(cpu, f);
        if (wide) {
            Access.store128(cpu, address, r0, r1);
        } else {
            cpu.mmu.store64(address, r0);
        }
    }
}
