package chronovisor.isa;

import java.util.Locale;

/** Writes a row's encoding in the manual's notation. */
final class RowText {
    private RowText() {}

    static String encoding(OpcodeRow row, String map, int slashDigit) {
        var text = new StringBuilder();
        boolean vex = map.startsWith("VEX");
        int prefixBits = row.mask >> OpcodeRow.PREFIX_SHIFT & 3;
        if (prefixBits == 3) {
            String[] names = vex ? new String[]{"", "66.", "F3.", "F2."} : new String[]{"NP ", "66 ", "F3 ", "F2 "};
            text.append(names[row.value >> OpcodeRow.PREFIX_SHIFT & 3]);
        }
        if (vex && (row.mask & OpcodeRow.VEX_L) != 0) {
            text.append((row.value & OpcodeRow.VEX_L) != 0 ? "L1." : "L0.");
        }
        if ((row.mask & OpcodeRow.REX_W) != 0) {
            boolean set = (row.value & OpcodeRow.REX_W) != 0;
            text.append(vex ? (set ? "W1." : "W0.") : (set ? "REX.W " : ""));
        }
        if ((row.mask & 3 << OpcodeRow.SIZE_SHIFT) != 0) {
            text.append(new String[]{"o16 ", "o32 ", "o64 "}[row.value >> OpcodeRow.SIZE_SHIFT & 3]);
        }
        text.append(vex ? "VEX" + map.substring(3) + " " : map)
                .append(String.format(Locale.ROOT, "%02X", row.opcode()));
        if (row.count() > 1) {
            text.append(row.conditional ? "+cc" : "+r");
        }
        boolean fixed = (row.mask & 7) == 7;
        if (fixed) {
            text.append(String.format(Locale.ROOT, " %02X", 0xC0 | row.value & 0x3F));
        } else if (slashDigit >= 0) {
            text.append(" /").append(slashDigit);
        } else if (row.usesModRm()) {
            text.append(" /r");
        }
        return text.toString();
    }
}
