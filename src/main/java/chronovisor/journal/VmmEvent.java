package chronovisor.journal;

/** Exits from the guest to the VMM, and what the VMM did to the guest. */
public sealed interface VmmEvent extends GuestEvent {

    /** A core left its guest, or was about to enter it again with an interrupt. */
    sealed interface Exit extends VmmEvent {

        /**
         * The core's RIP: the instruction that exited, or that runs next where none did. While a built-in kernel does the guest's work it is
         * where the kernel was entered from. 0 in journals of before format 3, which do not tell.
         */
        long rip();
    }

    /** IN: {@code size} bytes were read from an I/O port. */
    record PortRead(Stamp stamp, int port, int size, long value, long rip) implements Exit {}

    /** OUT: {@code size} bytes were written to an I/O port. */
    record PortWritten(Stamp stamp, int port, int size, long value, long rip) implements Exit {}

    /** INS: a string of {@code size}-byte items was read from an I/O port. */
    record PortStringRead(Stamp stamp, int port, int size, Blob bytes, long rip) implements Exit {}

    /** OUTS: a string of {@code size}-byte items was written to an I/O port. */
    record PortStringWritten(Stamp stamp, int port, int size, Blob bytes, long rip) implements Exit {}

    /** A memory-mapped device register was read. */
    record DeviceMemoryRead(Stamp stamp, long address, int size, long value, long rip) implements Exit {}

    /** A memory-mapped device register was written. */
    record DeviceMemoryWritten(Stamp stamp, long address, int size, long value, long rip) implements Exit {}

    /** CPUID exited with a leaf and subleaf, and was answered. */
    record CpuidExited(Stamp stamp, int leaf, int subleaf, int eax, int ebx, int ecx, int edx,
            long rip) implements Exit {}

    /** HLT exited; virtual time then skipped {@code idle_ns} to the next timer deadline. */
    record Halted(Stamp stamp, long idle_ns, long rip) implements Exit {}

    /** RDTSC or RDTSCP exited and was answered. */
    record TimeStampRead(Stamp stamp, long value, long rip) implements Exit {}

    /** RDMSR exited and was answered. */
    record MsrRead(Stamp stamp, int register, long value, long rip) implements Exit {}

    /** WRMSR exited and was carried out. */
    record MsrWritten(Stamp stamp, int register, long value, long rip) implements Exit {}

    /** A control register was read. */
    record ControlRegisterRead(Stamp stamp, int register, long value, long rip) implements Exit {}

    /** A control register was written. */
    record ControlRegisterWritten(Stamp stamp, int register, long value, long rip) implements Exit {}

    /** INVLPG exited for a linear address. */
    record PageInvalidated(Stamp stamp, long address, long rip) implements Exit {}

    /** The nested page table had no frame for the access; the VMM resolved it. */
    record NestedPageFaulted(Stamp stamp, long frame, boolean write, long rip) implements Exit {}

    /** The shadow page table lacked a page, or let it be read only (EXCP14); the VMM entered it. */
    record ShadowPageFaulted(Stamp stamp, long address, boolean write, long rip) implements Exit {}

    /** RDRAND or RDSEED exited and was answered with the environment's entropy. */
    record RandomNumberRead(Stamp stamp, int size, long rip) implements Exit {}

    /** A host-side interrupt line made the guest exit. */
    record ExternalInterruptExited(Stamp stamp, int vector, long rip) implements Exit {}

    /** The guest became ready to take an interrupt that was waiting. */
    record InterruptWindowOpened(Stamp stamp, long rip) implements Exit {}

    /** PAUSE exited. */
    record Paused(Stamp stamp, long rip) implements Exit {}

    /** An interrupt was injected into the guest. */
    record InterruptInjected(Stamp stamp, int vector, long rip) implements Exit {}

    /** The guest called its hypervisor, with two arguments. */
    record HypercallMade(Stamp stamp, long number, long a0, long a1, long result, long rip) implements Exit {}

    /** The guest shut down, or was. */
    record ShutDown(Stamp stamp, String reason, int status, long rip) implements Exit {}

    /** Something the VMM cannot do stopped the machine. */
    record UnsupportedExited(Stamp stamp, String what, long rip) implements Exit {}

    /** The machine changed its state. */
    record StateChanged(Stamp stamp, String from, String to, String why) implements VmmEvent {}
}
