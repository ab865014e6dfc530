package chronovisor.device;

/**
 * A range of GENERIC: ports that some guest touches and nothing is behind. Ignored ports read as zeros, as in Palacios; those that
 * Palacios would pass through lead to no hardware here, and read as an open bus does. It has no state.
 */
public final class GenericPorts implements PortDevice {

    private final boolean open;

    private GenericPorts(boolean open) {
        this.open = open;
    }

    /** Ports that are ignored. */
    public static GenericPorts ignored() {
        return new GenericPorts(false);
    }

    /** Ports that would be passed through. */
    public static GenericPorts passedThrough() {
        return new GenericPorts(true);
    }

    @Override
    public int in(int offset, int size) {
        return open ? -1 : 0;
    }

    @Override
    public void out(int offset, int size, int value) {
        // Nothing is there. The exit tells what was written.
    }

    @Override
    public boolean wide() {
        return true;
    }
}
