package chronovisor.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing buffer with the journal's primitive encodings: varints (LEB128), zigzag, length-prefixed bytes. */
public final class ByteSink {

    private byte[] buffer;
    private int size;

    /** An empty buffer. */
    public ByteSink() {
        this(256);
    }

    /** An empty buffer with room for {@code capacity} bytes. */
    public ByteSink(int capacity) {
        buffer = new byte[Math.max(16, capacity)];
    }

    /** Bytes written so far. */
    public int size() {
        return size;
    }

    /** A copy of what was written. */
    public byte[] toByteArray() {
        return Arrays.copyOf(buffer, size);
    }

    /** What was written, without a copy when it fills the buffer. Nothing may be written afterwards. */
    byte[] take() {
        return size == buffer.length ? buffer : toByteArray();
    }

    /** What was written is in the first {@link #size} bytes of it, until more is. */
    byte[] buffer() {
        return buffer;
    }

    /** Forgets what was written, keeps the room. */
    public void clear() {
        size = 0;
    }

    /** One byte. */
    public ByteSink u8(int value) {
        room(1);
        buffer[size++] = (byte) value;
        return this;
    }

    /** An unsigned varint; any 64-bit pattern is allowed and takes at most ten bytes. */
    public ByteSink varint(long value) {
        room(varintBytes(value));
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            buffer[size++] = (byte) (rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        buffer[size++] = (byte) rest;
        return this;
    }

    /** Bytes that {@link #varint} takes for a value. */
    static int varintBytes(long value) {
        return Math.max(1, (63 - Long.numberOfLeadingZeros(value)) / 7 + 1);
    }

    /** A signed varint (zigzag), short for small magnitudes. */
    public ByteSink zigzag(long value) {
        return varint(value << 1 ^ value >> 63);
    }

    /** True or false as one byte. */
    public ByteSink flag(boolean value) {
        return u8(value ? 1 : 0);
    }

    /** Eight bytes, little endian. */
    public ByteSink fixed64(long value) {
        room(8);
        for (int i = 0; i < 8; i++) {
            buffer[size++] = (byte) (value >>> 8 * i);
        }
        return this;
    }

    /** Bytes as they are, without their length. */
    public ByteSink raw(byte[] bytes, int offset, int length) {
        room(length);
        System.arraycopy(bytes, offset, buffer, size, length);
        size += length;
        return this;
    }

    /** What a buffer holds, without its length; the buffer stays where it is. */
    ByteSink raw(ByteBuffer bytes) {
        room(bytes.remaining());
        bytes.get(bytes.position(), buffer, size, bytes.remaining());
        size += bytes.remaining();
        return this;
    }

    /** A length and the bytes. */
    public ByteSink bytes(byte[] bytes) {
        varint(bytes.length);
        return raw(bytes, 0, bytes.length);
    }

    /** A length and the bytes. */
    public ByteSink blob(Blob blob) {
        return bytes(blob.raw());
    }

    /** A length and the UTF-8 bytes of a text. */
    public ByteSink text(String text) {
        return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private void room(int more) {
        if (buffer.length - size < more) {
            buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, Math.addExact(size, more)));
        }
    }
}
