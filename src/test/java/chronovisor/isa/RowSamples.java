package chronovisor.isa;

import java.util.HexFormat;
import java.util.Random;

/** Makes byte sequences that a row must decode, with everything the row leaves open chosen at random. */
public final class RowSamples {
    private RowSamples() {}

    /** A sample of {@code row}, padded to 15 bytes with random ones. */
    public static byte[] of(OpcodeRow row, Random random) {
        byte[] code = new byte[15];
        random.nextBytes(code);
        boolean vex = row.map().startsWith("VEX");
        int at = vex ? vexPrefix(row, random, code) : legacyPrefix(row, random, code);
        int opcode = row.opcode() + random.nextInt(row.count());
        code[at++] = (byte) opcode;
        if (row.usesModRm()) {
            code[at] = (byte) modRm(row, code[at] & 0xFF, random);
        }
        return code;
    }

    private static int field(OpcodeRow row, int shift, int width, int otherwise) {
        int mask = (1 << width) - 1 << shift;
        return (row.mask & mask) == 0 ? otherwise : (row.value & mask) >> shift;
    }

    private static int modRm(OpcodeRow row, int random, Random more) {
        int mod = random >> 6;
        if ((row.mask & OpcodeRow.MOD3) != 0) {
            mod = (row.value & OpcodeRow.MOD3) != 0 ? 3 : more.nextInt(3);
        }
        int reg = field(row, OpcodeRow.REG_SHIFT, 3, random >> 3 & 7);
        for (OperandSpec spec : row.specs) {
            reg = switch (spec.form) {
                case SEGMENT -> Operand.DS;
                case CONTROL -> 3;
                default -> reg;
            };
        }
        int rm = (row.mask & 7) == 7 ? row.value & 7 : random & 7;
        if (isGather(row)) {
            rm = 4;
        }
        return mod << 6 | reg << 3 | rm;
    }

    private static boolean isGather(OpcodeRow row) {
        for (OperandSpec spec : row.specs) {
            if (spec.form == OperandSpec.Form.VECTOR_INDEXED) {
                return true;
            }
        }
        return false;
    }

    private static int legacyPrefix(OpcodeRow row, Random random, byte[] code) {
        int at = 0;
        int mandatory = field(row, OpcodeRow.PREFIX_SHIFT, 2, 0);
        boolean anyPrefix = (row.mask & 3 << OpcodeRow.PREFIX_SHIFT) == 0;
        int size = field(row, OpcodeRow.SIZE_SHIFT, 2, -1);
        if (mandatory == OpcodeRow.P66 || size == 0 || anyPrefix && size < 0 && random.nextInt(4) == 0) {
            code[at++] = 0x66;
        }
        if (mandatory == OpcodeRow.F2 || mandatory == OpcodeRow.F3) {
            code[at++] = (byte) (mandatory == OpcodeRow.F2 ? 0xF2 : 0xF3);
        }
        int w = field(row, 9, 1, size >= 0 ? size >> 1 : random.nextInt(2));
        int b = field(row, 13, 1, random.nextInt(2));
        // The other REX bits would name control and debug registers that do not exist.
        boolean noR = row.operation() == Operation.MOV && row.family() == Family.SYSTEM;
        int rex = 0x40 | w << 3 | (noR ? 0 : random.nextInt(2) << 2) | random.nextInt(2) << 1 | b;
        if (w == 1 || random.nextBoolean() && !(size >= 0 && w == 0)) {
            code[at++] = (byte) rex;
        } else if ((row.mask & OpcodeRow.REX_B) != 0 && b == 1) {
            code[at++] = 0x41;
        }
        for (byte escape : HexFormat.of().parseHex(row.map().replace(" ", ""))) {
            code[at++] = escape;
        }
        return at;
    }

    private static int vexPrefix(OpcodeRow row, Random random, byte[] code) {
        boolean usesVvvv = false;
        for (OperandSpec spec : row.specs) {
            usesVvvv |= spec.form == OperandSpec.Form.VVVV || spec.form == OperandSpec.Form.VVVV_GPR;
        }
        String map = row.map().trim();
        code[0] = (byte) 0xC4;
        code[1] = (byte) (code[1] & 0xE0 | (map.endsWith("38") ? 2 : map.endsWith("3A") ? 3 : 1));
        int vvvv = usesVvvv ? random.nextInt(16) : 15;
        int w = field(row, 9, 1, 0);
        code[2] = (byte) (w << 7 | vvvv << 3 | field(row, 12, 1, random.nextInt(2)) << 2
                | field(row, OpcodeRow.PREFIX_SHIFT, 2, 0));
        return 3;
    }
}
