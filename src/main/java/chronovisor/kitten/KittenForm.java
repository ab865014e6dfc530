package chronovisor.kitten;

import chronovisor.kitten.kernel.KernelCodec;
import chronovisor.kitten.kernel.KernelState;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.vmm.KernelForm;
import java.util.List;

/** How the kernel's states are written. */
final class KittenForm implements KernelForm {

    static final KernelForm INSTANCE = new KittenForm();

    private KittenForm() {}

    @Override
    public byte[] encode(Object state) {
        return KernelCodec.encode((KernelState) state);
    }

    @Override
    public List<Long> pageTables(Object state) {
        return ((KernelState) state).spaces().values().stream().map(AddressSpace::root).toList();
    }

    @Override
    public Object decode(byte[] bytes) {
        return KernelCodec.decode(bytes);
    }
}
