package chronovisor.cpu.hardware;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * What an instruction did; see {@code hardware.c} for the layout.
 *
 * @param vector
 *            3 when it completed and the INT3 behind it (or at its target) was reached, else the exception's vector
 * @param address
 *            CR2 of a page fault, else 0
 */
public record HardwareResult(long vector, long error, long address, long rip, long[] gpr, long flags, long fsBase,
        long gsBase, byte[] memory) {
    public static final int BYTES = 4 * 8 + 16 * 8 + 3 * 8 + 64;

    /** CF PF AF ZF SF DF OF. */
    static final long FLAGS = 0xCD5;

    private static final long ID = 1 << 21;

    /** Reads a record. */
    public static HardwareResult get(ByteBuffer from) {
        long vector = from.getLong();
        long error = from.getLong();
        long address = from.getLong();
        long rip = from.getLong();
        long[] gpr = new long[16];
        for (int i = 0; i < 16; i++) {
            gpr[i] = from.getLong();
        }
        long flags = from.getLong();
        long fsBase = from.getLong();
        long gsBase = from.getLong();
        byte[] memory = new byte[64];
        from.get(memory);
        return new HardwareResult(vector, error, address, rip, gpr, flags, fsBase, gsBase, memory);
    }

    /** What differs from {@code hardware}'s result, empty when nothing does; flags outside {@code flagMask} do not count. */
    public String difference(HardwareResult hardware, long flagMask) {
        StringBuilder b = new StringBuilder();
        field(b, "vector", vector, hardware.vector);
        if (vector == hardware.vector) {
            field(b, "error", hardware.hidesAbsence() ? error | 1 : error, hardware.error);
            field(b, "address", address, hardware.address);
        }
        field(b, "rip", rip, hardware.rip);
        for (int i = 0; i < 16; i++) {
            field(b, "r" + i, gpr[i], hardware.gpr[i]);
        }
        long mask = flagMask & FLAGS | ID;
        field(b, "flags", flags & mask, hardware.flags & mask);
        field(b, "fs", fsBase, hardware.fsBase);
        field(b, "gs", gsBase, hardware.gsBase);
        if (!java.util.Arrays.equals(memory, hardware.memory)) {
            b.append(" memory ").append(HexFormat.of().formatHex(memory)).append(" hardware ")
                    .append(HexFormat.of().formatHex(hardware.memory));
        }
        return b.toString();
    }

    /** {@link AcceptedDifference#PRESENT_BIT_OF_KERNEL_ADDRESSES}. */
    boolean hidesAbsence() {
        return address < 0;
    }

    private static void field(StringBuilder b, String name, long ours, long theirs) {
        if (ours != theirs) {
            b.append(String.format(" %s %x hardware %x", name, ours, theirs));
        }
    }
}
