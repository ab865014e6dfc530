package chronovisor.app.bench;

/** Why something could not be measured, for people: one sentence that names what. */
public final class BenchException extends Exception {

    private static final long serialVersionUID = 1L;

    BenchException(String message) {
        super(message);
    }

    BenchException(String message, Throwable cause) {
        super(message, cause);
    }
}
