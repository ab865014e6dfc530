package chronovisor.cpu.vector;

import chronovisor.cpu.softfloat.SoftFloat;

/**
 * The predicates of CMPPS and its like (SDM vol. 2, CMPPD, table 3-1). The lowest two bits say EQ, LT, LE or UNORD; bit 2 negates; bit
 * 3 makes unordered operands count the other way; bit 4 exchanges quiet and signaling. SSE has bits 0 to 2 only.
 */
final class ComparePredicate {

    private static final int NEGATED = 4;
    private static final int OTHERWISE_ORDERED = 8;
    private static final int OTHERWISE_SIGNALING = 16;

    private ComparePredicate() {}

    /** Whether a predicate holds of an order: -1, 0, 1, or 2 for unordered. */
    private static boolean holds(int predicate, int order) {
        boolean other = (predicate & OTHERWISE_ORDERED) != 0;
        boolean direct = switch (predicate & 3) {
            case 0 -> order == 0 || other && order == 2;
            case 1 -> order == -1 || other && order == 2;
            case 2 -> order <= 0 || other && order == 2;
            default -> order == 2 && !other;
        };
        return direct != ((predicate & NEGATED) != 0);
    }

    /** EQ, UNORD and their negations are quiet, unless bit 4 says otherwise. */
    private static boolean quiet(int predicate) {
        boolean quiet = (predicate & 3) == 0 || (predicate & 3) == 3;
        return quiet != ((predicate & OTHERWISE_SIGNALING) != 0);
    }

    static long mask64(SoftFloat f, int mxcsr, long a, long b, int predicate) {
        return holds(predicate, SseFloat.compare64(f, mxcsr, a, b, quiet(predicate))) ? -1 : 0;
    }

    static int mask32(SoftFloat f, int mxcsr, int a, int b, int predicate) {
        return holds(predicate, SseFloat.compare32(f, mxcsr, a, b, quiet(predicate))) ? -1 : 0;
    }
}
