package chronovisor.memory;

/** Is told when a frame that a memory has shared with its twins becomes its own because a processor writes it. */
@FunctionalInterface
public interface FrameOwnedListener {

    /**
     * The frame is the memory's own now.
     *
     * @param gfn
     *            guest frame number
     * @param copied
     *            whether it had to be copied, because a twin still has the one that was there
     */
    void owned(long gfn, boolean copied);
}
