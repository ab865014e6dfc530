package chronovisor.isa;

import java.util.List;
import java.util.Set;

/**
 * One encoding: a line of the opcode map with what it selects on, what it does and what its operands are. Immutable once its map is
 * built (the setters are the map's sentence structure: {@code row(0x80, ARITHMETIC, ADD, Eb, Ib).reg(0).lockable()}).
 */
public final class OpcodeRow {
    // What a row may select on, packed into one int: the decoder compares (selector & mask) with value.
    static final int RM_SHIFT = 0;
    static final int REG_SHIFT = 3;
    static final int MOD3 = 1 << 6;
    static final int PREFIX_SHIFT = 7;
    static final int REX_W = 1 << 9;
    static final int SIZE_SHIFT = 10;
    static final int VEX_L = 1 << 12;
    static final int REX_B = 1 << 13;

    /** Mandatory prefixes; F2 and F3 win over 66, the last of F2 and F3 wins. */
    static final int NP = 0;

    static final int P66 = 1;
    static final int F3 = 2;
    static final int F2 = 3;

    private final String map;
    private final int opcode;
    private final int count;
    private final Family family;
    private final Operation operation;
    final OperandSpec[] specs;
    private CpuFeature feature;
    int mask;
    int value;
    boolean lockable;
    boolean conditional;

    /** Operand size is 64 without REX.W: stack operations. */
    boolean default64;

    /** Operand size is 64 whatever the prefixes: near branches, moves to control registers. */
    boolean always64;

    boolean bytes;
    private int slashDigit = -1;

    OpcodeRow(String map, int opcode, int count, Family family, Operation operation, OperandSpec[] specs) {
        this.map = map;
        this.opcode = opcode;
        this.count = count;
        this.family = family;
        this.operation = operation;
        this.specs = specs;
        this.feature = family.feature();
        this.bytes = hasByteSize(specs);
        for (OperandSpec spec : specs) {
            switch (spec.form) {
                case MEMORY, VECTOR_INDEXED -> memory();
                case RM_REGISTER, MMX_RM_REGISTER, VECTOR_RM_REGISTER, STI -> registers();
                default -> {} // the other places leave both forms open
            }
        }
    }

    // The operation is a byte operation when its first operand that is neither immediate nor port is a byte.
    private static boolean hasByteSize(OperandSpec[] specs) {
        for (OperandSpec spec : specs) {
            if (spec.form != OperandSpec.Form.IMMEDIATE && spec.form != OperandSpec.Form.PORT) {
                return spec.width == OperandSpec.Width.B;
            }
        }
        return false;
    }

    private OpcodeRow select(int bits, int wanted) {
        mask |= bits;
        value = (value & ~bits) | wanted;
        return this;
    }

    OpcodeRow reg(int digit) {
        slashDigit = digit;
        return select(7 << REG_SHIFT, digit << REG_SHIFT);
    }

    OpcodeRow rm(int number) {
        return registers().select(7 << RM_SHIFT, number << RM_SHIFT);
    }

    OpcodeRow registers() {
        return select(MOD3, MOD3);
    }

    OpcodeRow memory() {
        return select(MOD3, 0);
    }

    OpcodeRow prefix(int prefix) {
        return select(3 << PREFIX_SHIFT, prefix << PREFIX_SHIFT);
    }

    /** Neither F2 nor F3. */
    OpcodeRow noRepeat() {
        return select(2 << PREFIX_SHIFT, 0);
    }

    OpcodeRow w(int bit) {
        return select(REX_W, bit == 1 ? REX_W : 0);
    }

    OpcodeRow b(int bit) {
        return select(REX_B, bit == 1 ? REX_B : 0);
    }

    OpcodeRow l(int bit) {
        return select(VEX_L, bit == 1 ? VEX_L : 0);
    }

    /** Only with an operand size of 16, 32 or 64. */
    OpcodeRow size(int bits) {
        return select(3 << SIZE_SHIFT, (bits >> 5) << SIZE_SHIFT);
    }

    OpcodeRow lockable() {
        lockable = true;
        return this;
    }

    OpcodeRow conditional() {
        conditional = true;
        return this;
    }

    OpcodeRow default64() {
        default64 = true;
        return this;
    }

    OpcodeRow always64() {
        always64 = true;
        return this;
    }

    OpcodeRow feature(CpuFeature required) {
        feature = required;
        return this;
    }

    /** Whether a ModRM byte follows the opcode. */
    boolean usesModRm() {
        if ((mask & (0x3F | MOD3)) != 0) {
            return true;
        }
        for (OperandSpec spec : specs) {
            switch (spec.form) {
                case RM, REG, SEGMENT, CONTROL, DEBUG, MMX_REG, MMX_RM, VECTOR_REG, VECTOR_RM -> {
                    return true;
                }
                default -> {} // places outside ModRM, and those that have set MOD3 in the mask
            }
        }
        return false;
    }

    /** The bytes before the opcode, as the encoding names them. */
    String map() {
        return map;
    }

    int opcode() {
        return opcode;
    }

    /** How many consecutive opcodes the row covers (8 where the opcode holds a register, 16 where it holds a condition). */
    int count() {
        return count;
    }

    /** What it does. */
    public Operation operation() {
        return operation;
    }

    /** The family that implements it. */
    public Family family() {
        return family;
    }

    /** The CPUID feature it belongs to. */
    public CpuFeature feature() {
        return feature;
    }

    /**
     * The feature whose bit in CPUID promises this row: its family's, or its own where the family is part of every processor. (AVX
     * promises VAESENC to those who have AES, so an unfinished VAESENC hides AVX and not AES.)
     */
    CpuFeature promisedBy() {
        boolean everywhere = family.feature() == CpuFeature.BASE || family.feature() == CpuFeature.X87;
        return everywhere ? feature : family.feature();
    }

    /** Whether a processor with these features has it. */
    public boolean existsWith(Set<CpuFeature> features) {
        return (feature == CpuFeature.BASE || features.contains(feature))
                && (family.feature() == CpuFeature.BASE || features.contains(family.feature()));
    }

    /** Whether this machine executes it. */
    public Support support() {
        return SupportStatus.of(this);
    }

    /** Whether LOCK is legal with a memory destination. */
    public boolean isLockable() {
        return lockable;
    }

    /** The operands in the opcode map's notation, Intel order. */
    public List<String> operands() {
        return List.of(specs).stream().map(Enum::name).toList();
    }

    /** The encoding as the manual writes it, for example {@code 66 0F 38 F6 /r} or {@code 80 /0}. */
    public String encoding() {
        return RowText.encoding(this, map, slashDigit);
    }

    @Override
    public String toString() {
        return encoding() + " " + operation.mnemonic() + " " + String.join(", ", operands());
    }
}
