package chronovisor.replay;

/**
 * Remembers which page has which number, by 128 bits of its SHA-256: 24 bytes a page. Open addressing, at most half full.
 */
final class PageNumbers {

    private static final int WORDS = 3;

    private long[] table = new long[WORDS * 1024];
    private int count;

    /** The number of a page with this digest; {@code next} when it is new, and then that is its number from now on. */
    long number(byte[] digest, long next) {
        if (2 * (count + 1) * WORDS > table.length) {
            grow();
        }
        long high = word(digest, 0);
        long low = word(digest, 8);
        int slot = slot(table, high, low);
        if (table[slot + 2] == 0) {
            table[slot] = high;
            table[slot + 1] = low;
            table[slot + 2] = next + 1;
            count++;
        }
        return table[slot + 2] - 1;
    }

    private static int slot(long[] table, long high, long low) {
        int slots = table.length / WORDS;
        int slot = (Long.hashCode(high) & Integer.MAX_VALUE) % slots;
        while (table[WORDS * slot + 2] != 0 && (table[WORDS * slot] != high || table[WORDS * slot + 1] != low)) {
            slot = (slot + 1) % slots;
        }
        return WORDS * slot;
    }

    private void grow() {
        long[] old = table;
        table = new long[Math.multiplyExact(old.length, 2)];
        for (int at = 0; at < old.length; at += WORDS) {
            if (old[at + 2] != 0) {
                int slot = slot(table, old[at], old[at + 1]);
                System.arraycopy(old, at, table, slot, WORDS);
            }
        }
    }

    private static long word(byte[] digest, int at) {
        long word = 0;
        for (int i = 0; i < 8; i++) {
            word = word << 8 | digest[at + i] & 0xFF;
        }
        return word;
    }

}
