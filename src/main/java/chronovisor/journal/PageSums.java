package chronovisor.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/** The digest of a whole file and a CRC32C for each of its 4 KiB pages. */
record PageSums(long bytes, String sha256, int[] pages) {

    static final int PAGE = 4096;

    /** Castagnoli, reflected (RFC 3720). */
    private static final int POLYNOMIAL = 0x82F63B78;
    private static final int[] TABLE = table();

    static PageSums of(Path file) throws IOException {
        MessageDigest sha = ExcerptHead.sha256();
        CRC32C crc = new CRC32C();
        byte[] window = new byte[1 << 20];
        int[] pages = new int[16];
        int count = 0;
        long at = 0;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (true) {
                int got = SegmentFile.read(channel, window, at);
                if (got == 0) {
                    break;
                }
                sha.update(window, 0, got);
                for (int from = 0; from < got; from += PAGE) {
                    crc.reset();
                    crc.update(window, from, Math.min(PAGE, got - from));
                    if (count == pages.length) {
                        pages = Arrays.copyOf(pages, count * 2);
                    }
                    pages[count++] = (int) crc.getValue();
                }
                at += got;
            }
        }
        return new PageSums(at, HexFormat.of().formatHex(sha.digest()), Arrays.copyOf(pages, count));
    }

    /**
     * Where in a page one flipped bit explains the wrong sum: CRC is linear, so the difference of two sums depends on the
     * flipped bit alone. Returns the bit's offset within the page (8 * byte + bit), or -1 when more than one bit differs.
     */
    static int flippedBit(int length, int expected, int actual) {
        int difference = expected ^ actual;
        int[] syndromes = new int[8];
        for (int bit = 0; bit < 8; bit++) {
            syndromes[bit] = TABLE[1 << bit];
        }
        for (int at = length - 1; at >= 0; at--) {
            for (int bit = 0; bit < 8; bit++) {
                if (syndromes[bit] == difference) {
                    return 8 * at + bit;
                }
                // The same bit one byte earlier: one more zero byte goes through the register after it.
                syndromes[bit] = syndromes[bit] >>> 8 ^ TABLE[syndromes[bit] & 0xFF];
            }
        }
        return -1;
    }

    private static int[] table() {
        int[] table = new int[256];
        for (int i = 0; i < 256; i++) {
            int register = i;
            for (int bit = 0; bit < 8; bit++) {
                register = register >>> 1 ^ ((register & 1) != 0 ? POLYNOMIAL : 0);
            }
            table[i] = register;
        }
        return table;
    }
}
