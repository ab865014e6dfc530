package chronovisor.vmm;

/**
 * What is done at ring 0 of a guest: by a built-in kernel in Java, or by the processor for a guest that brings its own. Called on the VM's
 * thread, never while the engine runs.
 */
interface Ring0 {

    /** Power-on: leaves core 0 ready to run, or idle. */
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

    /** An external interrupt. Who takes it sends the end-of-interrupt. */
    void interrupt(Core core, int vector);

    /** An INIT or a start-up message, which only a guest that brings its own kernel is sent. */
    default void start(Core core) {
        throw new IllegalStateException("core " + core.index() + " is started by its kernel");
    }

    /** Whether all cores are idle for good: no interrupt could wake one. */
    default boolean isOver() {
        return false;
    }

    /** Whether the core has nothing to run until an interrupt comes. Asked before the guest is entered. */
    boolean idle(Core core);
}
