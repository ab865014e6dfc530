package chronovisor.vmm;

/**
 * A kernel that is ring 0 of its guest. Called on the VM's thread, never while the engine runs. It changes the core's
 * processor, memory and (through {@link Core}) devices.
 */
public interface GuestKernel extends Ring0 {

    /**
     * The vector of the interrupt that tells this kernel to let another task run on a core, or -1 when it has none. A chaotic
     * schedule raises it wherever a slice ends.
     */
    default int rescheduleVector() {
        return -1;
    }

    /** A command of the operator that the machine does not know. */
    default void command(String command) {}

    /** The kernel's whole state, an immutable value. */
    Object state();

    /** Puts a state back. */
    void restore(Object state);

    /** How such states are written, for digests and checkpoints. */
    KernelForm form();
}
