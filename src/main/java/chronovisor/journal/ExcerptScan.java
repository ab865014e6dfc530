package chronovisor.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds whole excerpts in a file by their magic and CRC alone, wherever they are: what Chronicle's chain of lengths says
 * does not matter. Tells which excerpt a damaged byte belongs to, and whether more follows a place where a walk stopped.
 */
final class ExcerptScan {

    private static final int WINDOW = 4 << 20;
    /** Most excerpts are shorter. */
    private static final int NEAR = 128 << 10;

    /** A good excerpt in a file. */
    record Found(long offset, ExcerptHead head) {
        long end() {
            return offset + head.excerptBytes();
        }
    }

    private ExcerptScan() {}

    /** All good excerpts that begin at or after {@code from}. */
    static List<Found> all(Path file, long from) throws IOException {
        List<Found> found = new ArrayList<>();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long at = from & ~3L;
            byte[] window = new byte[WINDOW];
            while (at < channel.size()) {
                int got = SegmentFile.read(channel, window, at);
                long next = at + Math.max(4, got - ExcerptHead.STORED_BYTES_MAX - ExcerptHead.SIZE - 4 & ~3);
                boolean last = at + got >= channel.size();
                long limit = last ? at + got : next;
                long i = at;
                while (i < limit) {
                    Found excerpt = at(window, got, (int) (i - at), at);
                    if (excerpt != null) {
                        found.add(excerpt);
                    }
                    i = excerpt != null ? excerpt.end() : i + 4;
                }
                at = last ? channel.size() : Math.max(i, next);
            }
        }
        return found;
    }

    /** The first good excerpt that begins at or after {@code from}; null when none does within the length of the longest two. */
    static @Nullable Found first(Path file, long from) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long at = from + 3 & ~3L;
            byte[] window = new byte[NEAR];
            int got = SegmentFile.read(channel, window, at);
            Found found = near(window, got, at);
            if (found == null && got == window.length) {
                window = new byte[2 * (ExcerptHead.STORED_BYTES_MAX + ExcerptHead.SIZE + 8)];
                found = near(window, SegmentFile.read(channel, window, at), at);
            }
            return found;
        }
    }

    private static @Nullable Found near(byte[] window, int got, long base) {
        for (int i = 0; i < got; i += 4) {
            Found excerpt = at(window, got, i, base);
            if (excerpt != null) {
                return excerpt;
            }
        }
        return null;
    }

    private static @Nullable Found at(byte[] window, int got, int i, long base) {
        if (i + ExcerptHead.SIZE > got || window[i] != 'C' || window[i + 1] != 'V' || window[i + 2] != 'J'
                || window[i + 3] != '1') {
            return null;
        }
        ExcerptHead head = ExcerptHead.parse(Arrays.copyOfRange(window, i, i + ExcerptHead.SIZE));
        if (head == null || i + head.excerptBytes() > got
                || !head.agrees(Arrays.copyOfRange(window, i, i + head.excerptBytes()))) {
            return null;
        }
        return new Found(base + i, head);
    }
}
