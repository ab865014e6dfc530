package chronovisor.kitten.elf;

import chronovisor.kitten.abi.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a dynamic program or a library asks its loader for (System V gABI chapter 5, ld.so(8)).
 *
 * @param needed
 *            names of libraries (DT_NEEDED), in order; a name with a slash is a path
 * @param path
 *            folders to look for them first (DT_RUNPATH, else DT_RPATH), which may begin with {@code $ORIGIN}
 */
public record DynamicSection(List<String> needed, List<String> path) {

    /** A file that asks for nothing. */
    public static final DynamicSection NONE = new DynamicSection(List.of(), List.of());

    /** As many bytes tell whether a file is one. */
    public static final int HEADER_BYTES = 64;

    private static final int DYNAMIC = 2;
    private static final int ENTRY_BYTES = 16;
    private static final int END = 0;
    private static final int NEEDED = 1;
    private static final int STRINGS = 5;
    private static final int RPATH = 15;
    private static final int RUNPATH = 29;
    private static final int PROGRAM_HEADERS_AT = 32;
    private static final int PROGRAM_HEADER_COUNT_AT = 56;

    public DynamicSection {
        needed = List.copyOf(needed);
        path = List.copyOf(path);
    }

    /** Whether bytes begin as an ELF file of 64 bits, as a library must; development files of that name are texts. */
    public static boolean isElf(byte[] image) {
        return image.length >= HEADER_BYTES && Bytes.get32(image, 0) == 0x464c457f && image[4] == 2;
    }

    /**
     * Reads the section of a whole file.
     *
     * @throws ElfException
     *             when it does not lie in the file
     */
    public static DynamicSection parse(String name, byte[] image) throws ElfException {
        ElfFile elf = ElfFile.parse(name, image);
        long table = Bytes.get64(image, PROGRAM_HEADERS_AT);
        for (int i = 0; i < Bytes.get16(image, PROGRAM_HEADER_COUNT_AT); i++) {
            int at = (int) table + i * ElfFile.HEADER_ENTRY_BYTES;
            if (Bytes.get32(image, at) == DYNAMIC) {
                return read(elf, image, Bytes.get64(image, at + 8), Bytes.get64(image, at + 32));
            }
        }
        return NONE;
    }

    private static DynamicSection read(ElfFile elf, byte[] image, long offset, long bytes) throws ElfException {
        if (offset < 0 || bytes < 0 || offset > image.length - bytes) {
            throw broken(elf, offset, "the dynamic section lies outside of the file");
        }
        List<Long> needed = new ArrayList<>();
        long strings = 0;
        long path = -1;
        boolean runPath = false;
        for (int at = (int) offset; at + ENTRY_BYTES <= offset + bytes; at += ENTRY_BYTES) {
            long tag = Bytes.get64(image, at);
            long value = Bytes.get64(image, at + 8);
            if (tag == END) {
                break;
            } else if (tag == NEEDED) {
                needed.add(value);
            } else if (tag == STRINGS) {
                strings = value;
            } else if (tag == RUNPATH || tag == RPATH && !runPath) {
                path = value;
                runPath |= tag == RUNPATH;
            }
        }
        List<String> names = new ArrayList<>();
        for (long name : needed) {
            names.add(text(elf, image, strings, name));
        }
        List<String> folders = path < 0 ? List.of() : List.of(text(elf, image, strings, path).split(":"));
        return new DynamicSection(names, folders);
    }

    /** A string of the string table, which is told by its address in memory. */
    private static String text(ElfFile elf, byte[] image, long strings, long index) throws ElfException {
        long address = strings + index;
        for (ElfFile.Segment segment : elf.segments()) {
            if (address >= segment.address() && address - segment.address() < segment.fileBytes()) {
                int from = (int) (segment.offset() + address - segment.address());
                int end = from;
                while (end < image.length && image[end] != 0) {
                    end++;
                }
                return new String(image, from, end - from, StandardCharsets.ISO_8859_1);
            }
        }
        throw broken(elf, address, "a name in the dynamic section lies in no segment");
    }

    private static ElfException broken(ElfFile elf, long at, String what) {
        return new ElfException(ElfException.Reason.MALFORMED, elf.name(), at, what);
    }
}
