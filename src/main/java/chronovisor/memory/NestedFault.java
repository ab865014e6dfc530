package chronovisor.memory;

/**
 * A nested page fault: guest-physical memory is not there, or not writable yet. The VMM resolves it and the access is made
 * again. Preallocated and without a stack trace: the fields hold until the next one.
 */
public final class NestedFault extends RuntimeException {

    /** Guest frame number. */
    public long gfn;
    /** Guest-physical address of the access, the first byte within the frame. */
    public long address;
    /** Whether the access was a write. */
    public boolean write;
    /** Whether nothing is there at all (absent, ballooned or outside memory), not just not writable. */
    public boolean absent;
    /** Whether the memory is there and only watched ({@link GuestMemory#watch}): let the instruction through and go on. */
    public boolean watched;

    NestedFault() {
        super("nested page fault", null, false, false);
    }
}
