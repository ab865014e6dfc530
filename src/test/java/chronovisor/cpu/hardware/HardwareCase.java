package chronovisor.cpu.hardware;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * An instruction and the state it starts from; see {@code hardware.c} for the layout.
 *
 * @param code
 *            encoding, at most 15 bytes
 * @param gpr
 *            16 registers
 * @param flags
 *            RFLAGS
 * @param memory
 *            the 64 bytes at {@link #WINDOW}
 * @param fx
 *            512 bytes in FXSAVE form
 */
public record HardwareCase(byte[] code, long[] gpr, long flags, byte[] memory, byte[] fx) {
    public static final long CODE_PAGE = 0x60000000L;
    public static final long CODE = CODE_PAGE + 0x800;
    public static final long DATA = 0x30000000L;
    public static final long WINDOW = DATA + 4096 - 64;
    public static final int BYTES = 16 + 16 * 8 + 8 + 64 + 512;

    /** The FXSAVE image of a processor whose x87 and SSE units were just initialised. */
    public static byte[] initialFx() {
        byte[] fx = new byte[512];
        ByteBuffer.wrap(fx).order(ByteOrder.LITTLE_ENDIAN).putShort(0, (short) 0x37F).putInt(24, 0x1F80);
        return fx;
    }

    /** Appends the record's bytes. */
    public void put(ByteBuffer to) {
        to.put((byte) code.length).put(java.util.Arrays.copyOf(code, 15));
        for (long r : gpr) {
            to.putLong(r);
        }
        to.putLong(flags).put(memory).put(fx);
    }

    /** Reads what {@link #put} wrote. */
    public static HardwareCase get(ByteBuffer from) {
        int length = from.get();
        byte[] code = new byte[15];
        from.get(code);
        long[] gpr = new long[16];
        for (int i = 0; i < 16; i++) {
            gpr[i] = from.getLong();
        }
        long flags = from.getLong();
        byte[] memory = new byte[64];
        from.get(memory);
        byte[] fx = new byte[512];
        from.get(fx);
        return new HardwareCase(java.util.Arrays.copyOf(code, length), gpr, flags, memory, fx);
    }

    @Override
    public String toString() {
        StringBuilder b = new StringBuilder(HexFormat.of().formatHex(code));
        for (int i = 0; i < 16; i++) {
            b.append(String.format(" r%d=%x", i, gpr[i]));
        }
        return b.append(String.format(" flags=%x memory=%s", flags, HexFormat.of().formatHex(memory))).toString();
    }
}
