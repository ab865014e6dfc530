package chronovisor.timeline;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.elf.ElfSections;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Which line of which source file an instruction comes from, where the ELF file says so: the line number programs of DWARF 2 to 5
 * (section {@code .debug_line}; DWARF 5, section 6.2). Addresses are the file's own, before the load bias.
 *
 * <p>
 * The file may be hostile: what cannot be read ends the reading, and the lines before are kept. Sections compressed otherwise than by zlib
 * are not read.
 */
public final class SourceLines {

    private static final int INFLATED_BYTES_MAX = 256 << 20;
    private static final int ROWS_MAX = 32 << 20;
    private static final int COMPRESSION_HEAD_BYTES = 24;
    private static final int ZLIB = 1;

    /** A place in the sources. */
    public record Line(String file, int number) {}

    /** Lines hold from here on, up to the next; a number of 0 is none. */
    private final TreeMap<Long, Line> byAddress = new TreeMap<>();
    private final TreeMap<Long, Line> sequence = new TreeMap<>();
    private int rows;

    private SourceLines() {}

    /** The lines of a file; none when it has none. */
    public static SourceLines of(ElfSections sections) {
        SourceLines lines = new SourceLines();
        byte[] programs = section(sections, ".debug_line");
        if (programs.length > 0) {
            lines.read(programs, new LineProgram.Texts(section(sections, ".debug_line_str"),
                    section(sections, ".debug_str")));
        }
        return lines;
    }

    private static byte[] section(ElfSections sections, String name) {
        return sections.section(name).map(section -> {
            byte[] bytes = sections.contents(section);
            return section.compressed() ? inflate(bytes) : bytes;
        }).orElse(new byte[0]);
    }

    /** The bytes behind a compression header (gABI, Section Compression). */
    private static byte[] inflate(byte[] bytes) {
        if (bytes.length < COMPRESSION_HEAD_BYTES || Bytes.get32(bytes, 0) != ZLIB) {
            return new byte[0];
        }
        long size = Bytes.get64(bytes, 8);
        if (size < 0 || size > INFLATED_BYTES_MAX) {
            return new byte[0];
        }
        byte[] plain = new byte[(int) size];
        try (Inflater inflater = new Inflater()) {
            inflater.setInput(bytes, COMPRESSION_HEAD_BYTES, bytes.length - COMPRESSION_HEAD_BYTES);
            int count = inflater.inflate(plain);
            return count == plain.length ? plain : Arrays.copyOf(plain, count);
        } catch (DataFormatException e) {
            // As of a file without lines: people look at it, nothing depends on it.
            return new byte[0];
        }
    }

    private void read(byte[] programs, LineProgram.Texts texts) {
        int at = 0;
        try {
            while (at < programs.length) {
                at = LineProgram.run(programs, at, texts, this::row);
            }
        } catch (IndexOutOfBoundsException e) {
            // The file ends early or is broken: what was read before is kept.
            return;
        }
    }

    private void row(long address, String file, int line, boolean end) {
        if (++rows > ROWS_MAX) {
            throw new IndexOutOfBoundsException("more than " + ROWS_MAX + " rows");
        }
        if (!end) {
            sequence.put(address, new Line(file, line));
            return;
        }
        // A row where the sequence ends is of no instruction; what begins there belongs to another sequence.
        byAddress.putAll(sequence.headMap(address));
        byAddress.putIfAbsent(address, new Line("", 0));
        sequence.clear();
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return byAddress.isEmpty();
    }

    /** The line that an address comes from. */
    public Optional<Line> at(long address) {
        Map.Entry<Long, Line> found = byAddress.floorEntry(address);
        return found == null || found.getValue().number == 0 ? Optional.empty() : Optional.of(found.getValue());
    }

    static String text(byte[] bytes, long at) {
        if (at < 0 || at >= bytes.length) {
            throw new IndexOutOfBoundsException("a text at " + at);
        }
        int end = (int) at;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, (int) at, end - (int) at, StandardCharsets.UTF_8);
    }
}
