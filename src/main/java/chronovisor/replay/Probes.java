package chronovisor.replay;

/** What watches the programs of a machine from outside, through {@link chronovisor.vmm.Stops}. Never changes the guest. */
public interface Probes {

    /** Watches nothing. */
    Probes NONE = new Probes() {};

    /** A program has been loaded and will begin at {@code entry}; the kernel is not done with that yet. */
    default void programLoaded(long entry) {}

    /** The machine has been restored to another state: any program may be running. */
    default void restored() {}
}
