package chronovisor.vmm;

/**
 * A kernel that is ring 0 of its guest. Called on the VM's thread, never while the engine runs. It changes the core's
 * processor, memory and (through {@link Core}) devices.
 */
public interface GuestKernel {

    /** Power-on: leaves core 0 ready to run ring 3, or idle. */
    void boot(VirtualMachine vm, BootInformation info);

    /** A SYSCALL instruction has retired: RCX holds the return address, R11 the flags. */
    void syscall(Core core);

    /**
     * An exception. RIP is the faulting instruction's, or for traps the next one's.
     *
     * @param address
     *            CR2 for page faults, else 0
     */
    void exception(Core core, int vector, long errorCode, long address);

    /** An external interrupt. The kernel sends the end-of-interrupt. */
    void interrupt(Core core, int vector);

    /**
     * The vector of the interrupt that tells this kernel to let another task run on a core, or -1 when it has none. A chaotic
     * schedule raises it wherever a slice ends.
     */
    default int rescheduleVector() {
        return -1;
    }

    /** Whether the core has no task to run, so that it executes HLT. Asked before the guest is entered. */
    boolean idle(Core core);

    /** A command of the operator that the machine does not know. */
    default void command(String command) {}

    /** The kernel's whole state, an immutable value. */
    Object state();

    /** Puts a state back. */
    void restore(Object state);

    /** How such states are written, for digests and checkpoints. */
    KernelForm form();
}
