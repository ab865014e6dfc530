package chronovisor.cpu;

/** Bit scans, counts, byte swaps, CRC32 and the BMI instructions (SDM vol. 2). Operands are zero-extended values of {@code bits} bits. */
public final class Bits {
    private static final int CRC32C_REVERSED = 0x82F63B78;

    private Bits() {}

    /** BSWAP at 32 or 64 bits; at 16 bits, which is undefined, hardware clears the register. */
    public static long bswap(int bits, long v) {
        return switch (bits) {
            case 16 -> 0;
            case 32 -> Integer.reverseBytes((int) v) & 0xFFFF_FFFFL;
            default -> Long.reverseBytes(v);
        };
    }

    /** Bytes in reverse order at 16, 32 or 64 bits: MOVBE. */
    public static long reverse(int bits, long v) {
        return Long.reverseBytes(v) >>> (64 - bits);
    }

    /** TZCNT; {@code bits} when {@code v} is 0. */
    public static long tzcnt(int bits, long v) {
        return v == 0 ? bits : Long.numberOfTrailingZeros(v);
    }

    /** LZCNT; {@code bits} when {@code v} is 0. */
    public static long lzcnt(int bits, long v) {
        return (long) Long.numberOfLeadingZeros(v) - (64 - bits);
    }

    /** CRC32: accumulates {@code bits} bits of {@code v} with the Castagnoli polynomial. */
    public static long crc32(int bits, long crc, long v) {
        int c = (int) crc;
        for (int i = 0; i < bits; i += 8) {
            c ^= (int) (v >>> i) & 0xFF;
            for (int k = 0; k < 8; k++) {
                c = c >>> 1 ^ (CRC32C_REVERSED & -(c & 1));
            }
        }
        return c & 0xFFFF_FFFFL;
    }

    /** BEXTR: {@code control} holds the start in bits 7..0 and the length in bits 15..8. */
    public static long bextr(int bits, long v, long control) {
        int start = (int) control & 0xFF;
        int length = (int) (control >>> 8) & 0xFF;
        long r = start >= bits ? 0 : v >>> start;
        return length >= 64 ? r : r & (1L << length) - 1;
    }

    /** BZHI: zeroes the bits from {@code index & 0xFF} on. */
    public static long bzhi(int bits, long v, long index) {
        int n = (int) index & 0xFF;
        return n >= bits ? v : v & (1L << n) - 1;
    }

    /** PDEP. */
    public static long pdep(long v, long mask) {
        return Long.expand(v, mask);
    }

    /** PEXT. */
    public static long pext(long v, long mask) {
        return Long.compress(v, mask);
    }
}
