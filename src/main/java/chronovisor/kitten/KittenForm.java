package chronovisor.kitten;

import chronovisor.kitten.kernel.KernelCodec;
import chronovisor.kitten.kernel.KernelState;
import chronovisor.vmm.KernelForm;

/** How the kernel's states are written. */
final class KittenForm implements KernelForm {

    static final KernelForm INSTANCE = new KittenForm();

    private KittenForm() {}

    @Override
    public byte[] encode(Object state) {
        return KernelCodec.encode((KernelState) state);
    }

    @Override
    public Object decode(byte[] bytes) {
        return KernelCodec.decode(bytes);
    }
}
