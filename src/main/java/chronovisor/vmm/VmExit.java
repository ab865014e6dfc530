package chronovisor.vmm;

/** Why a core left its guest and what came of it. Sizes are in bytes. */
public sealed interface VmExit {

    /** IN. */
    record IoIn(int port, int size, int value) implements VmExit {}

    /** OUT. */
    record IoOut(int port, int size, int value) implements VmExit {}

    /** INS: items of {@code size} bytes read from a port into memory. */
    record IoIns(int port, int size, byte[] bytes) implements VmExit {}

    /** OUTS: items of {@code size} bytes written to a port from memory. */
    record IoOuts(int port, int size, byte[] bytes) implements VmExit {}

    /** A device register in memory was read. */
    record MmioRead(long address, int size, long value) implements VmExit {}

    /** A device register in memory was written. */
    record MmioWrite(long address, int size, long value) implements VmExit {}

    /** CPUID and its answer. */
    record CpuidExit(int leaf, int subleaf, int eax, int ebx, int ecx, int edx) implements VmExit {}

    /** HLT; virtual time skips so far, to the next timer deadline. 0 when there is none: the machine waits for input. */
    record HltExit(long idle_ns) implements VmExit {}

    /** RDMSR. */
    record MsrRead(int register, long value) implements VmExit {}

    /** WRMSR. */
    record MsrWrite(int register, long value) implements VmExit {}

    /** RDTSC or RDTSCP. */
    record RdtscExit(long value) implements VmExit {}

    /** RDRAND or RDSEED; the bytes are the environment's. */
    record EntropyExit(int size) implements VmExit {}

    /** MOV from or to a control register. */
    record ControlRegister(int register, boolean write, long value) implements VmExit {}

    /** INVLPG. */
    record Invlpg(long address) implements VmExit {}

    /** Guest-physical memory was not there, or zero and written; it is now. */
    record NestedPageFault(long gfn, boolean write) implements VmExit {}

    /** The shadow page table lacked a page that the guest accessed, or let it be read only; it is entered now. */
    record ShadowPageFault(long address, boolean write) implements VmExit {}

    /**
     * An exception went to the kernel.
     *
     * @param address
     *            CR2 of a page fault, else 0
     * @param rip
     *            of the instruction that faulted, or after the one that trapped
     * @param code
     *            the bytes at RIP, as far as they are there: at most 15
     */
    record ExceptionExit(int vector, long errorCode, long address, long rip, byte[] code) implements VmExit {}

    /** A device's interrupt made the core exit. */
    record ExternalInterrupt(int vector) implements VmExit {}

    /** The guest can take the interrupt that waited. */
    record InterruptWindow() implements VmExit {}

    /** PAUSE in a spin loop. */
    record Pause() implements VmExit {}

    /** VMMCALL with two arguments. */
    record Hypercall(long number, long a, long b, long result) implements VmExit {}

    /** The machine shut down. */
    record Shutdown(String reason, int status) implements VmExit {}

    /** The machine met something it cannot do. */
    record Unsupported(String what) implements VmExit {}
}
