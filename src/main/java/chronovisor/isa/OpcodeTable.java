package chronovisor.isa;

import java.util.ArrayList;
import java.util.List;

/** All rows of all opcode maps, in the manual's order. */
public final class OpcodeTable {
    private OpcodeTable() {}

    /** Every row; builds maps that no decoding has needed yet. */
    public static List<OpcodeRow> rows() {
        var rows = new ArrayList<OpcodeRow>();
        rows.addAll(OneByteMap.MAP.rows());
        rows.addAll(TwoByteMap.MAP.rows());
        rows.addAll(Map0F38.MAP.rows());
        rows.addAll(Map0F3A.MAP.rows());
        rows.addAll(Vex0FMap.MAP.rows());
        rows.addAll(Vex0F38Map.MAP.rows());
        rows.addAll(Vex0F3AMap.MAP.rows());
        return List.copyOf(rows);
    }
}
