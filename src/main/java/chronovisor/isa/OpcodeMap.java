package chronovisor.isa;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One opcode map under construction and in use: 256 opcodes, each with the rows that share it, in order of preference. */
final class OpcodeMap {
    private static final OpcodeRow[] NO_ROWS = {};

    private final String name;
    private final OpcodeRow[][] slots = new OpcodeRow[256][];
    private final boolean[] modRm = new boolean[256];
    private final List<OpcodeRow> rows = new ArrayList<>();

    /** {@code name} is the encoding's beginning, for example {@code "0F 38 "}. */
    OpcodeMap(String name) {
        this.name = name;
        Arrays.fill(slots, NO_ROWS);
    }

    OpcodeRow row(int opcode, Family family, Operation operation, OperandSpec... specs) {
        return rows(opcode, 1, family, operation, specs);
    }

    /** A row with a mandatory prefix, or with none allowed ({@link OpcodeRow#NP}). */
    OpcodeRow row(int prefix, int opcode, Family family, Operation operation, OperandSpec... specs) {
        return rows(opcode, 1, family, operation, specs).prefix(prefix);
    }

    /** One row for {@code count} consecutive opcodes. */
    OpcodeRow rows(int opcode, int count, Family family, Operation operation, OperandSpec... specs) {
        var row = new OpcodeRow(name, opcode, count, family, operation, specs);
        rows.add(row);
        for (int i = opcode; i < opcode + count; i++) {
            OpcodeRow[] before = slots[i];
            OpcodeRow[] after = Arrays.copyOf(before, before.length + 1);
            after[before.length] = row;
            slots[i] = after;
        }
        return row;
    }

    /** Ends construction: finds out which opcodes have a ModRM byte. */
    OpcodeMap finished() {
        for (OpcodeRow row : rows) {
            for (int i = row.opcode(); i < row.opcode() + row.count(); i++) {
                modRm[i] |= row.usesModRm();
            }
        }
        return this;
    }

    OpcodeRow[] at(int opcode) {
        return slots[opcode];
    }

    boolean hasModRm(int opcode) {
        return modRm[opcode];
    }

    List<OpcodeRow> rows() {
        return List.copyOf(rows);
    }
}
