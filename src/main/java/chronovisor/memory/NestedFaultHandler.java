package chronovisor.memory;

/** What the VMM does when a kernel's or device's access by guest-physical address meets a nested page fault. */
@FunctionalInterface
public interface NestedFaultHandler {

    /** Makes the frame readable, or writable, or throws. */
    void resolve(long gfn, boolean write);
}
