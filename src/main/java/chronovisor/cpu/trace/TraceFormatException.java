package chronovisor.cpu.trace;

/** A step batch that no recorder wrote, or one read out of order. */
public final class TraceFormatException extends RuntimeException {
    TraceFormatException(String message) {
        super(message);
    }
}
