package chronovisor.journal;

/** Exits from the guest to the VMM, and what the VMM did to the guest. */
public sealed interface VmmEvent extends GuestEvent {

    /** IN: {@code size} bytes were read from an I/O port. */
    record PortRead(Stamp stamp, int port, int size, long value) implements VmmEvent {}

    /** OUT: {@code size} bytes were written to an I/O port. */
    record PortWritten(Stamp stamp, int port, int size, long value) implements VmmEvent {}

    /** INS: a string of {@code size}-byte items was read from an I/O port. */
    record PortStringRead(Stamp stamp, int port, int size, Blob bytes) implements VmmEvent {}

    /** OUTS: a string of {@code size}-byte items was written to an I/O port. */
    record PortStringWritten(Stamp stamp, int port, int size, Blob bytes) implements VmmEvent {}

    /** A memory-mapped device register was read. */
    record DeviceMemoryRead(Stamp stamp, long address, int size, long value) implements VmmEvent {}

    /** A memory-mapped device register was written. */
    record DeviceMemoryWritten(Stamp stamp, long address, int size, long value) implements VmmEvent {}

    /** CPUID exited with a leaf and subleaf, and was answered. */
    record CpuidExited(Stamp stamp, int leaf, int subleaf, int eax, int ebx, int ecx, int edx) implements VmmEvent {}

    /** HLT exited; virtual time then skipped {@code idle_ns} to the next timer deadline. */
    record Halted(Stamp stamp, long idle_ns) implements VmmEvent {}

    /** RDTSC or RDTSCP exited and was answered. */
    record TimeStampRead(Stamp stamp, long value) implements VmmEvent {}

    /** RDMSR exited and was answered. */
    record MsrRead(Stamp stamp, int register, long value) implements VmmEvent {}

    /** WRMSR exited and was carried out. */
    record MsrWritten(Stamp stamp, int register, long value) implements VmmEvent {}

    /** A control register was read. */
    record ControlRegisterRead(Stamp stamp, int register, long value) implements VmmEvent {}

    /** A control register was written. */
    record ControlRegisterWritten(Stamp stamp, int register, long value) implements VmmEvent {}

    /** INVLPG exited for a linear address. */
    record PageInvalidated(Stamp stamp, long address) implements VmmEvent {}

    /** The nested page table had no frame for the access; the VMM resolved it. */
    record NestedPageFaulted(Stamp stamp, long frame, boolean write) implements VmmEvent {}

    /** RDRAND or RDSEED exited and was answered with the environment's entropy. */
    record RandomNumberRead(Stamp stamp, int size) implements VmmEvent {}

    /** A host-side interrupt line made the guest exit. */
    record ExternalInterruptExited(Stamp stamp, int vector) implements VmmEvent {}

    /** The guest became ready to take an interrupt that was waiting. */
    record InterruptWindowOpened(Stamp stamp) implements VmmEvent {}

    /** PAUSE exited. */
    record Paused(Stamp stamp) implements VmmEvent {}

    /** An interrupt was injected into the guest. */
    record InterruptInjected(Stamp stamp, int vector) implements VmmEvent {}

    /** The guest called its hypervisor. */
    record HypercallMade(Stamp stamp, long number, long result) implements VmmEvent {}

    /** The guest shut down, or was. */
    record ShutDown(Stamp stamp, String reason, int status) implements VmmEvent {}

    /** Something the VMM cannot do stopped the machine. */
    record UnsupportedExited(Stamp stamp, String what) implements VmmEvent {}

    /** The machine changed its state. */
    record StateChanged(Stamp stamp, String from, String to, String why) implements VmmEvent {}
}
