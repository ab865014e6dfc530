package chronovisor.memory;

/** Is shown the frames of a memory, in the order of their numbers. */
@FunctionalInterface
public interface FrameVisitor {

    /**
     * @param gfn
     *            guest frame number
     * @param hostAddress
     *            first byte of its 4096, to be read and not kept; the pool's zero frame for a frame that is ZERO
     */
    void visit(long gfn, long hostAddress);
}
