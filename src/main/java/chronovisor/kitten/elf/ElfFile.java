package chronovisor.kitten.elf;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.elf.ElfException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A static x86-64 program as its headers describe it (System V gABI chapters 4 and 5).
 *
 * @param name
 *            what messages call the file
 * @param positionIndependent
 *            ET_DYN: may be loaded at any page
 * @param entry
 *            entry point before the load bias
 * @param segments
 *            PT_LOAD segments in address order, none overlapping
 * @param headerAddress
 *            address of the program headers in memory before the load bias, 0 when they are not loaded (AT_PHDR)
 * @param headerCount
 *            number of program headers
 * @param interpreter
 *            path of the loader the file asks for, or null for a static program
 * @param executableStack
 *            whether PT_GNU_STACK asks for (or is missing, so that old programs get) an executable stack
 */
public record ElfFile(String name, boolean positionIndependent, long entry, List<Segment> segments, long headerAddress,
        int headerCount, @Nullable String interpreter, boolean executableStack) {

    /** Size of one program header. */
    public static final int HEADER_ENTRY_BYTES = 56;

    private static final long USER_END = 0x7fff_ffff_f000L;
    private static final int SEGMENTS_MAX = 65_536 / HEADER_ENTRY_BYTES;
    private static final long PAGE = 4096;

    /** PT_LOAD: {@code fileBytes} bytes at {@code offset} appear at {@code address}, then zeros up to memoryBytes. */
    public record Segment(long address, long offset, long fileBytes, long memoryBytes, boolean read, boolean write,
            boolean execute) {

        /** First byte after the segment in memory. */
        public long end() {
            return address + memoryBytes;
        }
    }

    /** Where an ELF file's bytes come from: a host file, or a file of the guest. */
    @FunctionalInterface
    public interface Source {
        /** Up to {@code length} bytes at {@code offset}; fewer only where the file ends. */
        byte[] read(long offset, int length);
    }

    public ElfFile {
        segments = List.copyOf(segments);
    }

    /**
     * Reads a whole program image.
     *
     * @throws ElfException
     *             when it is not a program that can be loaded
     */
    public static ElfFile parse(String name, byte[] image) throws ElfException {
        return parse(name, image.length, (offset, length) -> {
            int from = (int) Math.min(offset, image.length);
            return java.util.Arrays.copyOfRange(image, from, (int) Math.min((long) from + length, image.length));
        });
    }

    /**
     * Reads the headers of a program of {@code size} bytes.
     *
     * @throws ElfException
     *             when it is not a program that can be loaded
     */
    public static ElfFile parse(String name, long size, Source source) throws ElfException {
        byte[] header = source.read(0, 64);
        identify(name, size, header);
        int type = Bytes.get16(header, 16);
        if (type != 2 && type != 3) {
            throw new ElfException(Reason.WRONG_TYPE, name, 16, "an executable (e_type 2 or 3) expected, e_type is "
                    + type + switch (type) {
                        case 1 -> " (relocatable object)";
                        case 4 -> " (core dump)";
                        default -> "";
                    });
        }
        int count = Bytes.get16(header, 56);
        long table = Bytes.get64(header, 32);
        if (Bytes.get16(header, 54) != HEADER_ENTRY_BYTES) {
            throw new ElfException(Reason.MALFORMED, name, 54,
                    "program headers of 56 bytes expected, they have " + Bytes.get16(header, 54));
        }
        if (count == 0 || count > SEGMENTS_MAX) {
            throw new ElfException(Reason.MALFORMED, name, 56, "1 to " + SEGMENTS_MAX
                    + " program headers expected, there are " + count);
        }
        if (table < 0 || table > size || size - table < (long) count * HEADER_ENTRY_BYTES) {
            throw new ElfException(Reason.TRUNCATED, name, 32, "truncated: " + count + " program headers at 0x"
                    + Long.toHexString(table) + " do not fit in a file of " + size + " bytes");
        }
        byte[] headers = source.read(table, count * HEADER_ENTRY_BYTES);
        if (headers.length < count * HEADER_ENTRY_BYTES) {
            throw new ElfException(Reason.TRUNCATED, name, table, "truncated: the program headers end early");
        }
        return assemble(name, size, source, header, table, headers);
    }

    private static ElfFile assemble(String name, long size, Source source, byte[] header, long table, byte[] headers)
            throws ElfException {
        int count = headers.length / HEADER_ENTRY_BYTES;
        boolean dynamic = Bytes.get16(header, 16) == 3;
        List<Segment> segments = new ArrayList<>();
        String interpreter = null;
        boolean executableStack = true;
        long headerAddress = 0;
        for (int i = 0; i < count; i++) {
            int at = i * HEADER_ENTRY_BYTES;
            long where = table + at;
            switch (Bytes.get32(headers, at)) {
                case 1 -> {
                    Segment segment = segment(name, size, headers, at, where);
                    if (segment.memoryBytes() > 0) {
                        segments.add(segment);
                    }
                }
                case 3 -> interpreter = interpreter(name, size, source, headers, at, where);
                case 0x6474e551 -> executableStack = (Bytes.get32(headers, at + 4) & 1) != 0;
                default -> {
                    // other headers (notes, TLS, RELRO, dynamic) matter to the program, not to its loader
                }
            }
        }
        if (segments.isEmpty()) {
            throw new ElfException(Reason.MALFORMED, name, table, "at least one PT_LOAD segment expected, none found");
        }
        segments.sort(Comparator.comparingLong(Segment::address));
        refuseOverlaps(name, table, segments);
        for (Segment s : segments) {
            if (table >= s.offset() && table - s.offset() < s.fileBytes()) {
                headerAddress = s.address() + (table - s.offset());
                break;
            }
        }
        long entry = Bytes.get64(header, 24);
        if (segments.stream().noneMatch(s -> entry >= s.address() && entry < s.end())) {
            throw new ElfException(Reason.MALFORMED, name, 24, "entry point 0x" + Long.toHexString(entry)
                    + " lies in no segment");
        }
        return new ElfFile(name, dynamic, entry, segments, headerAddress, count, interpreter, executableStack);
    }

    /**
     * Refuses a program that needs a loader, for kernels that have none.
     *
     * @throws ElfException
     *             naming the interpreter it wants
     */
    public ElfFile requireStatic() throws ElfException {
        if (interpreter != null) {
            throw new ElfException(Reason.DYNAMIC, name, 0, "dynamically linked: it wants the interpreter "
                    + interpreter
                    + "; a static program is expected (link with -static), or the loader in the guest (exec --root, --host-libraries)");
        }
        return this;
    }

    /**
     * Refuses a program whose segments do not fit into {@code available_bytes} of memory.
     *
     * @throws ElfException
     *             saying how much is needed
     */
    public ElfFile requireMemory(long available_bytes) throws ElfException {
        long needed = 0;
        for (Segment s : segments) {
            needed += pageUp(s.end()) - pageDown(s.address());
        }
        if (needed > available_bytes) {
            throw new ElfException(Reason.TOO_LARGE, name, 0, "memory too small: the program needs " + needed
                    + " bytes, the guest has " + Math.max(0, available_bytes) + " for it");
        }
        return this;
    }

    /** Lowest page address of the image. */
    public long lowest() {
        return pageDown(segments.get(0).address());
    }

    /** First page address after the image. */
    public long highest() {
        return pageUp(segments.get(segments.size() - 1).end());
    }

    private static void identify(String name, long size, byte[] header) throws ElfException {
        if (header.length < 4 || header[0] != 0x7f || header[1] != 'E' || header[2] != 'L' || header[3] != 'F') {
            throw new ElfException(Reason.NOT_ELF, name, 0, "not an ELF file: magic 7f 45 4c 46 expected");
        }
        if (header.length >= 5 && header[4] != 2) {
            throw new ElfException(Reason.WRONG_CLASS, name, 4, header[4] == 1
                    ? "a 32-bit ELF file: a 64-bit one (class 2) expected"
                    : "unknown ELF class " + (header[4] & 0xFF) + ", 2 expected");
        }
        if (header.length >= 6 && header[5] != 1) {
            throw new ElfException(Reason.WRONG_MACHINE, name, 5, "little-endian data (1) expected, it is "
                    + (header[5] & 0xFF));
        }
        if (header.length < 64) {
            throw new ElfException(Reason.TRUNCATED, name, header.length,
                    "truncated: an ELF header of 64 bytes expected,"
                            + " the file has " + size);
        }
        int machine = Bytes.get16(header, 18);
        if (machine != 62) {
            throw new ElfException(Reason.WRONG_MACHINE, name, 18, "machine x86-64 (62) expected, it is " + machine
                    + switch (machine) {
                        case 3 -> " (i386)";
                        case 40 -> " (ARM)";
                        case 183 -> " (AArch64)";
                        case 243 -> " (RISC-V)";
                        default -> "";
                    });
        }
        if (Bytes.get32(header, 20) != 1 || header[6] != 1) {
            throw new ElfException(Reason.MALFORMED, name, 6, "ELF version 1 expected");
        }
    }

    private static Segment segment(String name, long size, byte[] headers, int at, long where) throws ElfException {
        int flags = Bytes.get32(headers, at + 4);
        long offset = Bytes.get64(headers, at + 8);
        long address = Bytes.get64(headers, at + 16);
        long fileBytes = Bytes.get64(headers, at + 32);
        long memoryBytes = Bytes.get64(headers, at + 40);
        if (offset < 0 || fileBytes < 0 || offset > size || fileBytes > size - offset) {
            throw new ElfException(Reason.TRUNCATED, name, where, "truncated: a segment needs bytes 0x"
                    + Long.toHexString(offset) + " + 0x" + Long.toHexString(fileBytes) + " of a file of 0x"
                    + Long.toHexString(size));
        }
        if (memoryBytes < fileBytes) {
            throw new ElfException(Reason.MALFORMED, name, where + 40, "a segment's memory size 0x"
                    + Long.toHexString(memoryBytes) + " is less than its file size 0x" + Long.toHexString(fileBytes));
        }
        if (address < 0 || memoryBytes > USER_END || address > USER_END - memoryBytes) {
            throw new ElfException(Reason.MALFORMED, name, where + 16, "a segment at 0x" + Long.toHexString(address)
                    + " + 0x" + Long.toHexString(memoryBytes) + " leaves the user address space");
        }
        if (((address ^ offset) & (PAGE - 1)) != 0 && fileBytes > 0) {
            throw new ElfException(Reason.MALFORMED, name, where + 8, "a segment's offset 0x" + Long.toHexString(offset)
                    + " and address 0x" + Long.toHexString(address) + " differ within the page");
        }
        return new Segment(address, offset, fileBytes, memoryBytes, (flags & 4) != 0, (flags & 2) != 0,
                (flags & 1) != 0);
    }

    private static String interpreter(String name, long size, Source source, byte[] headers, int at, long where)
            throws ElfException {
        long offset = Bytes.get64(headers, at + 8);
        long length = Bytes.get64(headers, at + 32);
        if (length < 2 || length > PAGE || offset < 0 || offset > size - length) {
            throw new ElfException(Reason.MALFORMED, name, where, "an interpreter path of 2 to 4096 bytes expected");
        }
        byte[] path = source.read(offset, (int) length);
        if (path.length != length || path[path.length - 1] != 0) {
            throw new ElfException(Reason.MALFORMED, name, offset, "the interpreter path does not end in NUL");
        }
        return new String(path, 0, path.length - 1, StandardCharsets.ISO_8859_1);
    }

    private static void refuseOverlaps(String name, long table, List<Segment> sorted) throws ElfException {
        for (int i = 1; i < sorted.size(); i++) {
            Segment before = sorted.get(i - 1);
            Segment next = sorted.get(i);
            if (before.end() > next.address()) {
                throw new ElfException(Reason.MALFORMED, name, table, "overlapping segments: 0x"
                        + Long.toHexString(before.address()) + "-0x" + Long.toHexString(before.end()) + " and 0x"
                        + Long.toHexString(next.address()) + "-0x" + Long.toHexString(next.end()));
            }
        }
    }

    private static long pageDown(long address) {
        return address & -PAGE;
    }

    private static long pageUp(long address) {
        return (address + PAGE - 1) & -PAGE;
    }
}
