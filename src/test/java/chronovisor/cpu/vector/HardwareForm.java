package chronovisor.cpu.vector;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Step;
import chronovisor.cpu.x87.X87Families;
import chronovisor.isa.Decoder;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.isa.Operation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One encoding to be compared with hardware: its bytes, and how this package binds it.
 *
 * @param code
 *            the instruction, operands among xmm0, xmm1, mm0, mm1, rax, rcx, ST(i) and memory at RBX
 * @param displacement
 *            of its memory operand
 */
record HardwareForm(byte[] code, Instruction instruction, Step step, int displacement) {

    private static final int[] PREFIXES = {0, 0x66, 0xF3, 0xF2};
    /** Immediates that every form with one is tried with. */
    private static final int[] IMMEDIATES = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 15, 16, 17, 24, 31, 32, 33, 47, 63,
        64,
        65, 0x4E, 0x1B, 0x55, 0x80, 0xAA, 0xB1, 0xD8, 0xE4, 0xFF};
    /** The state they need does not fit here; their own tests are elsewhere. */
    private static final Set<Operation> OTHERWISE = Set.of(Operation.FXSAVE, Operation.FXRSTOR);
    private static final Set<Operation> APPROXIMATE = Set.of(Operation.FSIN, Operation.FCOS, Operation.FSINCOS,
            Operation.FPTAN, Operation.FPATAN, Operation.F2XM1, Operation.FYL2X, Operation.FYL2XP1);

    /** Whether the manual bounds its error only, instead of defining each bit. */
    boolean approximate() {
        return APPROXIMATE.contains(instruction.operation());
    }

    /** Whether it ends in an immediate: there are many of those, so that each needs fewer cases. */
    boolean immediate() {
        int count = instruction.operandCount();
        return count > 0 && instruction.operand(count - 1).kind() == Operand.Kind.IMMEDIATE;
    }

    String name() {
        return HexFormat.of().formatHex(code) + " " + instruction;
    }

    /** The form of these bytes, or null when this package has no step for them. */
    static @Nullable HardwareForm of(byte[] code) {
        if (!(Decoder.decode(code, 0, code.length) instanceof Instruction i) || i.length() != code.length) {
            return null;
        }
        Operand memory = i.memory();
        AddressForm address = null;
        int displacement = 0;
        if (memory != null) {
            displacement = (int) memory.displacement();
            long linear = HardwareState.MEMORY_ADDRESS + displacement;
            address = cpu -> linear;
        }
        if (OTHERWISE.contains(i.operation())) {
            return null;
        }
        Step step = VectorFamilies.bind(i, address);
        if (step == null) {
            step = X87Families.bind(i, address);
        }
        return step == null ? null : new HardwareForm(code, i, step, displacement);
    }

    /** All forms, found by trying encodings. */
    static List<HardwareForm> all() {
        Map<String, HardwareForm> forms = new LinkedHashMap<>();
        for (int escape = 0xD8; escape <= 0xDF; escape++) {
            for (int modrm = 0; modrm < 256; modrm++) {
                boolean memory = (modrm & 0xC7) == 0x03;
                boolean register = modrm >= 0xC0;
                if (memory || register) {
                    add(forms, escape, modrm);
                }
                if (memory) {
                    add(forms, 0x66, escape, modrm);
                }
            }
        }
        add(forms, 0x9B);
        for (int prefix : PREFIXES) {
            for (int rex : new int[]{0, 0x48}) {
                for (int opcode = 0; opcode < 256; opcode++) {
                    if (opcode != 0x38 && opcode != 0x3A) {
                        vector(forms, prefix, rex, new int[]{0x0F, opcode});
                    }
                    vector(forms, prefix, rex, new int[]{0x0F, 0x38, opcode});
                    vector(forms, prefix, rex, new int[]{0x0F, 0x3A, opcode});
                }
            }
        }
        return new ArrayList<>(forms.values());
    }

    private static void vector(Map<String, HardwareForm> forms, int prefix, int rex, int[] opcode) {
        List<Integer> code = new ArrayList<>();
        if (prefix != 0) {
            code.add(prefix);
        }
        if (rex != 0) {
            code.add(rex);
        }
        for (int b : opcode) {
            code.add(b);
        }
        add(forms, bytes(code));
        Set<Operation> seen = new HashSet<>();
        for (int reg = 0; reg < 8; reg++) {
            HardwareForm some = null;
            for (int modrm : new int[]{0xC1 | reg << 3, 0xC0 | reg << 3 | reg, 0x03 | reg << 3}) {
                some = withImmediates(forms, code, modrm, -1, some);
            }
            some = withImmediates(forms, code, 0x43 | reg << 3, 4, some);
            // Another register number is another instruction only in groups.
            if (some == null || !seen.add(some.instruction.operation())) {
                if (reg == 0) {
                    continue;
                }
                if (some != null) {
                    return;
                }
            }
        }
    }

    private static @Nullable HardwareForm withImmediates(Map<String, HardwareForm> forms, List<Integer> code, int modrm,
            int displacement, @Nullable HardwareForm found) {
        List<Integer> whole = new ArrayList<>(code);
        whole.add(modrm);
        if (displacement >= 0) {
            whole.add(displacement);
        }
        HardwareForm form = add(forms, bytes(whole));
        if (form != null) {
            return form;
        }
        whole.add(0);
        HardwareForm first = of(bytes(whole));
        if (first == null) {
            return found;
        }
        for (int immediate : IMMEDIATES) {
            whole.set(whole.size() - 1, immediate);
            add(forms, bytes(whole));
        }
        return first;
    }

    private static byte[] bytes(List<Integer> code) {
        byte[] b = new byte[code.size()];
        for (int i = 0; i < b.length; i++) {
            b[i] = code.get(i).byteValue();
        }
        return b;
    }

    private static void add(Map<String, HardwareForm> forms, int... code) {
        byte[] b = new byte[code.length];
        for (int i = 0; i < b.length; i++) {
            b[i] = (byte) code[i];
        }
        add(forms, b);
    }

    private static @Nullable HardwareForm add(Map<String, HardwareForm> forms, byte[] code) {
        HardwareForm form = of(code);
        if (form != null) {
            // REX.W often changes nothing.
            forms.putIfAbsent(form.instruction.row().encoding() + form.instruction, form);
        }
        return form;
    }
}
