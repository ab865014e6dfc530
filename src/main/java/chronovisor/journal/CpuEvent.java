package chronovisor.journal;

/** What a virtual core's processor did by itself. Retired instructions are not events; they are in the step batches. */
public sealed interface CpuEvent extends GuestEvent {

    /**
     * An exception was raised (SDM vol. 3, ch. 6).
     *
     * @param address
     *            CR2 for a page fault, else 0
     * @param rip
     *            of the instruction that faulted, or after the one that trapped
     * @param code
     *            the bytes at RIP, as far as they were there
     */
    record ExceptionRaised(Stamp stamp, int vector, long errorCode, long address, long rip, Blob code)
            implements
                CpuEvent {}
}
