package chronovisor.vmm;

/** A configuration that cannot be used. The message begins with {@code file:line:column:} where it comes from a file. */
public final class ConfigurationException extends RuntimeException {

    public ConfigurationException(String message) {
        super(message);
    }

    /** With what led to it. */
    public ConfigurationException(String message, Throwable cause) {
        super(message, cause);
    }
}
