package chronovisor.journal;

/**
 * What probes of the Racket runtime saw: each at the tick of the call of the function that does it. Tasks are the kernel's, sizes are bytes.
 */
public sealed interface RacketEvent extends GuestEvent {

    /** The garbage collector has stopped the program. */
    record GcStarted(Stamp stamp, int task) implements RacketEvent {}

    /**
     * The garbage collector is done. Its cause is where it started.
     *
     * @param generation
     *            {@code minor}, {@code incremental}, {@code major}, or {@code master} for what places share
     * @param before_bytes
     *            in use by objects before
     * @param administrativeBefore_bytes
     *            with what the collector itself needs; 0 where it does not say
     */
    record GcEnded(Stamp stamp, int task, String generation, long before_bytes, long after_bytes,
            long administrativeBefore_bytes, long administrativeAfter_bytes) implements RacketEvent {}

    /** A write to an old object has reached the collector's signal handler. Its cause is the delivery of the signal. */
    record WriteBarrierFaulted(Stamp stamp, int task, long address) implements RacketEvent {}

    /** A place was made; {@code place} is Racket's number for it. */
    record PlaceCreated(Stamp stamp, int task, long place) implements RacketEvent {}

    /** A task began to run a place. */
    record PlaceEntered(Stamp stamp, int task) implements RacketEvent {}

    /** A task's place ended. Its cause is where the place began. */
    record PlaceExited(Stamp stamp, int task) implements RacketEvent {}

    /** What was left of a place was taken away. Its cause is where it was created. */
    record PlaceReaped(Stamp stamp, int task, long place) implements RacketEvent {}

    /** A message went into a place channel. */
    record PlaceMessageSent(Stamp stamp, int task, long channel, long bytes) implements RacketEvent {}

    /** A message came out of a place channel. Its cause is where it was sent. */
    record PlaceMessageReceived(Stamp stamp, int task, long channel, long bytes) implements RacketEvent {}

    /** A future was made, by another one or, -1, by none. */
    record FutureCreated(Stamp stamp, int task, int future, int parent) implements RacketEvent {}

    /** The program asked for the value of a future. */
    record FutureTouched(Stamp stamp, int task) implements RacketEvent {}

    /** A future went on: {@code what} is the runtime's own word, as {@code start-work}, {@code block}, {@code complete}. */
    record FutureProgressed(Stamp stamp, int task, int future, String what) implements RacketEvent {}
}
