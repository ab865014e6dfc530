package chronovisor.cpu.vector;

/**
 * What an operation makes of 128 bits of each operand: SSE does it once, AVX once for each lane of 128 bits.
 *
 * @param low bits 0 to 63 of the result
 * @param high bits 64 to 127
 */
record Lane(Half low, Half high) {

    /** One half of a result from both halves of both operands. */
    @FunctionalInterface
    interface Half {
        long of(long aLow, long aHigh, long bLow, long bHigh);
    }
}
