package chronovisor.vmm;

import java.util.List;

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

    /** The page tables of a state, beside those that processors use: what CR3 holds while each is in use. */
    default List<Long> pageTables(Object state) {
        return List.of();
    }
}
