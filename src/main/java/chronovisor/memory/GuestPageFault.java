package chronovisor.memory;

/**
 * A page fault of the guest (#PF). Preallocated by each {@link Mmu} and without a stack trace: the fields hold until the
 * next one.
 */
public final class GuestPageFault extends RuntimeException {

    /** Error code bits, SDM vol. 3, 4.7. */
    public static final int PRESENT = 1;
    public static final int WRITE = 2;
    public static final int USER = 4;
    public static final int RESERVED = 8;
    public static final int INSTRUCTION = 16;

    /** The linear address that could not be accessed; becomes CR2. */
    public long address;
    /** The error code that the processor pushes. */
    public int errorCode;

    GuestPageFault() {
        super("page fault", null, false, false);
    }
}
