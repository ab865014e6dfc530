package chronovisor.memory;

/** An access through a non-canonical linear address: #GP(0), or #SS(0) for stack accesses. Preallocated. */
public final class GuestCanonicalFault extends RuntimeException {

    /** The address. */
    public long address;

    GuestCanonicalFault() {
        super("non-canonical address", null, false, false);
    }
}
