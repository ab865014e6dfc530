package chronovisor.device;

/** A device in the I/O port space. It sees offsets into its range, one byte at a time unless {@link #wide}. */
public interface PortDevice {

    /**
     * @param offset
     *            of the port in the device's range
     * @param size
     *            1, 2 or 4 bytes; 1 unless wide
     */
    int in(int offset, int size);

    /** Writes {@code size} low bytes of the value. */
    void out(int offset, int size, int value);

    /** A string of bytes written to one port (REP OUTSB). */
    default void outs(int offset, byte[] bytes, int from, int length) {
        for (int i = 0; i < length; i++) {
            out(offset, 1, bytes[from + i] & 0xFF);
        }
    }

    /** Whether the device takes accesses of more than a byte whole. */
    default boolean wide() {
        return false;
    }
}
