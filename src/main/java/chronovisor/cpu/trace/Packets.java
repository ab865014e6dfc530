package chronovisor.cpu.trace;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A growing byte buffer of variable-length numbers: seven bits a byte, low first, the top bit says that more follow. */
final class Packets {
    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] bytes = new byte[256];
    private int length;

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

    void putUnsigned(long value) {
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

    byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    private void room(int count) {
        if (length + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
        }
    }
}
