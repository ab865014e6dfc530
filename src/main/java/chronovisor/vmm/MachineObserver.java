package chronovisor.vmm;

/** Is told the machine's effects, in order, on the VM's thread. The position is {@link VirtualMachine#tick()}. */
public interface MachineObserver {

    /** An observer that looks away. */
    MachineObserver NONE = new MachineObserver() {};

    /** The machine has been made; told before anything else. */
    default void attached(VirtualMachine vm) {}

    /** An exit was handled. */
    default void exit(int core, VmExit exit) {}

    /** An interrupt is about to be injected. */
    default void interrupt(int core, int vector) {}

    /** The VM's state changed. */
    default void state(VmState from, VmState to, String why) {}

    /** An input was taken from the environment and is about to be given to the machine. */
    default void input(chronovisor.environment.Input input) {}

    /**
     * A write ended the sharing of a frame, with or without a copy. No effect on the guest, and not the same in every run.
     *
     * @param copied
     *            whether others still had it
     */
    default void frameUnshared(int core, long gfn, boolean copied) {}
}
