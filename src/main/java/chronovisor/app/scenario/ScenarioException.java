package chronovisor.app.scenario;

/** A scenario that cannot be used, in a sentence for people. The command line ends with exit code 2. */
public class ScenarioException extends Exception {

    private static final long serialVersionUID = 1;

    /** Says what is wrong and where. */
    public ScenarioException(String message) {
        super(message);
    }

    /** Says what is wrong and where, and keeps what led to it. */
    public ScenarioException(String message, Throwable cause) {
        super(message, cause);
    }
}
