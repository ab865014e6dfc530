package chronovisor.journal;

/**
 * What probes that a person asked for saw. They are in a journal of their own, beside that of the run: a run with probes is the same run as
 * one without. Ticks are the run's; the sequence numbers those of one tick in the side journal.
 */
public sealed interface ProbeEvent extends GuestEvent {

    /**
     * The first instruction of a function has retired.
     *
     * @param address
     *            of that instruction
     * @param a0
     *            what the six argument registers held before it (System V ABI: RDI, RSI, RDX, RCX, R8, R9)
     * @param stackPointer
     *            RSP before it: where the return address lies
     */
    record FunctionEntered(Stamp stamp, int task, String function, long address, long a0, long a1, long a2, long a3,
            long a4, long a5, long stackPointer, long returnAddress) implements ProbeEvent {}

    /**
     * The instruction behind a call has retired. Its cause is the entry into the function that returned.
     *
     * @param result
     *            what RAX held before that instruction
     */
    record FunctionReturned(Stamp stamp, int task, String function, long address, long result) implements ProbeEvent {}

    /**
     * Watched memory was written.
     *
     * @param address
     *            the linear address of the first byte
     * @param bytes
     *            what is there now
     * @param rip
     *            the instruction; 0 for what the kernel or a device wrote
     */
    record MemoryWritten(Stamp stamp, int task, long address, Blob bytes, long rip) implements ProbeEvent {}

    /**
     * Watched memory was read by an instruction.
     *
     * @param bytes
     *            what is there
     */
    record MemoryRead(Stamp stamp, int task, long address, Blob bytes, long rip) implements ProbeEvent {}
}
