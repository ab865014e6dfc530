package chronovisor.cpu.vector;

/**
 * RCPPS and RSQRTPS (SDM vol. 2): 12-bit approximations that raise no exceptions and take denormals as zero. The manual
 * bounds the error only; these are the values of Intel's processors, which look at the top 11 bits of the argument (for
 * the root: the exponent's last bit and the top 10) and round the exact result for the middle of that interval.
 */
final class SseApproximate {

    private static final int EXPONENT = 0xFF << 23;
    private static final int FRACTION = 0x7F_FFFF;
    private static final int SIGN = Integer.MIN_VALUE;
    private static final int QUIET = 1 << 22;

    private SseApproximate() {}

    static int reciprocal(int a) {
        int biased = a >>> 23 & 0xFF;
        int sign = a & SIGN;
        if (biased == 0) {
            return sign | EXPONENT;
        }
        if (biased == 0xFF) {
            return (a & FRACTION) != 0 ? a | QUIET : sign;
        }
        int middle = 4097 + 2 * ((a & FRACTION) >>> 12);
        int value = ((1 << 25) + middle / 2) / middle;
        int exponent = 253 - biased;
        return exponent <= 0 ? sign : sign | exponent << 23 | value - 4096 << 11;
    }

    static int reciprocalRoot(int a) {
        int biased = a >>> 23 & 0xFF;
        int sign = a & SIGN;
        if (biased == 0) {
            return sign | EXPONENT;
        }
        if (biased == 0xFF && (a & FRACTION) != 0) {
            return a | QUIET;
        }
        if (sign != 0) {
            return SIGN | EXPONENT | QUIET;
        }
        if (biased == 0xFF) {
            return 0;
        }
        int odd = biased - 127 & 1;
        int half = biased - 127 - odd >> 1;
        double middle = (2049 + 2 * ((a & FRACTION) >>> 13) << odd) / 2048.0;
        int value = (int) (8192 / Math.sqrt(middle) + 0.5);
        return 126 - half << 23 | value - 4096 << 11;
    }
}
