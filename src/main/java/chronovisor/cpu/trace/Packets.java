package chronovisor.cpu.trace;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A growing byte buffer of variable-length numbers: seven bits a byte, low first, the top bit says that more follow. */
final class Packets {
    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** The top bits of eight bytes: more follow. */
    private static final long MORE = 0x8080_8080_8080_8080L;

    private byte[] bytes;
    private int length;

    Packets() {
        this(256);
    }

    /** Room for so many bytes. */
    Packets(int capacity) {
        bytes = new byte[capacity];
    }

    int length() {
        return length;
    }

    void clear() {
        length = 0;
    }

    void put8(int value) {
        room(1);
        bytes[length++] = (byte) value;
    }

    void put(byte[] from, int offset, int count) {
        room(count);
        System.arraycopy(from, offset, bytes, length, count);
        length += count;
    }

    void put(Packets other) {
        put(other.bytes, 0, other.length);
    }

    /** Words of 8 bytes, low byte first. */
    void putWords(long[] words, int count) {
        room(8 * count);
        for (int i = 0; i < count; i++) {
            WORD.set(bytes, length, words[i]);
            length += 8;
        }
    }

    /** Eight bytes at once where that is enough, without a branch for each: targets of indirect transfers are told from a hot path. */
    void putUnsigned(long value) {
        if (value >>> 56 != 0 || bytes.length - length < Long.BYTES) {
            putByBytes(value);
            return;
        }
        // Groups of 7 bits into bytes: halves, quarters, eighths.
        long spread = value & 0x0FFF_FFFFL | (value & 0x00FF_FFFF_F000_0000L) << 4;
        spread = spread & 0x0000_3FFF_0000_3FFFL | (spread & 0x0FFF_C000_0FFF_C000L) << 2;
        spread = spread & 0x007F_007F_007F_007FL | (spread & 0x3F80_3F80_3F80_3F80L) << 1;
        int last = (63 - Long.numberOfLeadingZeros(value | 1)) / 7;
        WORD.set(bytes, length, spread | MORE & (1L << 8 * last) - 1);
        length += last + 1;
    }

    private void putByBytes(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            put8((int) rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        put8((int) rest);
    }

    void putSigned(long value) {
        putUnsigned(value << 1 ^ value >> 63);
    }

    /** What was put, without a copy when it fills the room. Nothing may be put afterwards. */
    byte[] take() {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }

    /** Bytes that {@link #putUnsigned} takes for a number. */
    static int unsignedBytes(int value) {
        return Math.max(1, (31 - Integer.numberOfLeadingZeros(value)) / 7 + 1);
    }

    private void room(int count) {
        if (length + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
        }
    }
}
