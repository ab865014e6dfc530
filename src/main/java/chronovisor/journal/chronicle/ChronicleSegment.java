package chronovisor.journal.chronicle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.rollcycles.LegacyRollCycles;
import net.openhft.chronicle.wire.DocumentContext;
import org.jspecify.annotations.Nullable;

/** Appends documents to one new segment of a queue. One thread. */
public final class ChronicleSegment implements AutoCloseable {

    /** A document may take a quarter of it. */
    static final int BLOCK_BYTES = 4 << 20;
    /** Smallest index tables of the roll cycles that hold enough (64 M documents). */
    static final RollCycle ROLL = LegacyRollCycles.MINUTELY;

    private static final String METADATA = "metadata.cq4t";
    private static final int PAGE = 4096;
    private static final int RESERVED_AHEAD_BYTES = 256 << 10;
    /** Between two documents Chronicle may put an index table of 16 KiB; the rest is margin. */
    private static final int TABLE_BYTES_MAX = 64 << 10;
    private static final long FREE_BYTES_MIN = 1 << 20;

    private final Path folder;
    private final Path file;
    private final ChronicleQueue queue;
    private final ExcerptAppender appender;
    private final ByteBuffer zeros = ByteBuffer.allocateDirect(RESERVED_AHEAD_BYTES + (1 << 20));
    private @Nullable FileChannel ahead;
    private long end;
    private long reserved;
    private long lastIndex = -1;

    /**
     * Begins segment {@code number} in a folder.
     *
     * @throws IOException
     *             when the folder cannot take it
     */
    public ChronicleSegment(Path folder, int number) throws IOException {
        this.folder = folder;
        this.file = folder.resolve(fileName(number));
        if (Files.exists(file)) {
            throw new IOException("segment exists already: " + file);
        }
        if (Files.getFileStore(folder).getUsableSpace() < FREE_BYTES_MIN) {
            throw new IOException("no space left on device");
        }
        long time = number * 60_000L;
        queue = SingleChronicleQueueBuilder.binary(folder).blockSize(BLOCK_BYTES).rollCycle(ROLL)
                .timeProvider(() -> time).build();
        appender = queue.createAppender();
    }

    /** The file of a segment. */
    public static String fileName(int number) {
        return "1970%02d%02d-%02d%02d.cq4".formatted(1, 1 + number / 1440, number / 60 % 24, number % 60);
    }

    /** Chronicle's index of a document in a segment. */
    public static long index(int segment, long document) {
        return (long) segment << 32 | document;
    }

    /**
     * Appends one document.
     *
     * @throws IOException
     *             when the disk is full or fails; what was appended before is not touched
     */
    public void append(byte[] document) throws IOException {
        if (end > 0) {
            reserve(end + document.length + TABLE_BYTES_MAX);
        }
        try (DocumentContext context = appender.writingDocument()) {
            try {
                var bytes = Objects.requireNonNull(context.wire()).bytes();
                bytes.write(document);
                end = bytes.writePosition();
            } catch (RuntimeException | Error e) {
                context.rollbackOnClose();
                throw e;
            }
        } catch (InternalError e) {
            throw new IOException("the disk failed under a mapped file: " + e.getMessage(), e);
        }
        lastIndex = appender.lastIndexAppended();
        if (reserved == 0) {
            reserved = end + PAGE - 1 & -PAGE;
        }
    }

    /** Bytes of the segment in use. */
    public long bytes() {
        return end;
    }

    /** Chronicle's index of the last document, or -1. */
    public long lastIndex() {
        return lastIndex;
    }

    private void reserve(long upTo) throws IOException {
        if (upTo <= reserved) {
            return;
        }
        FileChannel channel = ahead;
        if (channel == null) {
            channel = FileChannel.open(file, StandardOpenOption.WRITE);
            ahead = channel;
        }
        long target = Math.max(upTo, reserved + RESERVED_AHEAD_BYTES) + PAGE - 1 & -PAGE;
        long at = reserved;
        while (at < target) {
            zeros.clear().limit((int) Math.min(zeros.capacity(), target - at));
            at += channel.write(zeros, at);
        }
        reserved = target;
    }

    /** Closes the queue and cuts its files to what is in use. */
    @Override
    public void close() throws IOException {
        appender.close();
        queue.close();
        FileChannel channel = ahead;
        if (channel != null) {
            channel.close();
        }
        if (end > 0) {
            // Four more bytes: the zero header that tells a reader that nothing follows.
            cut(file, end + 4 + PAGE - 1 & -PAGE);
        }
        cut(folder.resolve(METADATA), PAGE);
    }

    private static void cut(Path path, long length) throws IOException {
        if (Files.exists(path) && Files.size(path) > length) {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                channel.truncate(length);
            }
        }
    }
}
