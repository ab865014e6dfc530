package chronovisor.memory;

/** Device memory, for an instruction that the VMM completes: its accesses go to the devices. */
public interface DeviceWindow {

    /** Whether another access is let through; false makes it a nested page fault. */
    boolean isWilling();

    /** Loads 1 to 8 bytes within one page of device memory, zero-extended. */
    long load(long gpa, int bytes);

    /** Stores 1 to 8 bytes within one page of device memory. */
    void store(long gpa, int bytes, long value);
}
