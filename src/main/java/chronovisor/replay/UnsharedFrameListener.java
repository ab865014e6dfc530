package chronovisor.replay;

/** Is told, on the machine's thread, that a write ended the sharing of a frame. */
@FunctionalInterface
public interface UnsharedFrameListener {

    /**
     * Core and frame.
     *
     * @param copied
     *            whether others still have it
     */
    void unshared(int core, long gfn, boolean copied);
}
