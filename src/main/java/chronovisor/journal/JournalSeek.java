package chronovisor.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds a place in a journal by halving, without reading what lies before: positions rise, and an excerpt is known by its magic and CRC
 * wherever one looks.
 *
 * <p>
 * A guest may have written bytes that look like an excerpt, and they may lie in the journal as they are. They lie inside of one excerpt
 * then, so the chain that begins there cannot go on for longer than an excerpt can be. A place is taken only when the chain has been followed
 * that far from it; else reading begins at the beginning.
 */
final class JournalSeek {

    /** A shorter piece is walked through. */
    private static final long PIECE_BYTES = 4L << 20;
    /** Parts of one record that are passed over at a place, to come to the end of a record. */
    private static final int PARTS_MAX = ExcerptHead.RAW_BYTES_MAX / ExcerptHead.STORED_BYTES_MAX + 2;

    private JournalSeek() {}

    /**
     * A place behind which all records lie that tell of a tick or later ones; null for the beginning.
     *
     * @param segments
     *            the journal's files, in order
     */
    static JournalReader.@Nullable Mark before(Path folder, List<Path> segments, long tick) throws IOException {
        for (int segment = segments.size() - 1; segment >= 0; segment--) {
            ExcerptScan.Found first = ExcerptScan.first(segments.get(segment), 0);
            // What a segment begins with tells whether the place may lie before it.
            if (first != null && (segment == 0 || isBefore(first, tick))) {
                JournalReader.Mark mark = within(segments.get(segment), segment, tick);
                return mark != null && holds(folder, mark) ? mark : null;
            }
        }
        return null;
    }

    private static boolean isBefore(ExcerptScan.Found found, long tick) {
        return found.head().last().tick() < tick;
    }

    private static JournalReader.@Nullable Mark within(Path file, int segment, long tick) throws IOException {
        ExcerptScan.Found best = null;
        long low = 0;
        long high = size(file);
        while (high - low > PIECE_BYTES) {
            long middle = low + high >>> 1;
            ExcerptScan.Found found = endOfRecord(file, middle);
            if (found != null && found.end() <= high && isBefore(found, tick)) {
                best = found;
                low = found.end();
            } else {
                high = middle;
            }
        }
        return best == null
                ? null
                : new JournalReader.Mark(segment, best.end(), best.head().number() + 1, Blob.of(best.head().chain()),
                        best.head().last());
    }

    private static ExcerptScan.@Nullable Found endOfRecord(Path file, long from) throws IOException {
        ExcerptScan.Found found = ExcerptScan.first(file, from);
        for (int parts = 0; found != null && found.head().goesOn(); parts++) {
            found = parts == PARTS_MAX ? null : ExcerptScan.first(file, found.end());
        }
        return found;
    }

    private static long size(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel.size();
        }
    }

    /** Whether the chain goes on from a place for longer than it could within an excerpt, or to the end. */
    private static boolean holds(Path folder, JournalReader.Mark mark) {
        try (JournalReader reader = JournalReader.open(folder, mark).checkingAll()) {
            reader.pass(ExcerptHead.STORED_BYTES_MAX + ExcerptHead.SIZE);
            return true;
        } catch (DamagedJournalException e) {
            // A place that is none, or damage behind it, which the reader from the beginning tells when it comes there.
            return false;
        }
    }
}
