package chronovisor.app.scenario;

/**
 * Something outside the repository that a scenario needs cannot be had on this machine: a package without a package
 * index, a host tool that is not installed. The scenario is not wrong; a test skips it and says why.
 */
public final class UnavailableException extends ScenarioException {

    private static final long serialVersionUID = 1;

    /** Says what is missing. */
    public UnavailableException(String message) {
        super(message);
    }

    /** Says what is missing, and keeps what led to it. */
    public UnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
