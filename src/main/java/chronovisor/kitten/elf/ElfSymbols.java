package chronovisor.kitten.elf;

import chronovisor.kitten.abi.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The symbol table of an ELF file, SHT_SYMTAB, for those who look at a program from outside (System V gABI chapter 4). The file may be
 * hostile: what does not fit is no symbol, and a table that is too large is none.
 */
public final class ElfSymbols {

    private static final int SECTION_BYTES = 64;
    private static final int SECTIONS_MAX = 4096;
    private static final int SYMBOL_BYTES = 24;
    private static final int TABLE_BYTES_MAX = 64 << 20;
    private static final int SHT_SYMTAB = 2;

    private ElfSymbols() {}

    /**
     * Addresses of the defined symbols with these names, before the load bias; of several of one name the first.
     *
     * @param size
     *            of the file in bytes
     */
    public static SortedMap<String, Long> find(long size, ElfFile.Source source, Set<String> names) {
        SortedMap<String, Long> found = new TreeMap<>();
        byte[] header = source.read(0, 64);
        if (header.length < 64 || Bytes.get32(header, 0) != 0x464c_457f || Bytes.get16(header, 58) != SECTION_BYTES) {
            return found;
        }
        int count = Bytes.get16(header, 60);
        byte[] sections = part(size, source, Bytes.get64(header, 40), (long) count * SECTION_BYTES);
        for (int i = 0; i < Math.min(sections.length / SECTION_BYTES, SECTIONS_MAX); i++) {
            int at = i * SECTION_BYTES;
            int link = Bytes.get32(sections, at + 40);
            if (Bytes.get32(sections, at + 4) == SHT_SYMTAB && link >= 0 && link < sections.length / SECTION_BYTES) {
                byte[] symbols = section(size, source, sections, at);
                byte[] texts = section(size, source, sections, link * SECTION_BYTES);
                read(symbols, texts, names, found);
            }
        }
        return Collections.unmodifiableSortedMap(found);
    }

    private static byte[] section(long size, ElfFile.Source source, byte[] sections, int at) {
        return part(size, source, Bytes.get64(sections, at + 24), Bytes.get64(sections, at + 32));
    }

    private static byte[] part(long size, ElfFile.Source source, long offset, long length) {
        boolean fits = offset >= 0 && length >= 0 && length <= TABLE_BYTES_MAX && offset <= size
                && length <= size - offset;
        return fits ? source.read(offset, (int) length) : new byte[0];
    }

    private static void read(byte[] symbols, byte[] texts, Set<String> names, SortedMap<String, Long> found) {
        for (int at = 0; at + SYMBOL_BYTES <= symbols.length; at += SYMBOL_BYTES) {
            int text = Bytes.get32(symbols, at);
            boolean defined = Bytes.get16(symbols, at + 6) != 0;
            if (defined && text > 0 && text < texts.length) {
                String name = text(texts, text);
                if (names.contains(name)) {
                    found.putIfAbsent(name, Bytes.get64(symbols, at + 8));
                }
            }
        }
    }

    private static String text(byte[] texts, int from) {
        int end = from;
        while (end < texts.length && texts[end] != 0) {
            end++;
        }
        return new String(texts, from, end - from, StandardCharsets.ISO_8859_1);
    }
}
