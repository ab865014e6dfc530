package chronovisor.isa;

import org.jspecify.annotations.Nullable;

/** One decoded instruction. Immutable; the bytes are not kept. */
public final class Instruction implements Decoded {
    // Prefixes seen, whether they mattered or not; the disassembler prints them.
    static final int LOCK = 1;
    static final int OPERAND_SIZE = 1 << 1;
    static final int ADDRESS_SIZE = 1 << 2;
    static final int REP = 1 << 3;
    static final int REPNE = 1 << 4;
    /** FS or GS: segment number + 1. */
    static final int SEGMENT_SHIFT = 8;

    /** The last of ES, CS, SS and DS, which have no effect: segment number + 1. */
    static final int NULL_SEGMENT_SHIFT = 12;

    static final int REX_SHIFT = 16;
    static final int VEX = 1 << 24;
    static final int VEX_L = 1 << 25;

    // How the address was written, which the operand does not tell: [rax] and [rax+0x0] are the same place.
    static final int MOD_SHIFT = 26;
    static final int SIB = 1 << 28;

    private final OpcodeRow row;
    private final int opcode;
    private final int length;
    private final int operandSize;
    private final int addressSize;
    private final int prefixes;
    private final int operandCount;
    private final @Nullable Operand first;
    private final @Nullable Operand second;
    private final @Nullable Operand third;
    private final @Nullable Operand fourth;

    Instruction(
            OpcodeRow row, int opcode, int length, int operandSize, int addressSize, int prefixes,
            @Nullable Operand[] operands) {
        this.row = row;
        this.opcode = opcode;
        this.length = length;
        this.operandSize = operandSize;
        this.addressSize = addressSize;
        this.prefixes = prefixes;
        this.operandCount = row.specs.length;
        this.first = operands[0];
        this.second = operands[1];
        this.third = operands[2];
        this.fourth = operands[3];
    }

    /** What it does. */
    public Operation operation() {
        return row.operation();
    }

    /** The family that implements it. */
    public Family family() {
        return row.family();
    }

    /** The condition of Jcc, SETcc and CMOVcc; null for all others. */
    public @Nullable Condition condition() {
        return row.conditional ? Condition.of(opcode) : null;
    }

    /** The encoding it was decoded by. */
    public OpcodeRow row() {
        return row;
    }

    /** Bytes, 1 to 15. */
    @Override
    public int length() {
        return length;
    }

    /** Effective operand size in bits: 8, 16, 32 or 64 (near branches and, by default, stack operations: 64). */
    public int operandSize() {
        return operandSize;
    }

    /** Effective address size in bits: 32 or 64. */
    public int addressSize() {
        return addressSize;
    }

    /** Whether it has a (legal) LOCK prefix. XCHG with memory locks without one. */
    public boolean lock() {
        return (prefixes & LOCK) != 0;
    }

    /** The repeat prefix of a string or string I/O instruction; NONE for all others. */
    public Repeat repeat() {
        boolean string = switch (operation()) {
            case MOVS, CMPS, STOS, LODS, SCAS, INS, OUTS -> true;
            default -> false; // the manual leaves a repeat prefix on other instructions without meaning
        };
        if (!string || (prefixes & (REP | REPNE)) == 0) {
            return Repeat.NONE;
        }
        return (prefixes & REP) != 0 ? Repeat.REP : Repeat.REPNE;
    }

    /** The FS or GS override ({@link Operand#FS}, {@link Operand#GS}), or {@link Operand#NONE}; also in the memory operands. */
    public int segmentOverride() {
        int segment = (prefixes >> SEGMENT_SHIFT & 7) - 1; // -1 is NONE
        return segment;
    }

    /** Vector length in bits of a VEX-encoded instruction: 128 or 256; 0 for all others. */
    public int vectorLength() {
        if ((prefixes & VEX) == 0) {
            return 0;
        }
        return (prefixes & VEX_L) != 0 ? 256 : 128;
    }

    /** How many operands it has, 0 to 4. */
    public int operandCount() {
        return operandCount;
    }

    /**
     * Operand {@code index} in Intel order: the destination is operand 0.
     *
     * @throws IndexOutOfBoundsException when there is no such operand
     */
    public Operand operand(int index) {
        Operand operand = switch (index) {
            case 0 -> first;
            case 1 -> second;
            case 2 -> third;
            case 3 -> fourth;
            default -> null;
        };
        if (operand == null) {
            throw new IndexOutOfBoundsException(this.row + " has no operand " + index);
        }
        return operand;
    }

    /** The memory operand, or null. (Two-memory string instructions: the first.) */
    public @Nullable Operand memory() {
        for (int i = 0; i < operandCount; i++) {
            if (operand(i).isMemory()) {
                return operand(i);
            }
        }
        return null;
    }

    int opcode() {
        return opcode;
    }

    int prefixes() {
        return prefixes;
    }

    @Override
    public String toString() {
        return Disassembler.intel(this, 0);
    }
}
