package chronovisor.cpu.hardware;

import java.nio.ByteBuffer;
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
 * @param window
 *            where the memory lies: {@link #WINDOW} or {@link #ACROSS}
 * @param memory
 *            64 bytes
 */
public record HardwareCase(byte[] code, long[] gpr, long flags, long fsBase, long gsBase, long window, byte[] memory) {
    public static final long CODE_PAGE = 0x60000000L;
    public static final long CODE = CODE_PAGE + 0x800;
    public static final long DATA = 0x30000000L;
    /** At the end of the only page at {@link #DATA}: what reaches beyond it faults. */
    public static final long WINDOW = DATA + 4096 - 64;
    public static final long PAIR = 0x31000000L;
    /** Half in one page, half in the next. */
    public static final long ACROSS = PAIR + 4096 - 32;
    public static final int BYTES = 16 + 16 * 8 + 4 * 8 + 64;

    /** Appends the record's bytes. */
    public void put(ByteBuffer to) {
        to.put((byte) code.length).put(java.util.Arrays.copyOf(code, 15));
        for (long r : gpr) {
            to.putLong(r);
        }
        to.putLong(flags).putLong(fsBase).putLong(gsBase).putLong(window).put(memory);
    }

    @Override
    public String toString() {
        StringBuilder b = new StringBuilder(HexFormat.of().formatHex(code));
        for (int i = 0; i < 16; i++) {
            b.append(String.format(" r%d=%x", i, gpr[i]));
        }
        return b.append(String.format(" flags=%x fs=%x gs=%x at %x memory=%s", flags, fsBase, gsBase, window,
                HexFormat.of().formatHex(memory))).toString();
    }
}
