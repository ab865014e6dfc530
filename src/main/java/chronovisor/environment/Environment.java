package chronovisor.environment;

import org.jspecify.annotations.Nullable;

/** Everything a machine can learn from outside. Called on the VM's thread only. */
public interface Environment {

    /** Nanoseconds of the Unix epoch at power-on. Asked exactly once, at boot. */
    long bootTime_ns();

    /** Fills the array with entropy. */
    void entropy(byte[] destination);

    /** The next input that is there now, or null. Asked at slice boundaries and after HLT, until it gives null. */
    @Nullable
    Input poll();

    /** Waits for input when the machine is idle and no timer will wake it. Null: none will ever come. */
    @Nullable
    Input await();

    // What the door may want to know of the machine. Wrappers pass these on. None may block.

    /**
     * What the guest has written to a host stream, told on the VM's thread when it leaves the machine, for inputs that
     * answer output.
     *
     * @param tick
     *            retired instructions at that time
     */
    void output(String stream, byte[] bytes, long tick);

    /** How far the machine is, told before each round of {@link #poll}, for inputs that are due at a tick. */
    void reached(long tick);

    /** Asks that no more bytes for a stream be given until told otherwise: the machine's buffer for it is full. */
    void holdBack(String stream, boolean hold);
}
