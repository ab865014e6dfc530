package chronovisor.replay;

/** Is told what the guest writes to its host streams, as it comes, on the machine's thread. */
@FunctionalInterface
public interface OutputListener {

    /** Looks away. */
    OutputListener NONE = (stream, bytes, tick) -> {};

    /** Bytes left the machine at this tick. */
    void output(String stream, byte[] bytes, long tick);
}
