package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Cpu;
import chronovisor.cpu.Step;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operation;
import org.jspecify.annotations.Nullable;

/** VEX-encoded tests, masks of sign bits, single elements in and out, blends by a register, and string comparisons. */
final class VexBits {

    private static final long SIGNS_PS = 0x8000_0000_8000_0000L;
    private static final long SIGNS_PD = 0x8000_0000_0000_0000L;

    private VexBits() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        return switch (i.operation()) {
            case VPTEST -> test(i, address, -1);
            case VTESTPS -> test(i, address, SIGNS_PS);
            case VTESTPD -> test(i, address, SIGNS_PD);
            case VPMOVMSKB -> maskBytes(i);
            case VPEXTRB -> LaneFamilies.extract(i, address, 8);
            case VPEXTRW -> LaneFamilies.extract(i, address, 16);
            case VPEXTRD, VEXTRACTPS -> LaneFamilies.extract(i, address, 32);
            case VPEXTRQ -> LaneFamilies.extract(i, address, 64);
            case VPINSRB -> VexLanes.clearing(i, LaneFamilies.insert(i, address, 8));
            case VPINSRW -> VexLanes.clearing(i, LaneFamilies.insert(i, address, 16));
            case VPINSRD -> VexLanes.clearing(i, LaneFamilies.insert(i, address, 32));
            case VPINSRQ -> VexLanes.clearing(i, LaneFamilies.insert(i, address, 64));
            case VINSERTPS -> VexLanes.clearing(i, LaneFamilies.insertPs(i, address));
            case VPBLENDVB -> blend(i, address, 8);
            case VBLENDVPS -> blend(i, address, 32);
            case VBLENDVPD -> blend(i, address, 64);
            case VPCMPESTRI, VPCMPISTRI, VPCMPESTRM, VPCMPISTRM -> strings(i, address);
            default -> null;
        };
    }

    private static @Nullable Step strings(Instruction i, @Nullable AddressForm address) {
        Operation twin = VexTwin.of(i.operation());
        Step step = twin == null ? null : StringCompare.bind(i, twin, address);
        boolean mask = twin == Operation.PCMPESTRM || twin == Operation.PCMPISTRM;
        return step == null || !mask ? step : cpu -> {
            step.execute(cpu);
            VexLanes.clearUpper(cpu.xmm, 0); // the mask is in XMM0
        };
    }

    /** ZF: b has no bit of a within {@code bits}; CF: b has none outside of a. */
    private static Step test(Instruction i, @Nullable AddressForm address, long bits) {
        int a = VexLanes.destination(i);
        long upper = i.vectorLength() == 256 ? bits : 0;
        if (address == null) {
            int b = VexLanes.b(i);
            return cpu -> {
                long[] x = cpu.xmm;
                test(cpu, a, x[b] & bits, x[b + 1] & bits, x[b + 2] & upper, x[b + 3] & upper);
            };
        }
        if (upper == 0) {
            return cpu -> {
                long at = address.of(cpu);
                test(cpu, a, cpu.mmu.load64(at) & bits, cpu.mmu.load64(at + 8) & bits, 0, 0);
            };
        }
        return cpu -> {
            long at = address.of(cpu);
            test(cpu, a, cpu.mmu.load64(at) & bits, cpu.mmu.load64(at + 8) & bits, cpu.mmu.load64(at + 16) & bits,
                    cpu.mmu.load64(at + 24) & bits);
        };
    }

    private static void test(Cpu cpu, int a, long b0, long b1, long b2, long b3) {
        long[] x = cpu.xmm;
        long both = b0 & x[a] | b1 & x[a + 1] | b2 & x[a + 2] | b3 & x[a + 3];
        long other = b0 & ~x[a] | b1 & ~x[a + 1] | b2 & ~x[a + 2] | b3 & ~x[a + 3];
        cpu.compareFlags(both == 0, false, other == 0);
    }

    private static Step maskBytes(Instruction i) {
        int d = i.operand(0).register();
        int s = VexLanes.b(i);
        return i.vectorLength() == 256 ? cpu -> {
            long[] x = cpu.xmm;
            long low = PackedInteger.signMask(x[s]) | PackedInteger.signMask(x[s + 1]) << 8;
            long high = PackedInteger.signMask(x[s + 2]) | PackedInteger.signMask(x[s + 3]) << 8;
            cpu.gpr[d] = low | high << 16;
        } : cpu -> {
            long[] x = cpu.xmm;
            cpu.gpr[d] = PackedInteger.signMask(x[s]) | PackedInteger.signMask(x[s + 1]) << 8;
        };
    }

    /** VMOVMSKPS. */
    static Step maskPs(Instruction i) {
        int d = i.operand(0).register();
        int s = VexLanes.b(i);
        if (i.vectorLength() == 128) {
            return cpu -> cpu.gpr[d] = SseMoves.signsPs(cpu.xmm, s);
        }
        return cpu -> cpu.gpr[d] = SseMoves.signsPs(cpu.xmm, s) | SseMoves.signsPs(cpu.xmm, s + 2) << 4;
    }

    /** VMOVMSKPD. */
    static Step maskPd(Instruction i) {
        int d = i.operand(0).register();
        int s = VexLanes.b(i);
        if (i.vectorLength() == 128) {
            return cpu -> cpu.gpr[d] = SseMoves.signsPd(cpu.xmm, s);
        }
        return cpu -> cpu.gpr[d] = SseMoves.signsPd(cpu.xmm, s) | SseMoves.signsPd(cpu.xmm, s + 2) << 2;
    }

    /** {@code (destination, a, b/memory, mask)}: elements of b where the mask's sign bit is set, else of a. */
    private static Step blend(Instruction i, @Nullable AddressForm address, int bits) {
        int d = VexLanes.destination(i);
        int a = VexLanes.a(i);
        int m = VexLanes.register(i, 3);
        boolean wide = i.vectorLength() == 256;
        if (address == null) {
            int b = VexLanes.register(i, 2);
            return cpu -> {
                long[] x = cpu.xmm;
                for (int k = 0; k < (wide ? 4 : 2); k++) {
                    x[d + k] = blend(x[a + k], x[b + k], x[m + k], bits);
                }
                clearUnless(wide, x, d);
            };
        }
        return cpu -> {
            long at = address.of(cpu);
            long b0 = cpu.mmu.load64(at);
            long b1 = cpu.mmu.load64(at + 8);
            long b2 = wide ? cpu.mmu.load64(at + 16) : 0;
            long b3 = wide ? cpu.mmu.load64(at + 24) : 0;
            long[] x = cpu.xmm;
            x[d] = blend(x[a], b0, x[m], bits);
            x[d + 1] = blend(x[a + 1], b1, x[m + 1], bits);
            x[d + 2] = blend(x[a + 2], b2, x[m + 2], bits);
            x[d + 3] = blend(x[a + 3], b3, x[m + 3], bits);
            clearUnless(wide, x, d);
        };
    }

    private static void clearUnless(boolean wide, long[] x, int d) {
        if (!wide) {
            VexLanes.clearUpper(x, d);
        }
    }

    private static long blend(long a, long b, long mask, int bits) {
        long chosen = LaneFamilies.signs(mask, bits);
        return a & ~chosen | b & chosen;
    }
}
