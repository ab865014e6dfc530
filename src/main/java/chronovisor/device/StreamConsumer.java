package chronovisor.device;

/** Takes the bytes that a guest writes to a stream, on the VM's thread. */
@FunctionalInterface
public interface StreamConsumer {

    /** The array is the consumer's to keep. */
    void accept(byte[] bytes);
}
