package chronovisor.app.host;

import chronovisor.journal.ByteSink;
import chronovisor.journal.ByteSource;
import chronovisor.journal.FormatException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection between a tool and the host: frames of a length (4 bytes, big-endian), a kind (1 byte) and at most
 * {@value #PAYLOAD_BYTES_MAX} bytes. A tool sends a request and then what is typed; the host answers with output, errors, and the
 * exit code, which is the last frame. One thread may read while another writes.
 */
final class Wire implements AutoCloseable {

    static final int PAYLOAD_BYTES_MAX = 64 * 1024;
    private static final int VERSION = 1;
    private static final int WORDS_MAX = 64;

    /** What a frame is. */
    enum Kind {
        /** A version and words. */
        REQUEST,
        /** Bytes that were typed. */
        TYPED,
        /** Nothing more will be typed. */
        TYPED_END,
        /** Bytes for standard output. */
        OUTPUT,
        /** Text for standard error. */
        ERROR,
        /** The exit code; nothing follows. */
        DONE
    }

    @SuppressWarnings("ArrayRecordComponent") // bytes on their way
    record Frame(Kind kind, byte[] payload) {}

    private final SocketChannel channel;

    Wire(SocketChannel channel) {
        this.channel = channel;
    }

    /** Sends a frame; long output goes in several. */
    void send(Kind kind, byte[] payload) throws IOException {
        int done = 0;
        do {
            int part = Math.min(PAYLOAD_BYTES_MAX, payload.length - done);
            ByteBuffer frame = ByteBuffer.allocate(5 + part).putInt(part).put((byte) kind.ordinal())
                    .put(payload, done, part).flip();
            while (frame.hasRemaining()) {
                channel.write(frame);
            }
            done += part;
        } while (done < payload.length);
    }

    /** The next frame; null at the end of the connection. */
    @Nullable
    Frame receive() throws IOException {
        ByteBuffer head = ByteBuffer.allocate(5);
        if (!fill(head)) {
            return null;
        }
        int length = head.getInt();
        int kind = head.get();
        if (length < 0 || length > PAYLOAD_BYTES_MAX || kind < 0 || kind >= Kind.values().length) {
            throw new IOException("not a frame of this protocol: " + length + " bytes of kind " + kind);
        }
        ByteBuffer payload = ByteBuffer.allocate(length);
        if (!fill(payload)) {
            throw new EOFException("the connection ended in a frame");
        }
        return new Frame(Kind.values()[kind], payload.array());
    }

    /** False when there is nothing more; a part of it is an error. */
    private boolean fill(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                if (buffer.position() > 0) {
                    throw new EOFException("the connection ended in a frame");
                }
                return false;
            }
        }
        buffer.flip();
        return true;
    }

    static byte[] request(List<String> words) {
        ByteSink out = new ByteSink();
        out.varint(VERSION).varint(words.size());
        words.forEach(out::text);
        return out.toByteArray();
    }

    /** The words of a request. */
    static List<String> words(byte[] request) throws IOException {
        try {
            ByteSource in = new ByteSource(request);
            long version = in.varint();
            if (version != VERSION) {
                throw new IOException("the tool speaks version " + version + " of the protocol, the host " + VERSION);
            }
            int count = in.varint(WORDS_MAX);
            List<String> words = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                words.add(in.text());
            }
            in.end();
            return words;
        } catch (FormatException e) {
            throw new IOException("a malformed request: " + e.getMessage(), e);
        }
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
