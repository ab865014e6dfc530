package chronovisor.kitten.abi;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing little-endian byte buffer: how the kernel lays out structures for user space, and canonical bytes. */
public final class Bytes {

    private byte[] bytes;
    private int length;

    public Bytes() {
        this(64);
    }

    public Bytes(int capacity) {
        bytes = new byte[Math.max(16, capacity)];
    }

    /** How many bytes have been put. */
    public int length() {
        return length;
    }

    /** A copy of what has been put. */
    public byte[] toArray() {
        return Arrays.copyOf(bytes, length);
    }

    public Bytes put8(int value) {
        ensure(1);
        bytes[length++] = (byte) value;
        return this;
    }

    public Bytes put16(int value) {
        return put8(value).put8(value >> 8);
    }

    public Bytes put32(int value) {
        return put16(value).put16(value >> 16);
    }

    public Bytes put64(long value) {
        return put32((int) value).put32((int) (value >> 32));
    }

    public Bytes put(byte[] more) {
        return put(more, 0, more.length);
    }

    public Bytes put(byte[] more, int offset, int count) {
        ensure(count);
        System.arraycopy(more, offset, bytes, length, count);
        length += count;
        return this;
    }

    /** Text as Latin-1 (one byte a character: file names are bytes), no terminator. */
    public Bytes putText(String text) {
        return put(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Text as Latin-1, NUL-terminated. */
    public Bytes putString(String text) {
        return putText(text).put8(0);
    }

    /** Text in a field of fixed size, truncated so that a NUL remains. */
    public Bytes putField(String text, int size) {
        byte[] raw = Arrays.copyOf(text.getBytes(StandardCharsets.ISO_8859_1), size);
        raw[size - 1] = 0;
        return put(raw);
    }

    public Bytes zeros(int count) {
        ensure(count);
        Arrays.fill(bytes, length, length + count, (byte) 0);
        length += count;
        return this;
    }

    /** Zeros up to a multiple of {@code alignment} bytes. */
    public Bytes align(int alignment) {
        int over = length % alignment;
        return over == 0 ? this : zeros(alignment - over);
    }

    private void ensure(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }

    /** The little-endian 64-bit value at {@code offset}. */
    public static long get64(byte[] from, int offset) {
        return (get32(from, offset) & 0xFFFFFFFFL) | ((long) get32(from, offset + 4) << 32);
    }

    /** The little-endian 32-bit value at {@code offset}. */
    public static int get32(byte[] from, int offset) {
        return get16(from, offset) | (get16(from, offset + 2) << 16);
    }

    /** The little-endian unsigned 16-bit value at {@code offset}. */
    public static int get16(byte[] from, int offset) {
        return (from[offset] & 0xFF) | ((from[offset + 1] & 0xFF) << 8);
    }

    /** Stores a little-endian 64-bit value. */
    public static void set64(byte[] to, int offset, long value) {
        for (int i = 0; i < 8; i++) {
            to[offset + i] = (byte) (value >> (8 * i));
        }
    }

    /** Stores a little-endian 32-bit value. */
    public static void set32(byte[] to, int offset, int value) {
        for (int i = 0; i < 4; i++) {
            to[offset + i] = (byte) (value >> (8 * i));
        }
    }
}
