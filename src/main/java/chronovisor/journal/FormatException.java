package chronovisor.journal;

/** Bytes that are no journal of ours, or a damaged one. The message says what and where. */
public final class FormatException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** What is wrong and at which offset. */
    public FormatException(String message) {
        super(message);
    }

    /** What is wrong and what showed it. */
    public FormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
