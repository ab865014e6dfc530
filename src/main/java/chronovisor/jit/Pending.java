package chronovisor.jit;

/**
 * The operation that set the flags last and whose aux word is not computed yet. Its operands are in {@link Locals#A} and {@link Locals#B};
 * its result word is in {@link Locals#RESULT} unless it {@link #tellsResult}.
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

    /** Whether the result word is computed from the operands where it is wanted: for an exit of a loop it seldom is. */
    boolean tellsResult() {
        return switch (this) {
            case ADD64, ADD32, ADD8, SUB64, SUB32, SUB8, INC64, INC32, DEC64, DEC32 -> true;
            case NONE, ADC64, ADC32, SBB64, SBB32, LOGIC, SHL64, SHL32, SHR64, SHR32, SAR64, SAR32, IMUL64, IMUL32 ->
                false;
        };
    }

    /** 8, 32 or 64. */
    int bits() {
        return switch (this) {
            case ADD8, SUB8 -> 8;
            case ADD32, ADC32, SUB32, SBB32, INC32, DEC32, SHL32, SHR32, SAR32, IMUL32 -> 32;
            case NONE, LOGIC, ADD64, ADC64, SUB64, SBB64, INC64, DEC64, SHL64, SHR64, SAR64, IMUL64 -> 64;
        };
    }
}
