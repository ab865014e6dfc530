package chronovisor.journal;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** An immutable run of bytes with value equality, so that events that carry data can be compared and printed. */
public final class Blob implements Serializable {

    private static final long serialVersionUID = 1;

    /** No bytes at all. */
    public static final Blob EMPTY = new Blob(new byte[0]);

    private final byte[] bytes;

    private Blob(byte[] bytes) {
        this.bytes = bytes;
    }

    /** A copy of these bytes. */
    public static Blob of(byte... bytes) {
        return bytes.length == 0 ? EMPTY : new Blob(bytes.clone());
    }

    /** A copy of {@code length} bytes from {@code offset}. */
    public static Blob of(byte[] bytes, int offset, int length) {
        return length == 0 ? EMPTY : new Blob(Arrays.copyOfRange(bytes, offset, offset + length));
    }

    /** The UTF-8 bytes of a text. */
    public static Blob of(String text) {
        return new Blob(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Takes the array as it is: nobody may change it any more. */
    public static Blob owning(byte[] bytes) {
        return bytes.length == 0 ? EMPTY : new Blob(bytes);
    }

    /** A copy of the bytes. */
    public byte[] toByteArray() {
        return bytes.clone();
    }

    /** The array itself, for codecs, which do not change it. */
    byte[] raw() {
        return bytes;
    }

    /** How many bytes there are. */
    public int size() {
        return bytes.length;
    }

    /** The byte at {@code index}. */
    public byte get(int index) {
        return bytes[index];
    }

    /** The bytes as lower-case hexadecimal digits. */
    public String toHex() {
        return HexFormat.of().formatHex(bytes);
    }

    /** Whether the bytes are UTF-8 text without control characters other than the usual white space and escape. */
    public boolean isText() {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            return text.chars().allMatch(c -> c >= 0x20 && c != 0x7F || c >= 7 && c <= 13 || c == 0x1B);
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** The bytes read as UTF-8; bytes that are no UTF-8 become replacement characters. */
    public String toText() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Blob blob && Arrays.equals(bytes, blob.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        int shown = Math.min(bytes.length, 64);
        String head = isText() ? '"' + Blob.of(bytes, 0, shown).toText() + '"' : Blob.of(bytes, 0, shown).toHex();
        return shown == bytes.length ? head : head + "… (" + bytes.length + " bytes)";
    }
}
