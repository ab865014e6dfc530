package chronovisor.kitten.task;

/**
 * A thread's registration for restartable sequences, rseq(2).
 *
 * @param address
 *            of its struct rseq, 0 when there is none
 * @param bytes
 *            length it was registered with
 * @param signature
 *            what stands before each abort handler
 */
public record Rseq(long address, int bytes, int signature) {
    /** Not registered. */
    public static final Rseq NONE = new Rseq(0, 0, 0);
}
