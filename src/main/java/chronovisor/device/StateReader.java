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
            throw new IllegalArgumentException(in.remaining() + " bytes too many in a saved state");
        }
    }

    private int length(int unit) {
        int length = i32();
        if (length < 0 || (long) length * unit > in.remaining()) {
            throw new IllegalArgumentException("a length of " + length + " in a saved state");
        }
        return length;
    }

    private void need(int bytes) {
        if (in.remaining() < bytes) {
            IllegalArgumentException shortOf = new IllegalArgumentException("a saved state is cut short");
            shortOf.initCause(new BufferUnderflowException());
            throw shortOf;
        }
    }
}
