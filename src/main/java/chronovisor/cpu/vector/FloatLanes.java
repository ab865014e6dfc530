package chronovisor.cpu.vector;

import chronovisor.cpu.softfloat.SoftFloat;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.isa.Operation;
import org.jspecify.annotations.Nullable;

/**
 * What floating-point operations make of one lane, whatever the encoding: asked by the name of the SSE operation, whose VEX twins mean
 * the same ({@link VexTwin}). Operations of one operand ignore the first.
 */
final class FloatLanes {

    private FloatLanes() {}

    /** A lane of double precision; or half of 128 bits. */
    @FunctionalInterface
    interface Lane64 {
        long of(SoftFloat f, int mxcsr, long a, long b);
    }

    /** A lane of single precision. */
    @FunctionalInterface
    interface Lane32 {
        int of(SoftFloat f, int mxcsr, int a, int b);
    }

    /** Both lanes of a half. */
    static long two(SoftFloat f, int mxcsr, long a, long b, Lane32 lane) {
        int low = lane.of(f, mxcsr, (int) a, (int) b);
        int high = lane.of(f, mxcsr, (int) (a >>> 32), (int) (b >>> 32));
        return low & 0xFFFF_FFFFL | (long) high << 32;
    }

    /** The immediate of a comparison, rounding or dot product, 0 without one. SSE has eight predicates, VEX 32. */
    static int control(Instruction i) {
        Operand last = i.operand(i.operandCount() - 1);
        if (last.kind() != Operand.Kind.IMMEDIATE) {
            return 0;
        }
        int control = (int) last.value() & 0xFF;
        return switch (i.operation()) {
            case CMPSD, CMPPD, CMPSS, CMPPS -> control & 7;
            case VCMPSD, VCMPPD, VCMPSS, VCMPPS -> control & 31;
            default -> control;
        };
    }

    /** An operation on lanes of 32 bits, with its immediate; null when it is not one. */
    static @Nullable Lane32 of32(Operation operation, int control) {
        return switch (operation) {
            case ADDSS, ADDPS -> SseFloat::add32;
            case SUBSS, SUBPS -> SseFloat::subtract32;
            case MULSS, MULPS -> SseFloat::multiply32;
            case DIVSS, DIVPS -> SseFloat::divide32;
            case SQRTSS, SQRTPS -> SseFloat::squareRoot32;
            case MINSS, MINPS -> SseFloat::min32;
            case MAXSS, MAXPS -> SseFloat::max32;
            case RCPSS, RCPPS -> (f, m, a, b) -> SseApproximate.reciprocal(b);
            case RSQRTSS, RSQRTPS -> (f, m, a, b) -> SseApproximate.reciprocalRoot(b);
            case CMPSS, CMPPS -> (f, m, a, b) -> ComparePredicate.mask32(f, m, a, b, control);
            case ROUNDSS, ROUNDPS -> (f, m, a, b) -> SseSlow.round32(f, m, control, b);
            case CVTDQ2PS -> (f, m, a, b) -> SseFloat.fromInteger32(f, m, b);
            case CVTPS2DQ -> (f, m, a, b) -> (int) SseFloat.toInteger32(f, m, b, 32, false);
            case CVTTPS2DQ -> (f, m, a, b) -> (int) SseFloat.toInteger32(f, m, b, 32, true);
            default -> null;
        };
    }

    /** An operation on lanes of 64 bits, with its immediate; null when it is not one. */
    static @Nullable Lane64 of64(Operation operation, int control) {
        return switch (operation) {
            case ADDSD, ADDPD -> SseFloat::add64;
            case SUBSD, SUBPD -> SseFloat::subtract64;
            case MULSD, MULPD -> SseFloat::multiply64;
            case DIVSD, DIVPD -> SseFloat::divide64;
            case SQRTSD, SQRTPD -> SseFloat::squareRoot64;
            case MINSD, MINPD -> SseFloat::min64;
            case MAXSD, MAXPD -> SseFloat::max64;
            case CMPSD, CMPPD -> (f, m, a, b) -> ComparePredicate.mask64(f, m, a, b, control);
            case ROUNDSD, ROUNDPD -> (f, m, a, b) -> SseSlow.round64(f, m, control, b);
            default -> null;
        };
    }
}
