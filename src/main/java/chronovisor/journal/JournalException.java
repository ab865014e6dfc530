package chronovisor.journal;

/**
 * The journal cannot be written or read: folder missing or unwritable, disk full, damage. The message is for the user.
 * What was appended before it stays sound.
 */
public final class JournalException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** What went wrong, with the path. */
    public JournalException(String message) {
        super(message);
    }

    /** What went wrong, with the path, and the reason. */
    public JournalException(String message, Throwable cause) {
        super(message, cause);
    }
}
