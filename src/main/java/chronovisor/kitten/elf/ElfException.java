package chronovisor.kitten.elf;

/** An ELF file that cannot be run, and why. The message names file, offset and what was expected. */
public final class ElfException extends Exception {

    private final Reason reason;

    /** What is wrong, for callers that turn it into an error number. */
    public enum Reason {
        NOT_ELF, WRONG_CLASS, WRONG_MACHINE, WRONG_TYPE, DYNAMIC, TRUNCATED, MALFORMED, TOO_LARGE
    }

    ElfException(Reason reason, String file, long offset, String message) {
        super(file + ": at offset 0x" + Long.toHexString(offset) + ": " + message);
        this.reason = reason;
    }

    /** What kind of refusal this is. */
    public Reason reason() {
        return reason;
    }
}
