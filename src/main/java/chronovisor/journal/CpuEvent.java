package chronovisor.journal;

/** What a virtual core's processor did by itself. Retired instructions are not events; they are in the step batches. */
public sealed interface CpuEvent extends GuestEvent {

    /** An exception was raised; {@code address} is CR2 for a page fault, else 0 (SDM vol. 3, ch. 6). */
    record ExceptionRaised(Stamp stamp, int vector, long errorCode, long address) implements CpuEvent {}
}
