package chronovisor.vmm;

/**
 * How a kernel's state becomes bytes and a state again. Functions of their arguments alone, so any thread may call them.
 */
public interface KernelForm {

    /** The one byte form of a state: equal states have equal bytes. */
    byte[] encode(Object state);

    /**
     * The state of these bytes.
     *
     * @throws IllegalArgumentException
     *             when they are no state of this kernel
     */
    Object decode(byte[] bytes);
}
