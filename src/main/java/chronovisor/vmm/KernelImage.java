package chronovisor.vmm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * What a kernel's ELF file says where it is to be loaded (System V gABI, chapters 4 and 5): by physical addresses, below 4 GiB.
 *
 * @param entry
 *            physical address of its first instruction
 */
record KernelImage(long entry, List<Segment> segments) {

    /** A part of the file that is loaded; what is longer in memory is zeros. */
    record Segment(long address, int offset, int fileBytes, long memoryBytes) {}

    private static final int MAGIC = 0x464C457F;
    private static final int LOAD = 1;
    private static final int HEADERS_MAX = 64;
    private static final int MACHINE_386 = 3;
    private static final int MACHINE_X86_64 = 62;

    KernelImage {
        segments = List.copyOf(segments);
    }

    /**
     * Reads a file's headers.
     *
     * @throws ConfigurationException
     *             when it is no kernel that could be loaded
     */
    static KernelImage parse(String name, byte[] file) {
        try {
            return parse(name, ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN));
        } catch (IndexOutOfBoundsException e) {
            throw new ConfigurationException(name + ": its ELF headers reach beyond its end", e);
        }
    }

    private static KernelImage parse(String name, ByteBuffer in) {
        int kind = in.limit() > 20 && in.getInt(0) == MAGIC ? in.get(4) : 0;
        int machine = in.limit() > 20 ? in.getShort(18) : 0;
        boolean wide = kind == 2;
        if (kind != 1 && !wide || machine != (wide ? MACHINE_X86_64 : MACHINE_386)) {
            throw new ConfigurationException(name + ": an ELF file for x86 is expected as a kernel");
        }
        long entry = wide ? in.getLong(24) : Integer.toUnsignedLong(in.getInt(24));
        long table = wide ? in.getLong(32) : Integer.toUnsignedLong(in.getInt(28));
        int size = in.getShort(wide ? 54 : 42) & 0xFFFF;
        int count = in.getShort(wide ? 56 : 44) & 0xFFFF;
        if (count > HEADERS_MAX || table < 0 || table > in.limit()) {
            throw new ConfigurationException(name + ": at most " + HEADERS_MAX + " program headers are expected");
        }
        List<Segment> segments = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int at = (int) table + i * size;
            if (in.getInt(at) != LOAD) {
                continue;
            }
            Segment segment = wide
                    ? segment(name, in, in.getLong(at + 8), in.getLong(at + 24), in.getLong(at + 32),
                            in.getLong(at + 40))
                    : segment(name, in, word(in, at + 4), word(in, at + 12), word(in, at + 16), word(in, at + 20));
            if (segment.memoryBytes > 0) {
                segments.add(segment);
            }
        }
        if (entry >>> 32 != 0 || segments.isEmpty()) {
            throw new ConfigurationException(name + ": a kernel with an entry below 4 GiB and something to load is"
                    + " expected");
        }
        return new KernelImage(entry, segments);
    }

    private static long word(ByteBuffer in, int at) {
        return Integer.toUnsignedLong(in.getInt(at));
    }

    private static Segment segment(String name, ByteBuffer in, long offset, long address, long fileBytes,
            long memoryBytes) {
        boolean inFile = offset >= 0 && fileBytes >= 0 && offset <= in.limit() && fileBytes <= in.limit() - offset;
        if (!inFile || memoryBytes < fileBytes || address >>> 32 != 0 || memoryBytes >>> 32 != 0) {
            throw new ConfigurationException("%s: a segment of 0x%x bytes at 0x%x of the file cannot be loaded at 0x%x"
                    .formatted(name, fileBytes, offset, address));
        }
        return new Segment(address, (int) offset, (int) fileBytes, memoryBytes);
    }
}
