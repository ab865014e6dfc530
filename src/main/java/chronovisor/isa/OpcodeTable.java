package chronovisor.isa;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

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

    /** The features that have a row which this machine does not execute: those that CPUID must not tell of. */
    public static Set<CpuFeature> incompleteFeatures() {
        Set<CpuFeature> incomplete = EnumSet.noneOf(CpuFeature.class);
        for (OpcodeRow row : rows()) {
            if (row.support() != Support.SUPPORTED) {
                incomplete.add(row.promisedBy());
            }
        }
        return Collections.unmodifiableSet(incomplete);
    }
}
