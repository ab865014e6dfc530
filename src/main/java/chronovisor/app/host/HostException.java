package chronovisor.app.host;

/** The host cannot or will not do what it was asked; the message is for the operator. */
public final class HostException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    HostException(String message) {
        super(message);
    }

    HostException(String message, Throwable cause) {
        super(message, cause);
    }
}
