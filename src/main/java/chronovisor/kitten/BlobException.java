package chronovisor.kitten;

/** A blob cannot be expanded: it is malformed, or the kernel has no room for what is in it. */
public final class BlobException extends Exception {

    private static final long serialVersionUID = 1;

    /** Says what is wrong. */
    public BlobException(String message) {
        super(message);
    }

    /** Says what is wrong with the bytes at an offset. */
    public static BlobException at(long offset, String message) {
        return new BlobException("offset " + offset + ": " + message);
    }
}
