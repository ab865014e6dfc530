package chronovisor.memory;

/** What a guest frame number stands for. */
public enum FrameState {
    /** Never touched, or outside memory: an access is a nested page fault. */
    ABSENT,
    /** Read but never written: the one frame of zeros. A write is a nested page fault. */
    ZERO,
    /** A frame of this memory alone. */
    PRIVATE,
    /** A frame that a fork or checkpoint sees too: a write is a nested page fault that copies it. */
    SHARED,
    /** Given back to the host by the guest's balloon: an access is a nested page fault. */
    BALLOONED
}
