package chronovisor.isa;

/** What became of the bytes at an address: an {@link Instruction}, or the reason why there is none. */
public sealed interface Decoded permits Instruction, Undecoded {
    /** Bytes taken by the instruction; of an {@link Undecoded} the bytes looked at, or its length where known. */
    int length();
}
