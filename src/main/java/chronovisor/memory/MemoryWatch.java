package chronovisor.memory;

/** Is told of accesses to the guest-physical memory that it watches, by processors, kernels and devices, after each one. */
@FunctionalInterface
public interface MemoryWatch {

    /**
     * These bytes have been accessed; some of them are watched.
     *
     * @param gpa
     *            guest-physical address; the bytes lie in one frame
     * @param write
     *            false for a processor's load; what kernels and devices read is not told
     */
    void accessed(long gpa, int bytes, boolean write);
}
