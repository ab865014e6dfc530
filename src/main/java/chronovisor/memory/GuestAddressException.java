package chronovisor.memory;

/** A guest-physical address outside the guest's memory, used by a kernel or device. It ends the VM. */
public final class GuestAddressException extends RuntimeException {

    private final long address;

    public GuestAddressException(long address) {
        super("guest-physical address 0x" + Long.toHexString(address) + " is outside the guest's memory");
        this.address = address;
    }

    /** The guest-physical address. */
    public long address() {
        return address;
    }
}
