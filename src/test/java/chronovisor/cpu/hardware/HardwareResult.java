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
public record HardwareResult(long vector, long error, long address, long rip, long[] gpr, long flags, byte[] memory,
        byte[] fx) {
    public static final int BYTES = 4 * 8 + 16 * 8 + 8 + 64 + 512;

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
        byte[] memory = new byte[64];
        from.get(memory);
        byte[] fx = new byte[512];
        from.get(fx);
        return new HardwareResult(vector, error, address, rip, gpr, flags, memory, fx);
    }

    /** Appends the record's bytes. */
    public void put(ByteBuffer to) {
        to.putLong(vector).putLong(error).putLong(address).putLong(rip);
        for (long r : gpr) {
            to.putLong(r);
        }
        to.putLong(flags).put(memory).put(fx);
    }

    /** What differs from {@code hardware}'s result, empty when nothing does; flags outside {@code flagMask} do not count. */
    public String difference(HardwareResult hardware, long flagMask) {
        StringBuilder b = new StringBuilder();
        field(b, "vector", vector, hardware.vector);
        if (vector == hardware.vector) {
            // Linux sets the present bit for addresses of the upper half, to hide the kernel's mappings.
            field(b, "error", hardware.address < 0 ? error | 1 : error, hardware.error);
            field(b, "address", address, hardware.address);
        }
        field(b, "rip", rip, hardware.rip);
        for (int i = 0; i < 16; i++) {
            field(b, "r" + i, gpr[i], hardware.gpr[i]);
        }
        long mask = flagMask & FLAGS | ID;
        field(b, "flags", flags & mask, hardware.flags & mask);
        if (!java.util.Arrays.equals(memory, hardware.memory)) {
            b.append(" memory ").append(HexFormat.of().formatHex(memory)).append(" hardware ")
                    .append(HexFormat.of().formatHex(hardware.memory));
        }
        // Instruction and data pointers, and the reserved end, are not compared.
        if (!same(fx, hardware.fx, 0, 6) || !same(fx, hardware.fx, 24, 28) || !sameRegisters(fx, hardware.fx)) {
            b.append(" fx ").append(HexFormat.of().formatHex(fx, 0, 416)).append(" hardware ")
                    .append(HexFormat.of().formatHex(hardware.fx, 0, 416));
        }
        return b.toString();
    }

    private static boolean same(byte[] a, byte[] b, int from, int to) {
        return java.util.Arrays.equals(a, from, to, b, from, to);
    }

    private static boolean sameRegisters(byte[] a, byte[] b) {
        for (int st = 0; st < 8; st++) {
            if (!same(a, b, 32 + 16 * st, 42 + 16 * st)) {
                return false;
            }
        }
        return same(a, b, 160, 416);
    }

    private static void field(StringBuilder b, String name, long ours, long theirs) {
        if (ours != theirs) {
            b.append(String.format(" %s %x hardware %x", name, ours, theirs));
        }
    }
}
