package chronovisor.analysis.coverage;

import chronovisor.isa.Decoded;
import chronovisor.isa.Decoder;
import chronovisor.isa.Instruction;
import chronovisor.kitten.elf.ElfSections;
import chronovisor.timeline.SourceLines;
import chronovisor.timeline.Symbols;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** The code of a file: its instructions, its functions, and the lines that they come from. Addresses are the file's own. */
final class CodeFile {

    /** A function: from its symbol on, up to its end or the next symbol. */
    record Function(String name, long start, long end) {}

    private final String path;
    private final SourceLines lines;
    private final TreeMap<Long, Instruction> instructions = new TreeMap<>();
    private final List<Function> functions = new ArrayList<>();

    /**
     * Reads a file.
     *
     * @param ranges
     *            of its symbols in an address space that it is mapped into
     */
    CodeFile(Symbols.Image image, List<Symbols.Range> ranges) {
        path = image.path();
        lines = SourceLines.of(image.sections());
        for (ElfSections.Section section : image.sections().code()) {
            long end = section.address() + section.bytes();
            TreeSet<Long> starts = new TreeSet<>(List.of(section.address()));
            for (Symbols.Range range : ranges) {
                long start = range.start() - image.bias();
                if (start >= section.address() && start < end) {
                    starts.add(start);
                    functions.add(new Function(range.name(), start, Math.min(end, range.end() - image.bias())));
                }
            }
            decode(section, image.sections().contents(section), starts);
        }
    }

    /** Decodes a section; each function begins at its start whatever lies before it. */
    private void decode(ElfSections.Section section, byte[] code, NavigableSet<Long> starts) {
        for (long start : starts) {
            Long next = starts.higher(start);
            int at = (int) (start - section.address());
            int limit = next == null ? code.length : Math.min(code.length, (int) (next - section.address()));
            while (at < limit) {
                Decoded decoded = Decoder.decode(code, at, limit);
                if (decoded instanceof Instruction instruction) {
                    instructions.put(section.address() + at, instruction);
                    at += instruction.length();
                } else {
                    // Data among the code, or padding: what follows is looked at byte by byte, until it makes sense again.
                    at++;
                }
            }
        }
    }

    /** Its path in the guest. */
    String path() {
        return path;
    }

    /** Its functions, by address. */
    List<Function> functions() {
        return functions;
    }

    /** Where its instructions come from; empty when the file does not say. */
    SourceLines lines() {
        return lines;
    }

    /** Its instructions by address. */
    SortedMap<Long, Instruction> instructions() {
        return instructions;
    }
}
