package chronovisor.jit;

/** The local variables of a unit's method. */
final class Locals {
    static final int THIS = 0;
    static final int CPU = 1;
    static final int GPR = 2;
    static final int MMU = 3;
    static final int TRACE = 4;
    static final int JUMPS = 5;
    static final int DEADLINE = 6;
    static final int ENTRY = 8;

    /** Instructions retired before the running block. */
    static final int RETIRED = 9;

    /** The trace's branch word. */
    static final int WORD = 11;

    /** Where the unit is left to. */
    static final int TARGET = 13;

    /** The flags' result word, always up to date. */
    static final int RESULT = 15;

    /** The flags' aux word, or the one that the pending operation changes. */
    static final int AUX = 17;

    /** Operands of the pending operation, see {@link Pending}. */
    static final int A = 19;

    static final int B = 21;

    /** The temporary slot of packed operations. */
    static final int TEMPORARY = 23;

    /** Scratch inside an operation. */
    static final int ADDRESS = 25;

    static final int VALUE = 27;
    static final int OTHER = 29;

    /** Number of the place that may fault. */
    static final int SITE = 31;

    static final int EXCEPTION = 32;

    /** Host address of the TLB's entries. */
    static final int SET = 33;

    private static final int REGISTERS = 36;

    private Locals() {}

    /** The local of a general-purpose register. */
    static int register(int number) {
        return REGISTERS + 2 * number;
    }
}
