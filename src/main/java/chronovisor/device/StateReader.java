package chronovisor.device;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads what {@link StateWriter} wrote. Bytes that cannot be that are an {@link IllegalArgumentException}. */
public final class StateReader {

    private final ByteBuffer in;

    public StateReader(byte[] bytes) {
        in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    public boolean bool() {
        return u8() != 0;
    }

    public int u8() {
        need(1);
        return in.get() & 0xFF;
    }

    public int i32() {
        need(4);
        return in.getInt();
    }

    public long i64() {
        need(8);
        return in.getLong();
    }

    /** What {@link StateWriter#zigzag} wrote. */
    public long zigzag() {
        long value = varint();
        return value >>> 1 ^ -(value & 1);
    }

    /** What {@link StateWriter#varint} wrote. */
    public long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int part = u8();
            value |= (long) (part & 0x7F) << shift;
            if (part < 0x80) {
                if (part > 1 && shift == 63 || part == 0 && shift > 0) {
                    break;
                }
                return value;
            }
        }
        throw broken("a number that is not written in its one form");
    }

    /** How many items follow, each of at least one byte. */
    public int count() {
        long count = varint();
        if (count < 0 || count > in.remaining()) {
            throw broken("a count of " + Long.toUnsignedString(count));
        }
        return (int) count;
    }

    /** A complaint about what was read last. */
    public IllegalArgumentException broken(String what) {
        return new IllegalArgumentException(what + " in a saved state, before byte " + in.position());
    }

    public byte[] bytes() {
        byte[] value = new byte[length(1)];
        in.get(value);
        return value;
    }

    public int[] ints() {
        int[] value = new int[length(4)];
        for (int i = 0; i < value.length; i++) {
            value[i] = in.getInt();
        }
        return value;
    }

    public String text() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    /** Everything has been read. */
    public void end() {
        if (in.hasRemaining()) {
            throw broken(in.remaining() + " bytes too many");
        }
    }

    private int length(int unit) {
        int length = i32();
        if (length < 0 || (long) length * unit > in.remaining()) {
            throw broken("a length of " + length);
        }
        return length;
    }

    private void need(int bytes) {
        if (in.remaining() < bytes) {
            IllegalArgumentException shortOf = broken("too few bytes");
            shortOf.initCause(new BufferUnderflowException());
            throw shortOf;
        }
    }
}
