package chronovisor.cpu.vector;

import chronovisor.isa.OpcodeRow;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds every form that is executed, by trying encodings: x87, legacy and VEX. */
final class HardwareForms {

    private static final int[] PREFIXES = {0, 0x66, 0xF3, 0xF2};
    /** Immediates that every form with one is tried with: all predicates of comparisons, then what else there is. */
    private static final int[] IMMEDIATES = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
        21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 47, 63, 64, 65, 0x4E, 0x1B, 0x55, 0x80, 0xAA, 0xB1, 0xD8,
        0xE4, 0xFF};
    /** ModRM.mod and rm: register 1; memory at RBX; memory at RBX+4, which is aligned for doublewords only. */
    private static final int REGISTER = 0xC1;
    private static final int MEMORY = 0x03;
    private static final int MEMORY_DISPLACED = 0x43;
    /** With a SIB byte (base RBX, index register 1) and a displacement to the middle of the memory, for gathers. */
    private static final int MEMORY_INDEXED = 0x44;
    private static final int INDEXED_BASE = 0x0B;
    private static final int MIDDLE = HardwareState.MEMORY_BYTES / 2;

    private final Map<String, HardwareForm> forms = new LinkedHashMap<>();

    private HardwareForms() {}

    static List<HardwareForm> all() {
        HardwareForms all = new HardwareForms();
        all.x87();
        all.legacy();
        all.vex();
        return new ArrayList<>(all.forms.values());
    }

    private void x87() {
        for (int escape = 0xD8; escape <= 0xDF; escape++) {
            for (int modrm = 0; modrm < 256; modrm++) {
                boolean memory = (modrm & 0xC7) == MEMORY;
                boolean register = modrm >= 0xC0;
                if (memory || register) {
                    add(escape, modrm);
                }
                if (memory) {
                    add(0x66, escape, modrm);
                }
            }
        }
        add(0x9B);
    }

    private void legacy() {
        for (int prefix : PREFIXES) {
            for (int rex : new int[]{0, 0x48}) {
                int[] before = prefix == 0 ? new int[0] : new int[]{prefix};
                before = rex == 0 ? before : append(before, rex);
                before = append(before, 0x0F);
                for (int opcode = 0; opcode < 256; opcode++) {
                    if (opcode != 0x38 && opcode != 0x3A) {
                        opcode(append(before, opcode), Set.of());
                    }
                    opcode(append(before, 0x38, opcode), Set.of());
                    opcode(append(before, 0x3A, opcode), Set.of());
                }
            }
        }
    }

    private void vex() {
        for (int map = 1; map <= 3; map++) {
            for (int wLpp = 0; wLpp < 16; wLpp++) {
                for (int opcode = 0; opcode < 256; opcode++) {
                    // VEX.vvvv names register 2; where there is no such operand it must be 1111 (inverted: none).
                    opcode(vex(map, wLpp, 0, opcode), opcode(vex(map, wLpp, 2, opcode), Set.of()));
                }
            }
        }
    }

    /** A VEX prefix, of two bytes where that says enough (SDM vol. 2, 2.3.5), and an opcode. */
    private static int[] vex(int map, int wLpp, int vvvv, int opcode) {
        int last = (wLpp & 8) << 4 | (~vvvv & 15) << 3 | wLpp & 7;
        return map == 1 && last < 0x80
                ? new int[]{0xC5, last | 0x80, opcode}
                : new int[]{0xC4, 0xE0 | map, last, opcode};
    }

    /** Tries all operands of an opcode in rows other than those seen; adds the rows that there are. */
    private Set<OpcodeRow> opcode(int[] code, Set<OpcodeRow> before) {
        add(code);
        Set<OpcodeRow> seen = new HashSet<>(before);
        for (int reg = 0; reg < 8; reg++) {
            Set<OpcodeRow> now = new HashSet<>();
            int digit = reg << 3;
            // Another register number is another instruction only in groups.
            withImmediates(append(code, REGISTER | digit), seen, now);
            withImmediates(append(code, 0xC0 | digit | reg), seen, now);
            withImmediates(append(code, MEMORY | digit), seen, now);
            withImmediates(append(code, MEMORY_DISPLACED | digit, 4), seen, now);
            for (int scale = 0; scale < 4; scale++) {
                indexed(append(code, MEMORY_INDEXED | digit, scale << 6 | INDEXED_BASE, MIDDLE), seen, now);
            }
            seen.addAll(now);
        }
        return seen;
    }

    private void indexed(int[] code, Set<OpcodeRow> seen, Set<OpcodeRow> now) {
        HardwareForm form = HardwareForm.of(bytes(code));
        if (form != null && form.gather() && !seen.contains(form.instruction().row())) {
            add(code);
            now.add(form.instruction().row());
        }
    }

    private void withImmediates(int[] code, Set<OpcodeRow> seen, Set<OpcodeRow> now) {
        HardwareForm form = HardwareForm.of(bytes(code));
        HardwareForm first = form != null ? form : HardwareForm.of(bytes(append(code, 0)));
        if (first == null || seen.contains(first.instruction().row())) {
            return;
        }
        now.add(first.instruction().row());
        if (form != null) {
            add(code);
            return;
        }
        for (int immediate : IMMEDIATES) {
            add(append(code, immediate));
        }
    }

    private static int[] append(int[] code, int... more) {
        int[] whole = new int[code.length + more.length];
        System.arraycopy(code, 0, whole, 0, code.length);
        System.arraycopy(more, 0, whole, code.length, more.length);
        return whole;
    }

    private static byte[] bytes(int[] code) {
        byte[] b = new byte[code.length];
        for (int i = 0; i < b.length; i++) {
            b[i] = (byte) code[i];
        }
        return b;
    }

    private @Nullable HardwareForm add(int... code) {
        HardwareForm form = HardwareForm.of(bytes(code));
        if (form != null) {
            // REX.W, VEX.W and VEX.L often change nothing.
            forms.putIfAbsent(form.instruction().row().encoding() + form.instruction(), form);
        }
        return form;
    }
}
