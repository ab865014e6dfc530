package chronovisor.kitten.abi;

/**
 * A system call failed with an error number. Thrown inside handlers and turned into a negative result by the
 * dispatcher; state that the handler had already changed stays changed, so handlers check before they change.
 */
public final class LinuxError extends RuntimeException {

    private final int errno;

    public LinuxError(int errno) {
        super("errno " + errno, null, false, false);
        this.errno = errno;
    }

    /** The positive error number. */
    public int errno() {
        return errno;
    }
}
