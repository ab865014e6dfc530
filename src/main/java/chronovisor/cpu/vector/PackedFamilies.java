package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Step;
import chronovisor.cpu.vector.Lane.Half;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.isa.Operation;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Packed integer operations of MMX and SSE2 to SSE4.2 whose halves do not mix, and logic: the table of what each does. */
final class PackedFamilies {

    private PackedFamilies() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        Step hot = hot(i, address);
        if (hot != null) {
            return hot;
        }
        LongBinaryOperator lanes = lanes(i.operation());
        if (lanes != null) {
            return MmxFamilies.isMmx(i) ? MmxFamilies.binary(i, address, lanes) : halves(i, address, lanes);
        }
        LongBinaryOperator shift = shift(i.operation());
        return shift == null ? null : shifts(i, address, shift);
    }

    /** The ones string functions and compilers use most, without a call through an interface. */
    private static @Nullable Step hot(Instruction i, @Nullable AddressForm address) {
        if (i.operandCount() < 2 || i.operand(0).kind() != Operand.Kind.XMM || address != null
                || i.operand(1).kind() != Operand.Kind.XMM) {
            return null;
        }
        int d = 4 * i.operand(0).register();
        int s = 4 * i.operand(1).register();
        return switch (i.operation()) {
            case PXOR, XORPS, XORPD -> d == s ? cpu -> {
                cpu.xmm[d] = 0;
                cpu.xmm[d + 1] = 0;
            } : cpu -> {
                long[] x = cpu.xmm;
                x[d] ^= x[s];
                x[d + 1] ^= x[s + 1];
            };
            case POR, ORPS, ORPD -> cpu -> {
                long[] x = cpu.xmm;
                x[d] |= x[s];
                x[d + 1] |= x[s + 1];
            };
            case PAND, ANDPS, ANDPD -> cpu -> {
                long[] x = cpu.xmm;
                x[d] &= x[s];
                x[d + 1] &= x[s + 1];
            };
            case PCMPEQB -> cpu -> {
                long[] x = cpu.xmm;
                x[d] = PackedInteger.equalBytes(x[d], x[s]);
                x[d + 1] = PackedInteger.equalBytes(x[d + 1], x[s + 1]);
            };
            case PMINUB -> cpu -> {
                long[] x = cpu.xmm;
                x[d] = PackedInteger.minUnsignedBytes(x[d], x[s]);
                x[d + 1] = PackedInteger.minUnsignedBytes(x[d + 1], x[s + 1]);
            };
            case PADDD -> cpu -> {
                long[] x = cpu.xmm;
                x[d] = PackedInteger.addDwords(x[d], x[s]);
                x[d + 1] = PackedInteger.addDwords(x[d + 1], x[s + 1]);
            };
            case PADDQ -> cpu -> {
                long[] x = cpu.xmm;
                x[d] += x[s];
                x[d + 1] += x[s + 1];
            };
            default -> null;
        };
    }

    /** What an operation makes of one half of each operand; null for those that mix halves. */
    static @Nullable LongBinaryOperator lanes(Operation operation) {
        return switch (operation) {
            case PAND, ANDPS, ANDPD -> (a, b) -> a & b;
            case PANDN, ANDNPS, ANDNPD -> (a, b) -> ~a & b;
            case POR, ORPS, ORPD -> (a, b) -> a | b;
            case PXOR, XORPS, XORPD -> (a, b) -> a ^ b;
            case PADDB -> PackedInteger::addBytes;
            case PADDW -> PackedInteger::addWords;
            case PADDD -> PackedInteger::addDwords;
            case PADDQ -> Long::sum;
            case PADDSB -> PackedInteger::addSignedSaturatingBytes;
            case PADDSW -> PackedInteger::addSignedSaturatingWords;
            case PADDUSB -> PackedInteger::addUnsignedSaturatingBytes;
            case PADDUSW -> PackedInteger::addUnsignedSaturatingWords;
            case PSUBB -> PackedInteger::subtractBytes;
            case PSUBW -> PackedInteger::subtractWords;
            case PSUBD -> PackedInteger::subtractDwords;
            case PSUBQ -> (a, b) -> a - b;
            case PSUBSB -> PackedInteger::subtractSignedSaturatingBytes;
            case PSUBSW -> PackedInteger::subtractSignedSaturatingWords;
            case PSUBUSB -> PackedInteger::subtractUnsignedSaturatingBytes;
            case PSUBUSW -> PackedInteger::subtractUnsignedSaturatingWords;
            case PCMPEQB -> PackedInteger::equalBytes;
            case PCMPEQW -> PackedInteger::equalWords;
            case PCMPEQD -> PackedInteger::equalDwords;
            case PCMPEQQ -> PackedInteger::equalQwords;
            case PCMPGTB -> PackedInteger::greaterBytes;
            case PCMPGTW -> PackedInteger::greaterWords;
            case PCMPGTD -> PackedInteger::greaterDwords;
            case PCMPGTQ -> PackedInteger::greaterQwords;
            case PMINUB -> PackedInteger::minUnsignedBytes;
            case PMINUW -> PackedInteger::minUnsignedWords;
            case PMINUD -> PackedInteger::minUnsignedDwords;
            case PMINSB -> PackedInteger::minSignedBytes;
            case PMINSW -> PackedInteger::minSignedWords;
            case PMINSD -> PackedInteger::minSignedDwords;
            case PMAXUB -> PackedInteger::maxUnsignedBytes;
            case PMAXUW -> PackedInteger::maxUnsignedWords;
            case PMAXUD -> PackedInteger::maxUnsignedDwords;
            case PMAXSB -> PackedInteger::maxSignedBytes;
            case PMAXSW -> PackedInteger::maxSignedWords;
            case PMAXSD -> PackedInteger::maxSignedDwords;
            default -> moreLanes(operation);
        };
    }

    private static @Nullable LongBinaryOperator moreLanes(Operation operation) {
        return switch (operation) {
            case PAVGB -> PackedInteger::averageBytes;
            case PAVGW -> PackedInteger::averageWords;
            case PMULLW -> PackedInteger::multiplyLowWords;
            case PMULHW -> PackedInteger::multiplyHighSignedWords;
            case PMULHUW -> PackedInteger::multiplyHighUnsignedWords;
            case PMULHRSW -> PackedInteger::multiplyRoundWords;
            case PMULLD -> PackedInteger::multiplyLowDwords;
            case PMULUDQ -> PackedInteger::multiplyUnsignedDwords;
            case PMULDQ -> PackedInteger::multiplySignedDwords;
            case PMADDWD -> PackedInteger::multiplyAddWords;
            case PMADDUBSW -> PackedInteger::multiplyAddBytes;
            case PSADBW -> PackedInteger::sumAbsoluteDifferences;
            case PABSB -> unary(PackedInteger::absoluteBytes);
            case PABSW -> unary(PackedInteger::absoluteWords);
            case PABSD -> unary(PackedInteger::absoluteDwords);
            case PSIGNB -> PackedInteger::signBytes;
            case PSIGNW -> PackedInteger::signWords;
            case PSIGND -> PackedInteger::signDwords;
            default -> null;
        };
    }

    private static LongBinaryOperator unary(LongUnaryOperator operation) {
        return (a, b) -> operation.applyAsLong(b);
    }

    /** What a shift makes of one half, by a count that is the same for all lanes. */
    static @Nullable LongBinaryOperator shift(Operation operation) {
        return switch (operation) {
            case PSLLW -> PackedInteger::shiftLeftWords;
            case PSLLD -> PackedInteger::shiftLeftDwords;
            case PSLLQ -> PackedInteger::shiftLeftQwords;
            case PSRLW -> PackedInteger::shiftRightWords;
            case PSRLD -> PackedInteger::shiftRightDwords;
            case PSRLQ -> PackedInteger::shiftRightQwords;
            case PSRAW -> PackedInteger::shiftArithmeticWords;
            case PSRAD -> PackedInteger::shiftArithmeticDwords;
            default -> null;
        };
    }

    private static Step shifts(Instruction i, @Nullable AddressForm address, LongBinaryOperator shift) {
        int d = 4 * i.operand(0).register();
        Operand by = i.operand(1);
        if (by.kind() == Operand.Kind.IMMEDIATE) {
            long count = by.value() & 0xFF;
            if (i.operand(0).kind() == Operand.Kind.MMX) {
                return MmxFamilies.constant(i, shift, count);
            }
            return cpu -> {
                long[] x = cpu.xmm;
                x[d] = shift.applyAsLong(x[d], count);
                x[d + 1] = shift.applyAsLong(x[d + 1], count);
            };
        }
        if (i.operand(0).kind() == Operand.Kind.MMX) {
            return MmxFamilies.binary(i, address, shift);
        }
        return wide(i, address, new Lane((al, ah, bl, bh) -> shift.applyAsLong(al, bl),
                (al, ah, bl, bh) -> shift.applyAsLong(ah, bl)));
    }

    /** {@code xmm = operation(xmm, xmm/m128)}, each half for itself. */
    static Step halves(Instruction i, @Nullable AddressForm address, LongBinaryOperator operation) {
        int d = 4 * i.operand(0).register();
        if (address == null) {
            int s = 4 * i.operand(1).register();
            return cpu -> {
                long[] x = cpu.xmm;
                x[d] = operation.applyAsLong(x[d], x[s]);
                x[d + 1] = operation.applyAsLong(x[d + 1], x[s + 1]);
            };
        }
        return cpu -> {
            long a = Access.aligned(cpu, address);
            long low = cpu.mmu.load64(a);
            long high = cpu.mmu.load64(a + 8);
            long[] x = cpu.xmm;
            x[d] = operation.applyAsLong(x[d], low);
            x[d + 1] = operation.applyAsLong(x[d + 1], high);
        };
    }

    /** {@code xmm = lane(xmm, xmm/m128)}, the memory operand aligned. */
    static Step wide(Instruction i, @Nullable AddressForm address, Lane lane) {
        Half low = lane.low();
        Half high = lane.high();
        int d = 4 * i.operand(0).register();
        if (address == null) {
            int s = 4 * i.operand(1).register();
            return cpu -> {
                long[] x = cpu.xmm;
                long resultLow = low.of(x[d], x[d + 1], x[s], x[s + 1]);
                x[d + 1] = high.of(x[d], x[d + 1], x[s], x[s + 1]);
                x[d] = resultLow;
            };
        }
        return cpu -> {
            long a = Access.aligned(cpu, address);
            long bLow = cpu.mmu.load64(a);
            long bHigh = cpu.mmu.load64(a + 8);
            long[] x = cpu.xmm;
            long resultLow = low.of(x[d], x[d + 1], bLow, bHigh);
            x[d + 1] = high.of(x[d], x[d + 1], bLow, bHigh);
            x[d] = resultLow;
        };
    }

    /** The immediate operand, 0 to 255; 0 when there is none. */
    static int control(Instruction i) {
        int count = i.operandCount();
        Operand last = count == 0 ? null : i.operand(count - 1);
        return last != null && last.kind() == Operand.Kind.IMMEDIATE ? (int) last.value() & 0xFF : 0;
    }
}
