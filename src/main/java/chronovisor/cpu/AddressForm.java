package chronovisor.cpu;

/**
 * The effective linear address of a memory operand: base, index, scale, displacement, FS or GS base, 32-bit truncation, all bound at
 * decode time. A RIP-relative address is relative to the running block's first byte, because blocks are shared by address spaces.
 */
@FunctionalInterface
public interface AddressForm {
    /** The linear address, not yet checked for being canonical or mapped. */
    long of(Cpu cpu);
}
