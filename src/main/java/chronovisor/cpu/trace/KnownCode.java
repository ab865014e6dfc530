package chronovisor.cpu.trace;

import java.util.Arrays;

/** What a reader knows of one page of code. */
final class KnownCode {
    private final byte[] bytes = new byte[4096];
    private final long[] known = new long[64];

    /** Whether {@code count} bytes at {@code at} are known to be those given. */
    boolean has(int at, byte[] from, int offset, int count) {
        for (int i = 0; i < count; i++) {
            if ((known[at + i >> 6] >>> (at + i & 63) & 1) == 0) {
                return false;
            }
        }
        return Arrays.equals(bytes, at, at + count, from, offset, offset + count);
    }

    /** How many bytes from {@code at} on are known, at most {@code most}, copied to {@code to}. */
    int get(int at, byte[] to, int offset, int most) {
        int n = 0;
        while (n < most && (known[at + n >> 6] >>> (at + n & 63) & 1) != 0) {
            to[offset + n] = bytes[at + n];
            n++;
        }
        return n;
    }

    /** Takes bytes; true when some were known to be others. */
    boolean set(int at, byte[] from, int offset, int count) {
        boolean changed = false;
        for (int i = 0; i < count; i++) {
            int word = at + i >> 6;
            long bit = 1L << (at + i & 63);
            changed |= (known[word] & bit) != 0 && bytes[at + i] != from[offset + i];
            known[word] |= bit;
            bytes[at + i] = from[offset + i];
        }
        return changed;
    }
}
