package chronovisor.kitten.elf;

import chronovisor.kitten.abi.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The sections and symbols of an x86-64 ELF file (System V gABI chapter 4), for people who look at a program: nothing of them
 * is needed to run it, so a file without, or with broken ones, simply has fewer.
 */
public final class ElfSections {

    private static final int HEADER_BYTES = 64;
    private static final int SECTION_BYTES = 64;
    private static final int SYMBOL_BYTES = 24;
    private static final int SYMBOL_TABLE = 2;
    private static final int DYNAMIC_SYMBOLS = 11;
    private static final int NO_BITS = 8;
    private static final int FUNCTION = 2;
    private static final int INDIRECT_FUNCTION = 10;
    private static final int NAME_BYTES_MAX = 4096;

    private final byte[] file;
    private final List<Section> sections = new ArrayList<>();

    /** A section: where it is in the file and, before the load bias, in memory. */
    public record Section(String name, int type, long address, long offset, long bytes, int link) {}

    /** A symbol with its address before the load bias. */
    public record Symbol(String name, long address, long bytes, boolean function) {}

    private ElfSections(byte[] file) {
        this.file = file;
    }

    /** Reads what there is. */
    public static ElfSections of(byte[] file) {
        ElfSections read = new ElfSections(file);
        if (file.length >= HEADER_BYTES && file[0] == 0x7F && file[1] == 'E' && file[2] == 'L' && file[3] == 'F') {
            read.readSections();
        }
        return read;
    }

    private void readSections() {
        long table = Bytes.get64(file, 40);
        int count = Bytes.get16(file, 60);
        int names = Bytes.get16(file, 62);
        if (Bytes.get16(file, 58) != SECTION_BYTES || !within(table, (long) count * SECTION_BYTES) || names >= count) {
            return;
        }
        long text = Bytes.get64(file, (int) table + names * SECTION_BYTES + 24);
        for (int i = 0; i < count; i++) {
            int at = (int) table + i * SECTION_BYTES;
            int type = Bytes.get32(file, at + 4);
            long offset = Bytes.get64(file, at + 24);
            long bytes = Bytes.get64(file, at + 32);
            boolean there = type != NO_BITS && within(offset, bytes);
            sections.add(new Section(name(text + (Bytes.get32(file, at) & 0xFFFF_FFFFL)), type,
                    Bytes.get64(file, at + 16), there ? offset : 0, there ? bytes : 0, Bytes.get32(file, at + 40)));
        }
    }

    private boolean within(long offset, long bytes) {
        return offset >= 0 && bytes >= 0 && offset <= file.length && bytes <= file.length - offset;
    }

    private String name(long at) {
        if (at < 0 || at >= file.length) {
            return "";
        }
        int end = (int) at;
        while (end < file.length && file[end] != 0 && end - at < NAME_BYTES_MAX) {
            end++;
        }
        return new String(file, (int) at, end - (int) at, StandardCharsets.ISO_8859_1);
    }

    /** A section by name, where it has bytes in the file. */
    public Optional<Section> section(String name) {
        return sections.stream().filter(section -> section.name.equals(name) && section.bytes > 0).findFirst();
    }

    /** The file that the offsets are in. */
    public byte[] file() {
        return file;
    }

    /** Every symbol that has a place in memory; those of the dynamic table where there is no other. */
    public List<Symbol> symbols() {
        List<Symbol> symbols = of(SYMBOL_TABLE);
        return symbols.isEmpty() ? of(DYNAMIC_SYMBOLS) : symbols;
    }

    private List<Symbol> of(int type) {
        List<Symbol> symbols = new ArrayList<>();
        for (Section section : sections) {
            if (section.type == type && section.link >= 0 && section.link < sections.size()) {
                long names = sections.get(section.link).offset;
                for (long at = section.offset; at + SYMBOL_BYTES <= section.offset
                        + section.bytes; at += SYMBOL_BYTES) {
                    add(symbols, (int) at, names);
                }
            }
        }
        return symbols;
    }

    private void add(List<Symbol> symbols, int at, long names) {
        int kind = file[at + 4] & 0xF;
        long address = Bytes.get64(file, at + 8);
        // No type, data, functions and those that are chosen at run time; not of another file, nor of none.
        boolean wanted = kind <= FUNCTION || kind == INDIRECT_FUNCTION;
        if (wanted && Bytes.get16(file, at + 6) != 0 && address != 0) {
            String name = name(names + (Bytes.get32(file, at) & 0xFFFF_FFFFL));
            if (!name.isEmpty()) {
                symbols.add(new Symbol(name, address, Math.max(0, Bytes.get64(file, at + 16)),
                        kind == FUNCTION || kind == INDIRECT_FUNCTION));
            }
        }
    }
}
