package chronovisor.analysis.table;

/** A query that cannot be answered: what is wrong with it, on one line. */
public final class TableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** With what to tell the person who asked. */
    public TableException(String message) {
        super(message);
    }

    TableException(String message, Throwable cause) {
        super(message, cause);
    }
}
