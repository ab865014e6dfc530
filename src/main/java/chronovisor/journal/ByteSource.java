package chronovisor.journal;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads what {@link ByteSink} wrote. The bytes may be hostile: every read is bounded by what is there, nothing is
 * allocated before its length is known to be present, and every violation is a {@link FormatException} with its offset.
 */
public final class ByteSource {

    private final byte[] bytes;
    private final int end;
    private int at;

    /** Reads all of these bytes. */
    public ByteSource(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    /** Reads {@code length} bytes from {@code offset}. */
    public ByteSource(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.at = offset;
        this.end = offset + length;
    }

    /** Bytes not yet read. */
    public int remaining() {
        return end - at;
    }

    /** Where the next byte is. */
    public int offset() {
        return at;
    }

    /** One byte, 0 to 255. */
    public int u8() {
        need(1);
        return bytes[at++] & 0xFF;
    }

    /** An unsigned varint of at most ten bytes. */
    public long varint() {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            int b = u8();
            if (shift == 63 && b > 1) {
                break;
            }
            value |= (long) (b & 0x7F) << shift;
            if (b < 0x80) {
                return value;
            }
        }
        throw broken("a varint longer than 64 bits");
    }

    /** A varint that must lie in 0 to {@code max}. */
    public int varint(int max) {
        long value = varint();
        if (value < 0 || value > max) {
            throw broken("a number out of range: " + Long.toUnsignedString(value) + " > " + max);
        }
        return (int) value;
    }

    /** A varint that fits an {@code int} when read as unsigned 32 bits; the bits are returned. */
    public int bits32() {
        long value = varint();
        if (value >>> 32 != 0) {
            throw broken("a number of more than 32 bits");
        }
        return (int) value;
    }

    /** A signed varint (zigzag). */
    public long zigzag() {
        long value = varint();
        return value >>> 1 ^ -(value & 1);
    }

    /** A signed varint that fits an {@code int}. */
    public int zigzag32() {
        long value = zigzag();
        if (value != (int) value) {
            throw broken("a signed number of more than 32 bits");
        }
        return (int) value;
    }

    /** True or false; any other byte is an error. */
    public boolean flag() {
        int value = u8();
        if (value > 1) {
            throw broken("a flag that is neither 0 nor 1");
        }
        return value == 1;
    }

    /** Eight bytes, little endian. */
    public long fixed64() {
        need(8);
        long value = 0;
        for (int i = 0; i < 8; i++) {
            value |= (bytes[at++] & 0xFFL) << 8 * i;
        }
        return value;
    }

    /** Exactly {@code length} bytes. */
    public byte[] raw(int length) {
        need(length);
        byte[] result = Arrays.copyOfRange(bytes, at, at + length);
        at += length;
        return result;
    }

    /** A length and that many bytes. */
    public byte[] bytes() {
        return raw(varint(remaining()));
    }

    /** A length and that many bytes. */
    public Blob blob() {
        return Blob.owning(bytes());
    }

    /** A length and that many bytes of UTF-8. */
    public String text() {
        byte[] utf8 = bytes();
        if (isAscii(utf8)) {
            // Nearly all text is, and a decoder for each takes long.
            return new String(utf8, StandardCharsets.US_ASCII);
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
        } catch (CharacterCodingException e) {
            throw new FormatException("text that is not UTF-8 before offset " + at, e);
        }
    }

    private static boolean isAscii(byte[] text) {
        int bits = 0;
        for (byte b : text) {
            bits |= b;
        }
        return bits >= 0;
    }

    /** Nothing may follow. */
    public void end() {
        if (remaining() != 0) {
            throw broken(remaining() + " bytes too many");
        }
    }

    /** A complaint about the bytes at the current offset. */
    public FormatException broken(String what) {
        return new FormatException(what + " at offset " + at);
    }

    private void need(int count) {
        if (count < 0 || count > end - at) {
            throw broken("bytes end early");
        }
    }
}
