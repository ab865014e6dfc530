package chronovisor.journal;

/** What probes of the Racket runtime saw. */
public sealed interface RacketEvent extends GuestEvent {

    /** The garbage collector began. */
    record CollectionStarted(Stamp stamp, int task, boolean major, long before_bytes) implements RacketEvent {}

    /** The garbage collector finished. */
    record CollectionEnded(Stamp stamp, int task, boolean major, long after_bytes) implements RacketEvent {}
}
