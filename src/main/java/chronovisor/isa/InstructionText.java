package chronovisor.isa;

import org.jspecify.annotations.Nullable;

/** What both syntaxes share: prefixes, layout, numbers, and mnemonics that depend on an immediate. */
abstract class InstructionText {
    private static final String[] COMPARISONS = {"eq", "lt", "le", "unord", "neq", "nlt", "nle", "ord", "eq_uq", "nge",
        "ngt", "false", "neq_oq", "ge", "gt", "true", "eq_os", "lt_oq", "le_oq", "unord_s", "neq_us", "nlt_uq",
        "nle_uq", "ord_s", "eq_us", "nge_uq", "ngt_uq", "false_os", "neq_os", "ge_oq", "gt_oq", "true_us"};

    final Instruction instruction;
    private final long address;

    /** Operands shown: one less when the mnemonic has swallowed the immediate. */
    final int shown;

    private final @Nullable String pseudo;

    InstructionText(Instruction instruction, long address) {
        this.instruction = instruction;
        this.address = address;
        this.pseudo = pseudoMnemonic(instruction);
        this.shown = instruction.operandCount() - (pseudo == null ? 0 : 1);
    }

    /** The mnemonic of this syntax. */
    abstract String mnemonic();

    /** All operands, separated. */
    abstract String operands();

    @Override
    public final String toString() {
        var text = new StringBuilder();
        if (instruction.lock()) {
            text.append("lock ");
        }
        text.append(repeatPrefix());
        String mnemonic = pseudo == null ? mnemonic() : pseudo;
        text.append(mnemonic);
        String operands = operands();
        if (!operands.isEmpty()) {
            text.append(" ".repeat(Math.max(1, 7 - mnemonic.length()))).append(operands);
        }
        Operand memory = instruction.memory();
        if (memory != null && memory.base() == Operand.RIP) {
            long target = address + instruction.length() + memory.displacement();
            text.append("        # ").append(hex(instruction.addressSize() == 32 ? target & 0xFFFF_FFFFL : target));
        }
        return text.toString();
    }

    private String repeatPrefix() {
        boolean compares = instruction.operation() == Operation.CMPS || instruction.operation() == Operation.SCAS;
        return switch (instruction.repeat()) {
            case NONE -> "";
            case REP -> compares ? "repz " : "rep ";
            case REPNE -> "repnz ";
        };
    }

    private static @Nullable String pseudoMnemonic(Instruction instruction) {
        int count = instruction.operandCount();
        if (count == 0 || instruction.operand(count - 1).kind() != Operand.Kind.IMMEDIATE) {
            return null;
        }
        long immediate = instruction.operand(count - 1).value();
        String name = instruction.operation().mnemonic();
        return switch (instruction.operation()) {
            case CMPPS, CMPPD, CMPSS, CMPSD -> comparison(name, 3, immediate, 8);
            case VCMPPS, VCMPPD, VCMPSS, VCMPSD -> comparison(name, 4, immediate, 32);
            case PCLMULQDQ, VPCLMULQDQ -> carrylessMultiply(name, immediate);
            default -> null; // all others show their immediate
        };
    }

    private static @Nullable String comparison(String name, int stem, long immediate, int known) {
        return immediate < known
                ? name.substring(0, stem) + COMPARISONS[(int) immediate] + name.substring(stem)
                : null;
    }

    private static @Nullable String carrylessMultiply(String name, long immediate) {
        if ((immediate & ~0x11) != 0) {
            return null;
        }
        String stem = name.substring(0, name.length() - 3);
        return stem + ((immediate & 1) != 0 ? "h" : "l") + "q" + ((immediate & 0x10) != 0 ? "h" : "l") + "qdq";
    }

    /** Mnemonics that have the condition, operand size or address size in them, the same in both syntaxes. */
    String commonMnemonic() {
        String name = instruction.operation().mnemonic();
        Condition condition = instruction.condition();
        if (condition != null) {
            return name.substring(0, name.length() - 2) + condition.suffix();
        }
        boolean wide = (instruction.prefixes() & 8 << Instruction.REX_SHIFT) != 0;
        return switch (instruction.operation()) {
            case JRCXZ -> instruction.addressSize() == 32 ? "jecxz" : name;
            case NOP -> instruction.operandCount() == 0 && instruction.operandSize() == 16 ? "xchg" : name;
            case PUSHF, POPF, LEAVE, ENTER -> instruction.operandSize() == 16 ? name + "w" : name;
            case IRET -> name + (wide ? "q" : instruction.operandSize() == 16 ? "w" : "");
            case FXSAVE, FXRSTOR, XSAVE, XSAVEC, XSAVES, XSAVEOPT, XRSTOR, XRSTORS -> wide ? name + "64" : name;
            case RDSSP, INCSSP, WRSS, WRUSS -> name + (wide ? "q" : "d");
            case PCMPESTRI, PCMPESTRM, VPCMPESTRI, VPCMPESTRM -> instruction.operandSize() == 64 ? name + "q" : name;
            case PUSH, POP -> {
                boolean segment = instruction.operand(0).kind() == Operand.Kind.SEGMENT;
                yield segment && instruction.operandSize() == 16 ? name + "w" : name;
            }
            case MOV -> isAbsolute() ? "movabs" : name;
            case XBEGIN -> instruction.operandSize() == 16 ? "xbeginw" : name;
            case WAIT -> "fwait";
            case SAL -> "shl";
            default -> name; // the rest have one name
        };
    }

    /** MOV with a 64-bit immediate or absolute address. */
    private boolean isAbsolute() {
        if (instruction.row().opcode() == 0xB8) {
            return instruction.operandSize() == 64;
        }
        boolean offset = instruction.opcode() >= 0xA0 && instruction.opcode() <= 0xA3;
        return offset && instruction.row().specs.length == 2 && instruction.addressSize() == 64;
    }

    /** Whether the operand is a memory offset without ModRM. */
    static boolean isOffset(OperandSpec spec) {
        return spec.form == OperandSpec.Form.ABSOLUTE;
    }

    /** The top of the x87 stack is "st" where the encoding implies it and "st(0)" where it is named. */
    String register(int index) {
        Operand operand = instruction.operand(index);
        boolean named = operand.kind() == Operand.Kind.ST && spec(index) == OperandSpec.STi && operand.register() == 0;
        return named ? "st(0)" : RegisterNames.of(operand);
    }

    OperandSpec spec(int index) {
        return instruction.row().specs[index];
    }

    String target(Operand relative) {
        return hex(address + instruction.length() + relative.value());
    }

    static String immediate(Operand operand) {
        long mask = operand.bits() == 64 ? -1 : (1L << operand.bits()) - 1;
        return hex(operand.value() & mask);
    }

    static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }

    static String signedHex(long value) {
        return value < 0 ? "-0x" + Long.toHexString(-value) : hex(value);
    }

    int mod() {
        return instruction.prefixes() >> Instruction.MOD_SHIFT & 3;
    }

    boolean hasSib() {
        return (instruction.prefixes() & Instruction.SIB) != 0;
    }

    /** Whether an index is shown: where SIB names none, it is shown all the same unless SIB is the only way to write the base. */
    boolean showsIndex(Operand memory) {
        if (memory.index() != Operand.NONE) {
            return true;
        }
        boolean baseNeedsSib = memory.base() != Operand.NONE && (memory.base() & 7) == 4;
        boolean bare = memory.base() == Operand.NONE && instruction.addressSize() == 32;
        return hasSib() && (memory.scale() != 1 || memory.base() != Operand.NONE && !baseNeedsSib || bare);
    }

    /** Whether the address is a number only. */
    boolean isBare(Operand memory) {
        return memory.base() == Operand.NONE && !showsIndex(memory);
    }

    String index(Operand memory) {
        boolean wide = instruction.addressSize() == 64;
        if (memory.index() == Operand.NONE) {
            return wide ? "riz" : "eiz";
        }
        for (OperandSpec spec : instruction.row().specs) {
            if (spec.form == OperandSpec.Form.VECTOR_INDEXED) {
                boolean long256 = spec.other == OperandSpec.Width.X && instruction.vectorLength() == 256;
                return (long256 ? "ymm" : "xmm") + memory.index();
            }
        }
        return RegisterNames.gpr(memory.index(), instruction.addressSize());
    }

    /** Whether the displacement is written although it may be zero. */
    boolean showsDisplacement(Operand memory) {
        return mod() == 1 || mod() == 2 || memory.base() == Operand.NONE || memory.base() == Operand.RIP;
    }

    /** A 32-bit address that is a number only is written without sign. */
    long displacement(Operand memory) {
        boolean absolute = memory.base() == Operand.NONE && memory.index() == Operand.NONE
                && instruction.addressSize() == 32;
        return absolute ? memory.displacement() & 0xFFFF_FFFFL : memory.displacement();
    }

    /** A string operand's segment is always written. */
    String segmentName(OperandSpec spec, Operand memory) {
        if (memory.segment() != Operand.NONE) {
            return RegisterNames.segment(memory.segment());
        }
        return switch (spec.form) {
            case STRING_DESTINATION -> "es";
            case STRING_SOURCE, TRANSLATION_TABLE -> "ds";
            default -> ""; // the segment is not written
        };
    }
}
