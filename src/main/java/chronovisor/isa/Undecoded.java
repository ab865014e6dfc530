package chronovisor.isa;

/**
 * Bytes that are not an instruction.
 *
 * @param reason why not
 * @param length bytes looked at; for {@code UNSUPPORTED} the instruction's length
 * @param family the family of an {@code UNSUPPORTED} instruction, {@code SYSTEM} otherwise
 */
public record Undecoded(Reason reason, int length, Family family) implements Decoded {
    /** Why bytes are not an instruction. */
    public enum Reason {
        /** Hardware raises #UD. */
        INVALID,
        /** The bytes end before the instruction does: fetch more, or raise the fault that fetching raises. */
        TRUNCATED,
        /** Longer than 15 bytes: hardware raises #GP(0) (SDM vol. 3, 6.15, interrupt 13). */
        TOO_LONG,
        /** Hardware with the family's feature executes it; this decoder knows no more than its length. */
        UNSUPPORTED
    }

    /** Of {@code UNSUPPORTED}: REFUSED when the processor raises #UD because it does not offer the family, MISSING when the gap is ours. */
    public Support support() {
        return SupportStatus.of(family);
    }
}
