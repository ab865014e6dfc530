package chronovisor.device;

/** A device in guest-physical memory. It sees offsets into its range; an access never leaves it and is of 1, 2, 4 or 8 bytes. */
public interface MemoryDevice {

    /** Reads {@code size} bytes, zero-extended. */
    long read(int offset, int size);

    /** Writes the {@code size} low bytes of the value. */
    void write(int offset, int size, long value);
}
