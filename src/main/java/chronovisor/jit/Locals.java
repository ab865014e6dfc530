package chronovisor.jit;

/** The local variables of a unit's method. */
final class Locals {
    static final int THIS = 0;
    static final int CPU = 1;
    static final int DEADLINE = 2;
    static final int ENTRY = 4;

    /** Instructions that may still retire; those of the running block are taken already. */
    static final int FUEL = 5;

    /** The trace's branch word, when steps are recorded. */
    static final int WORD = 7;

    /** Where the unit is left to. */
    static final int TARGET = 9;

    /** The flags' result word, unless the pending operation's operands tell it. */
    static final int RESULT = 11;

    /** The flags' aux word, or the one that the pending operation changes. */
    static final int AUX = 13;

    /** Operands of the pending operation, see {@link Pending}. */
    static final int A = 15;

    static final int B = 17;

    /** The temporary slot of packed operations. */
    static final int TEMPORARY = 19;

    /** Scratch inside an operation. */
    static final int ADDRESS = 21;

    static final int VALUE = 23;
    static final int OTHER = 25;

    /** Number of the place that may fault. */
    static final int SITE = 27;

    static final int EXCEPTION = 28;

    /** Host address of the TLB's entries. */
    static final int SET = 29;

    /** The processor's array of registers, while it is copied to or from. */
    static final int ARRAY = 31;

    /** The fuel when a loop of one block was entered, see {@link BlockEmitter}. */
    static final int LOOP = 32;

    private static final int REGISTERS = 34;

    private Locals() {}

    /** The local of a general-purpose register. */
    static int register(int number) {
        return REGISTERS + 2 * number;
    }
}
