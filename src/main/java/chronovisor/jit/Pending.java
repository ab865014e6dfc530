package chronovisor.jit;

/**
 * The operation that set the flags last and whose aux word is not computed yet. Its operands are in {@link Locals#A} and {@link Locals#B},
 * its result word in {@link Locals#RESULT}.
 */
enum Pending {
    /** Nothing is pending: the aux word is in its local. */
    NONE, ADD64, ADD32, ADD8,
    /** With a carry in: the operands alone do not tell the carry out. */
    ADC64, ADC32,
    /** Subtractions and comparisons. */
    SUB64, SUB32, SUB8, SBB64, SBB32,
    /** CF and OF are clear. */
    LOGIC,
    /** CF is that of the old aux word. */
    INC64, INC32, DEC64, DEC32,
    /** Shifts by B. */
    SHL64, SHL32, SHR64, SHR32, SAR64, SAR32,
    /** A times B. */
    IMUL64,
    /** A is the product of 32-bit factors. */
    IMUL32;

    /** 8, 32 or 64. */
    int bits() {
        return switch (this) {
            case ADD8, SUB8 -> 8;
            case ADD32, ADC32, SUB32, SBB32, INC32, DEC32, SHL32, SHR32, SAR32, IMUL32 -> 32;
            case NONE, LOGIC, ADD64, ADC64, SUB64, SBB64, INC64, DEC64, SHL64, SHR64, SAR64, IMUL64 -> 64;
        };
    }
}
