package chronovisor.analysis.coverage;

import chronovisor.isa.Disassembler;
import chronovisor.isa.Instruction;
import java.io.IOException;
import java.io.Writer;
import java.util.HashMap;
import java.util.Map;

/** A file's disassembly, function by function, and the line that each instruction stands on. */
final class Listing {

    private final Map<Long, Integer> lines = new HashMap<>();
    private int line;

    /** Writes the listing. */
    Listing(CodeFile file, Writer out) throws IOException {
        line(out, "; " + file.path());
        Map<Long, String> names = new HashMap<>();
        file.functions().forEach(function -> names.put(function.start(), function.name()));
        for (Map.Entry<Long, Instruction> entry : file.instructions().entrySet()) {
            long address = entry.getKey();
            String name = names.get(address);
            if (name != null) {
                line(out, "");
                line(out, name + ":");
            }
            line(out, "    0x" + Long.toHexString(address) + "  " + Disassembler.intel(entry.getValue(), address));
            lines.put(address, line);
        }
    }

    private void line(Writer out, String text) throws IOException {
        out.append(text).append('\n');
        line++;
    }

    /** The line of an instruction, from 1 on; 0 for none. */
    int lineOf(long address) {
        return lines.getOrDefault(address, 0);
    }
}
