package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Step;
import chronovisor.cpu.softfloat.SoftFloat;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.isa.Operation;
import org.jspecify.annotations.Nullable;

/**
 * Conversions between integers, single and double precision: CVTDQ2PD to CVTTSS2SI. Those with MMX registers enter MMX
 * state before an unmasked exception is raised, as the hardware does.
 */
final class SseConversions {

    private SseConversions() {}

    /** A lane from a lane of another size. */
    @FunctionalInterface
    interface Convert {
        long of(SoftFloat f, int mxcsr, long source);
    }

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        Operation operation = VexTwin.meaning(i.operation());
        return switch (operation) {
            case CVTSI2SD -> fromInteger(i, address, true);
            case CVTSI2SS -> fromInteger(i, address, false);
            case CVTSD2SI -> toInteger(i, address, true, false);
            case CVTTSD2SI -> toInteger(i, address, true, true);
            case CVTSS2SI -> toInteger(i, address, false, false);
            case CVTTSS2SI -> toInteger(i, address, false, true);
            case CVTSS2SD -> scalarWiden(i, address);
            case CVTSD2SS -> scalarNarrow(i, address);
            case CVTPI2PD -> mmxToPd(i, address);
            case CVTPI2PS -> mmxToPs(i, address);
            case CVTPS2PI -> psToMmx(i, address, false);
            case CVTTPS2PI -> psToMmx(i, address, true);
            case CVTPD2PI -> pdToMmx(i, address, false);
            case CVTTPD2PI -> pdToMmx(i, address, true);
            default -> i.vectorLength() == 0
                    ? resized(i, address)
                    : VexConversions.resized(i, address, operation);
        };
    }

    private static @Nullable Step resized(Instruction i, @Nullable AddressForm address) {
        Convert expand = expansion(i.operation());
        if (expand != null) {
            return expand(i, address, expand);
        }
        Convert shrink = shrinking(i.operation());
        return shrink == null ? null : shrink(i, address, shrink);
    }

    /** The conversion of packed lanes of 32 bits (the low ones of the source here) to 64 bits; null for other operations. */
    static @Nullable Convert expansion(Operation operation) {
        return switch (operation) {
            case CVTPS2PD -> (f, m, v) -> SseFloat.widen(f, m, (int) v);
            case CVTDQ2PD -> (f, m, v) -> Double.doubleToRawLongBits((int) v);
            default -> null;
        };
    }

    /** The conversion of packed lanes of 64 bits to 32 (the low ones of the result); null for other operations. */
    static @Nullable Convert shrinking(Operation operation) {
        return switch (operation) {
            case CVTPD2PS -> SseFloat::narrow;
            case CVTPD2DQ -> (f, m, v) -> SseFloat.toInteger64(f, m, v, 32, false);
            case CVTTPD2DQ -> (f, m, v) -> SseFloat.toInteger64(f, m, v, 32, true);
            default -> null;
        };
    }

    static SoftFloat begin(Cpu cpu) {
        SoftFloat f = cpu.x87.soft;
        f.flags = 0;
        return f;
    }

    static void end(Cpu cpu, SoftFloat f) {
        if (f.flags != 0) {
            SseFloat.commit(cpu, f.flags);
        }
    }

    private static Step fromInteger(Instruction i, @Nullable AddressForm address, boolean toDouble) {
        int d = 4 * i.operand(0).register();
        int a = SseArithmetic.first(i);
        boolean vex = i.vectorLength() != 0;
        Operand from = i.operand(FloatSource.index(i));
        boolean wide = from.bits() == 64;
        int s = from.register();
        if (toDouble && !wide && address == null) {
            return cpu -> SseArithmetic.scalar(cpu, d, a, vex, Double.doubleToRawLongBits((int) cpu.gpr[s]));
        }
        return cpu -> {
            long v = address == null
                    ? cpu.gpr[s]
                    : wide ? cpu.mmu.load64(address.of(cpu)) : cpu.mmu.load32(address.of(cpu));
            v = wide ? v : (int) v;
            SoftFloat f = begin(cpu);
            long r = toDouble
                    ? SseFloat.fromInteger64(f, cpu.mxcsr, v)
                    : SseFloat.merge(cpu.xmm[a], SseFloat.fromInteger32(f, cpu.mxcsr, v));
            end(cpu, f);
            SseArithmetic.scalar(cpu, d, a, vex, r);
        };
    }

    private static Step toInteger(Instruction i, @Nullable AddressForm address, boolean fromDouble, boolean truncate) {
        int d = i.operand(0).register();
        int bits = i.operand(0).bits();
        long mask = bits == 64 ? -1 : 0xFFFF_FFFFL;
        int s = 4 * i.operand(1).register();
        return cpu -> {
            long v = address == null
                    ? cpu.xmm[s]
                    : fromDouble ? cpu.mmu.load64(address.of(cpu)) : cpu.mmu.load32(address.of(cpu));
            SoftFloat f = begin(cpu);
            long r = fromDouble
                    ? SseFloat.toInteger64(f, cpu.mxcsr, v, bits, truncate)
                    : SseFloat.toInteger32(f, cpu.mxcsr, (int) v, bits, truncate);
            end(cpu, f);
            cpu.gpr[d] = r & mask;
        };
    }

    private static Step scalarWiden(Instruction i, @Nullable AddressForm address) {
        int d = 4 * i.operand(0).register();
        int a = SseArithmetic.first(i);
        boolean vex = i.vectorLength() != 0;
        int s = 4 * i.operand(FloatSource.index(i)).register();
        return cpu -> {
            int v = address == null ? (int) cpu.xmm[s] : cpu.mmu.load32(address.of(cpu));
            SoftFloat f = begin(cpu);
            long r = SseFloat.widen(f, cpu.mxcsr, v);
            end(cpu, f);
            SseArithmetic.scalar(cpu, d, a, vex, r);
        };
    }

    private static Step scalarNarrow(Instruction i, @Nullable AddressForm address) {
        int d = 4 * i.operand(0).register();
        int a = SseArithmetic.first(i);
        boolean vex = i.vectorLength() != 0;
        int s = 4 * i.operand(FloatSource.index(i)).register();
        return cpu -> {
            long v = address == null ? cpu.xmm[s] : cpu.mmu.load64(address.of(cpu));
            SoftFloat f = begin(cpu);
            int r = SseFloat.narrow(f, cpu.mxcsr, v);
            end(cpu, f);
            SseArithmetic.scalar(cpu, d, a, vex, SseFloat.merge(cpu.xmm[a], r));
        };
    }

    /** Two 32-bit lanes to two of 64 bits. */
    private static Step expand(Instruction i, @Nullable AddressForm address, Convert convert) {
        int d = 4 * i.operand(0).register();
        int s = 4 * i.operand(1).register();
        return cpu -> expandTo(cpu, d, address == null ? cpu.xmm[s] : cpu.mmu.load64(address.of(cpu)), convert);
    }

    private static void expandTo(Cpu cpu, int d, long v, Convert convert) {
        SoftFloat f = begin(cpu);
        long low = convert.of(f, cpu.mxcsr, v);
        long high = convert.of(f, cpu.mxcsr, v >>> 32);
        end(cpu, f);
        cpu.xmm[d] = low;
        cpu.xmm[d + 1] = high;
    }

    /** Two 64-bit lanes to two of 32 bits; the high half is cleared. */
    private static Step shrink(Instruction i, @Nullable AddressForm address, Convert convert) {
        int d = 4 * i.operand(0).register();
        int s = 4 * i.operand(1).register();
        return cpu -> {
            long low;
            long high;
            if (address == null) {
                low = cpu.xmm[s];
                high = cpu.xmm[s + 1];
            } else {
                long a = Access.aligned(cpu, address);
                low = cpu.mmu.load64(a);
                high = cpu.mmu.load64(a + 8);
            }
            SoftFloat f = begin(cpu);
            long r = convert.of(f, cpu.mxcsr, low) & 0xFFFF_FFFFL | convert.of(f, cpu.mxcsr, high) << 32;
            end(cpu, f);
            cpu.xmm[d] = r;
            cpu.xmm[d + 1] = 0;
        };
    }

    private static Step mmxToPd(Instruction i, @Nullable AddressForm address) {
        int d = 4 * i.operand(0).register();
        int s = i.operand(1).register();
        Convert convert = (f, m, v) -> Double.doubleToRawLongBits((int) v);
        if (address != null) {
            // The memory form does not touch MMX state (SDM vol. 2, CVTPI2PD).
            return cpu -> expandTo(cpu, d, cpu.mmu.load64(address.of(cpu)), convert);
        }
        return cpu -> {
            MmxFamilies.check(cpu);
            cpu.x87.enterMmx();
            expandTo(cpu, d, cpu.x87.significand[s], convert);
        };
    }

    private static Step mmxToPs(Instruction i, @Nullable AddressForm address) {
        int d = 4 * i.operand(0).register();
        int s = i.operand(1).register();
        if (address != null) {
            // Nor does this one, though the manual does not say so.
            return cpu -> twoToPs(cpu, d, cpu.mmu.load64(address.of(cpu)));
        }
        return cpu -> {
            MmxFamilies.check(cpu);
            cpu.x87.enterMmx();
            twoToPs(cpu, d, cpu.x87.significand[s]);
        };
    }

    private static void twoToPs(Cpu cpu, int d, long v) {
        SoftFloat f = begin(cpu);
        long r = FloatLanes.two(f, cpu.mxcsr, 0, v, (g, m, a, b) -> SseFloat.fromInteger32(g, m, b));
        end(cpu, f);
        cpu.xmm[d] = r;
    }

    private static Step psToMmx(Instruction i, @Nullable AddressForm address, boolean truncate) {
        int d = i.operand(0).register();
        int s = 4 * i.operand(1).register();
        return cpu -> {
            MmxFamilies.check(cpu);
            long v = address == null ? cpu.xmm[s] : cpu.mmu.load64(address.of(cpu));
            SoftFloat f = begin(cpu);
            long r = FloatLanes.two(f, cpu.mxcsr, 0, v,
                    (g, m, a, b) -> (int) SseFloat.toInteger32(g, m, b, 32, truncate));
            cpu.x87.enterMmx();
            end(cpu, f);
            cpu.x87.mmx(d, r);
        };
    }

    private static Step pdToMmx(Instruction i, @Nullable AddressForm address, boolean truncate) {
        int d = i.operand(0).register();
        int s = 4 * i.operand(1).register();
        return cpu -> {
            MmxFamilies.check(cpu);
            long low;
            long high;
            if (address == null) {
                low = cpu.xmm[s];
                high = cpu.xmm[s + 1];
            } else {
                long a = Access.aligned(cpu, address);
                low = cpu.mmu.load64(a);
                high = cpu.mmu.load64(a + 8);
            }
            SoftFloat f = begin(cpu);
            long r = SseFloat.toInteger64(f, cpu.mxcsr, low, 32, truncate) & 0xFFFF_FFFFL
                    | SseFloat.toInteger64(f, cpu.mxcsr, high, 32, truncate) << 32;
            cpu.x87.enterMmx();
            end(cpu, f);
            cpu.x87.mmx(d, r);
        };
    }
}
