package chronovisor.device;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Canonical bytes of states: little endian, arrays and strings preceded by their length. */
public final class StateWriter {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream(256);

    public StateWriter bool(boolean value) {
        out.write(value ? 1 : 0);
        return this;
    }

    public StateWriter u8(int value) {
        out.write(value);
        return this;
    }

    public StateWriter i32(int value) {
        for (int i = 0; i < 32; i += 8) {
            out.write(value >>> i);
        }
        return this;
    }

    public StateWriter i64(long value) {
        for (int i = 0; i < 64; i += 8) {
            out.write((int) (value >>> i));
        }
        return this;
    }

    /** Seven bits a byte, lowest first, the top bit set while more follow; magnitudes near zero, also negative ones, are short. */
    public StateWriter zigzag(long value) {
        return varint(value << 1 ^ value >> 63);
    }

    /** Seven bits a byte, lowest first, the top bit set while more follow. */
    public StateWriter varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
        return this;
    }

    public StateWriter bytes(byte[] value) {
        i32(value.length);
        out.writeBytes(value);
        return this;
    }

    public StateWriter ints(int[] value) {
        i32(value.length);
        for (int one : value) {
            i32(one);
        }
        return this;
    }

    public StateWriter text(String value) {
        return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    /** What was written so far. */
    public byte[] toBytes() {
        return out.toByteArray();
    }
}
