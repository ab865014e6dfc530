package chronovisor.kitten.elf;

import chronovisor.kitten.abi.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The sections and symbols of an ELF file for x86 (System V gABI chapter 4), for people who look at a program or a kernel: nothing of
 * them is needed to run it, so a file without, or with broken ones, simply has fewer. The file may be hostile: what does not fit is not there,
 * and a table that is too large is none.
 */
public final class ElfSections {

    private static final int HEADER_BYTES = 64;
    private static final int HEADER_BYTES_32 = 52;
    private static final int CLASS_32 = 1;
    private static final int MAGIC = 0x464c_457f;
    private static final int SECTIONS_MAX = 4096;
    private static final int SYMBOL_TABLE = 2;
    private static final int DYNAMIC_SYMBOLS = 11;
    private static final int NO_BITS = 8;
    private static final int EXECUTABLE = 4;
    private static final int COMPRESSED = 0x800;
    private static final int FUNCTION = 2;
    private static final int INDIRECT_FUNCTION = 10;
    private static final int NAME_BYTES_MAX = 4096;
    private static final int TABLE_BYTES_MAX = 128 << 20;

    private final long size;
    private final ElfFile.Source source;
    private final boolean wide;
    private final int sectionBytes;
    private final int symbolBytes;
    private final List<Section> sections = new ArrayList<>();

    /** A section: where it is in the file and, before the load bias, in memory. */
    public record Section(String name, int type, long flags, long address, long offset, long bytes, int link) {

        /** Whether it is code. */
        public boolean executable() {
            return (flags & EXECUTABLE) != 0;
        }

        /** Whether its bytes in the file are compressed. */
        public boolean compressed() {
            return (flags & COMPRESSED) != 0;
        }
    }

    /** A symbol with its address before the load bias. */
    public record Symbol(String name, long address, long bytes, boolean function) {}

    private ElfSections(long size, ElfFile.Source source, boolean wide) {
        this.size = size;
        this.source = source;
        this.wide = wide;
        sectionBytes = wide ? 64 : 40;
        symbolBytes = wide ? 24 : 16;
    }

    /** Reads what there is in a file that is at hand. */
    public static ElfSections of(byte[] file) {
        return of(file.length, (offset, length) -> Arrays.copyOfRange(file, (int) offset,
                (int) Math.min(file.length, offset + length)));
    }

    /**
     * Reads what there is.
     *
     * @param size
     *            of the file in bytes
     * @param source
     *            reads it, as long as the sections and symbols are asked for
     */
    public static ElfSections of(long size, ElfFile.Source source) {
        byte[] header = source.read(0, (int) Math.min(size, HEADER_BYTES));
        boolean wide = header.length > 4 && header[4] != CLASS_32;
        ElfSections read = new ElfSections(size, source, wide);
        if (header.length >= (wide ? HEADER_BYTES : HEADER_BYTES_32) && Bytes.get32(header, 0) == MAGIC
                && Bytes.get16(header, wide ? 58 : 46) == read.sectionBytes) {
            read.readSections(header);
        }
        return read;
    }

    /** An address, an offset or a size: as wide as the file's class has it. */
    private long word(byte[] bytes, int at) {
        return wide ? Bytes.get64(bytes, at) : Integer.toUnsignedLong(Bytes.get32(bytes, at));
    }

    private void readSections(byte[] header) {
        int count = Math.min(Bytes.get16(header, wide ? 60 : 48), SECTIONS_MAX);
        int names = Bytes.get16(header, wide ? 62 : 50);
        byte[] table = part(word(header, wide ? 40 : 32), (long) count * sectionBytes);
        if (names >= count || table.length < count * sectionBytes) {
            return;
        }
        int offsetAt = wide ? 24 : 16;
        int bytesAt = wide ? 32 : 20;
        byte[] texts = part(word(table, names * sectionBytes + offsetAt), word(table, names * sectionBytes + bytesAt));
        for (int at = 0; at < table.length; at += sectionBytes) {
            int type = Bytes.get32(table, at + 4);
            long offset = word(table, at + offsetAt);
            long bytes = word(table, at + bytesAt);
            boolean there = type != NO_BITS && within(offset, bytes);
            sections.add(new Section(name(texts, Bytes.get32(table, at)), type, word(table, at + 8),
                    word(table, at + (wide ? 16 : 12)), there ? offset : 0, there ? bytes : 0,
                    Bytes.get32(table, at + (wide ? 40 : 24))));
        }
    }

    private boolean within(long offset, long bytes) {
        return offset >= 0 && bytes >= 0 && offset <= size && bytes <= size - offset;
    }

    private byte[] part(long offset, long bytes) {
        return within(offset, bytes) && bytes <= TABLE_BYTES_MAX ? source.read(offset, (int) bytes) : new byte[0];
    }

    private static String name(byte[] texts, int at) {
        if (at < 0 || at >= texts.length) {
            return "";
        }
        int end = at;
        while (end < texts.length && texts[end] != 0 && end - at < NAME_BYTES_MAX) {
            end++;
        }
        return new String(texts, at, end - at, StandardCharsets.ISO_8859_1);
    }

    /** A section by name, where it has bytes in the file. */
    public Optional<Section> section(String name) {
        return sections.stream().filter(section -> section.name.equals(name) && section.bytes > 0).findFirst();
    }

    /** The sections that are code and have bytes in the file. */
    public List<Section> code() {
        return sections.stream().filter(section -> section.executable() && section.bytes > 0).toList();
    }

    /** The bytes of a section; none when there are too many. */
    public byte[] contents(Section section) {
        return part(section.offset, section.bytes);
    }

    /** Every symbol that has a place in memory; those of the dynamic table where there is no other. */
    public List<Symbol> symbols() {
        List<Symbol> symbols = of(SYMBOL_TABLE);
        return symbols.isEmpty() ? of(DYNAMIC_SYMBOLS) : symbols;
    }

    private List<Symbol> of(int type) {
        List<Symbol> symbols = new ArrayList<>();
        for (Section section : sections) {
            // A file has one of each at most (gABI, Sections); more would only cost time.
            if (section.type == type && symbols.isEmpty() && section.link >= 0 && section.link < sections.size()) {
                byte[] table = contents(section);
                byte[] texts = contents(sections.get(section.link));
                // Symbols may share a text, but many that share a long one are there to fill our memory.
                long characters = 0;
                for (int at = 0; at + symbolBytes <= table.length
                        && characters < TABLE_BYTES_MAX; at += symbolBytes) {
                    characters += add(symbols, table, at, texts);
                }
            }
        }
        return symbols;
    }

    /** Gives the length of its name. */
    private int add(List<Symbol> symbols, byte[] table, int at, byte[] texts) {
        int kind = table[at + (wide ? 4 : 12)] & 0xF;
        long address = word(table, at + (wide ? 8 : 4));
        // No type, data, functions and those that are chosen at run time; not of another file, nor of none.
        boolean wanted = kind <= FUNCTION || kind == INDIRECT_FUNCTION;
        if (wanted && Bytes.get16(table, at + (wide ? 6 : 14)) != 0 && address != 0) {
            String name = name(texts, Bytes.get32(table, at));
            if (!name.isEmpty()) {
                symbols.add(new Symbol(name, address, Math.max(0, word(table, at + (wide ? 16 : 8))),
                        kind == FUNCTION || kind == INDIRECT_FUNCTION));
            }
            return name.length();
        }
        return 0;
    }
}
