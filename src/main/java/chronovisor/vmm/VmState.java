package chronovisor.vmm;

/** States of a VM, by Palacios's names. */
public enum VmState {
    /** Made, not booted. */
    INVALID,
    /** In {@code run}, or between two calls of it. */
    RUNNING,
    /** Shut down; it will not run again. */
    STOPPED,
    /** Held by its operator; {@code run} continues it. */
    PAUSED,
    /** Ended by something it or its host could not do. */
    ERROR
}
