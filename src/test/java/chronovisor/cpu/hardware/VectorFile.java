package chronovisor.cpu.hardware;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Cases with what hardware did, small enough to be kept: results as changes. For instructions that touch neither x87 nor SSE state.
 *
 * <pre>
 *   count, then for each: code length, code, 16 registers, flags, FS and GS base, window, 64 bytes of memory,
 *   vector, error, address, rip - CODE, flags, FS and GS base, mask of changed registers, their values, mask of changed bytes, their values
 * </pre>
 */
final class VectorFile {
    record Vector(HardwareCase given, HardwareResult expected) {}

    private VectorFile() {}

    static void write(OutputStream to, List<Vector> vectors) throws IOException {
        GZIPOutputStream gzip = new GZIPOutputStream(to) {
            {
                def.setLevel(Deflater.BEST_COMPRESSION);
            }
        };
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(gzip))) {
            out.writeInt(vectors.size());
            for (Vector v : vectors) {
                write(out, v.given, v.expected);
            }
        }
    }

    private static void write(DataOutputStream out, HardwareCase c, HardwareResult r) throws IOException {
        out.writeByte(c.code().length);
        out.write(c.code());
        for (long g : c.gpr()) {
            out.writeLong(g);
        }
        out.writeInt((int) c.flags());
        out.writeLong(c.fsBase());
        out.writeLong(c.gsBase());
        out.writeInt((int) c.window());
        out.write(c.memory());
        out.writeByte((int) r.vector());
        out.writeByte((int) r.error());
        out.writeLong(r.address());
        out.writeLong(r.rip() - HardwareCase.CODE);
        out.writeInt((int) r.flags());
        out.writeLong(r.fsBase());
        out.writeLong(r.gsBase());
        int changed = 0;
        for (int i = 0; i < 16; i++) {
            changed |= c.gpr()[i] != r.gpr()[i] ? 1 << i : 0;
        }
        out.writeShort(changed);
        for (int i = 0; i < 16; i++) {
            if ((changed >>> i & 1) != 0) {
                out.writeLong(r.gpr()[i]);
            }
        }
        long bytes = 0;
        for (int i = 0; i < 64; i++) {
            bytes |= c.memory()[i] != r.memory()[i] ? 1L << i : 0;
        }
        out.writeLong(bytes);
        for (int i = 0; i < 64; i++) {
            if ((bytes >>> i & 1) != 0) {
                out.writeByte(r.memory()[i]);
            }
        }
    }

    static List<Vector> read(InputStream from) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(new GZIPInputStream(from)))) {
            int count = in.readInt();
            List<Vector> vectors = new ArrayList<>(count);
            for (int k = 0; k < count; k++) {
                vectors.add(read(in));
            }
            return vectors;
        }
    }

    private static Vector read(DataInputStream in) throws IOException {
        byte[] code = in.readNBytes(in.readByte());
        long[] gpr = new long[16];
        for (int i = 0; i < 16; i++) {
            gpr[i] = in.readLong();
        }
        long flags = in.readInt();
        long fsBase = in.readLong();
        long gsBase = in.readLong();
        long window = in.readInt();
        byte[] memory = in.readNBytes(64);
        HardwareCase c = new HardwareCase(code, gpr, flags, fsBase, gsBase, window, memory);
        long vector = in.readByte();
        long error = in.readByte();
        long address = in.readLong();
        long rip = in.readLong() + HardwareCase.CODE;
        long newFlags = in.readInt();
        long newFs = in.readLong();
        long newGs = in.readLong();
        int changed = in.readUnsignedShort();
        long[] newGpr = gpr.clone();
        for (int i = 0; i < 16; i++) {
            newGpr[i] = (changed >>> i & 1) != 0 ? in.readLong() : gpr[i];
        }
        long bytes = in.readLong();
        byte[] newMemory = Arrays.copyOf(memory, 64);
        for (int i = 0; i < 64; i++) {
            newMemory[i] = (bytes >>> i & 1) != 0 ? in.readByte() : memory[i];
        }
        return new Vector(c,
                new HardwareResult(vector, error, address, rip, newGpr, newFlags, newFs, newGs, newMemory));
    }
}
