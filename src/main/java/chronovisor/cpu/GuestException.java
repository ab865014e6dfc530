package chronovisor.cpu;

/**
 * An x86 exception on its way from an instruction's semantics to the run loop. Stackless and preallocated, one per processor: its fields
 * are valid until the next one.
 */
@SuppressWarnings("OverrideThrowableToString") // it is control flow; getMessage would be asked for as well
public final class GuestException extends RuntimeException {
    /** The vector (SDM vol. 3, table 6-1). */
    public int vector;

    /** The error code, 0 where the vector has none. */
    public long errorCode;

    GuestException() {
        super("guest exception", null, false, false);
    }

    @Override
    public String toString() {
        return "guest exception " + vector + " error " + errorCode;
    }
}
