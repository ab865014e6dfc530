package chronovisor.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Walks the documents of one Chronicle segment without Chronicle: plain reads, every length bounded, nothing mapped. A
 * document is a little-endian word (30 bits of length, bit 30 = Chronicle's own data, bit 31 = not finished), that many
 * bytes, and padding to a multiple of four; a zero word ends the segment.
 */
final class SegmentFile implements AutoCloseable {

    private static final int LENGTH = 0x3FFF_FFFF;
    private static final int OWN_DATA = 0x4000_0000;
    private static final int END_OF_FILE = 0xC000_0000;
    private static final int WORD = 4;

    /** How a walk ended. */
    enum Stop {
        /** At the end of the documents. */
        END,
        /** Inside a document that was never finished, or cut off: what a killed writer leaves. */
        TORN,
        /** At bytes that no writer of ours leaves. */
        DAMAGED
    }

    private final FileChannel channel;
    private final String name;
    private final byte[] headBytes = new byte[WORD + ExcerptHead.SIZE];
    private long at;
    private long excerptAt;
    private @Nullable Stop stop;
    private String why = "";

    SegmentFile(Path file) throws IOException {
        this(file, 0);
    }

    /** Begins at the word before a document. */
    SegmentFile(Path file, long offset) throws IOException {
        at = offset;
        channel = FileChannel.open(file, StandardOpenOption.READ);
        Path fileName = file.getFileName();
        name = fileName == null ? file.toString() : fileName.toString();
    }

    String name() {
        return name;
    }

    /** The head of the next excerpt, or null when the walk stopped. */
    @Nullable
    ExcerptHead next() throws IOException {
        while (stop == null) {
            int got = read(channel, headBytes, at);
            if (got < WORD) {
                return stop(got == 0 ? Stop.END : Stop.TORN, "the file ends");
            }
            int word = ByteBuffer.wrap(headBytes).order(ByteOrder.LITTLE_ENDIAN).getInt();
            if (word == 0 || word == END_OF_FILE) {
                return stop(Stop.END, "no more documents");
            }
            int length = word & LENGTH;
            if (word < 0) {
                return stop(Stop.TORN, "a document that was never finished");
            }
            if (at + WORD + length > channel.size()) {
                return stop(Stop.TORN, "a document of " + length + " bytes is cut off by the end of the file");
            }
            if ((word & OWN_DATA) != 0) {
                at += WORD + (length + 3L & ~3L);
                continue;
            }
            ExcerptHead head = got < WORD + ExcerptHead.SIZE
                    ? null
                    : ExcerptHead.parse(Arrays.copyOfRange(headBytes, WORD, got));
            if (head == null) {
                return stop(Stop.DAMAGED, "a document that has no head of an excerpt");
            }
            if (head.excerptBytes() != length) {
                return stop(Stop.DAMAGED, "an excerpt of " + head.excerptBytes() + " bytes in a document of " + length);
            }
            excerptAt = at + WORD;
            at += WORD + length;
            return head;
        }
        return null;
    }

    /** Offset of the excerpt whose head {@link #next} returned last. */
    long excerptOffset() {
        return excerptAt;
    }

    /** Where the walk stands, or stopped. */
    long offset() {
        return at;
    }

    /** Why it stopped; valid after {@link #next} returned null. */
    Stop stopped() {
        Stop reason = stop;
        if (reason == null) {
            throw new IllegalStateException("the walk goes on");
        }
        return reason;
    }

    String why() {
        return why;
    }

    /** All bytes of the excerpt whose head {@link #next} returned last. */
    byte[] excerpt(ExcerptHead head) throws IOException {
        byte[] bytes = new byte[head.excerptBytes()];
        int got = read(channel, bytes, excerptAt);
        return got == bytes.length ? bytes : Arrays.copyOf(bytes, got);
    }

    private @Nullable ExcerptHead stop(Stop reason, String text) {
        stop = reason;
        why = text;
        return null;
    }

    /** Reads until {@code into} is full or the file ends; returns how many bytes were read. */
    static int read(FileChannel channel, byte[] into, long from) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(into);
        int got = 0;
        while (got >= 0 && buffer.hasRemaining()) {
            got = channel.read(buffer, from + buffer.position());
        }
        return buffer.position();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
