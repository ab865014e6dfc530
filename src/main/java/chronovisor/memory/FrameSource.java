package chronovisor.memory;

/** Where page tables come from: a kernel's allocator of guest-physical frames. */
@FunctionalInterface
public interface FrameSource {

    /** Guest-physical address of a zeroed, page aligned frame. */
    long allocate();
}
