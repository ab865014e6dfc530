package chronovisor.racket;

/**
 * Is told what a Racket runtime does, as it does it: before the first instruction of the function that does it, so at the tick of the call.
 * Tasks are the kernel's; sizes are bytes.
 */
public interface RacketObserver {

    /** What a collection is of. */
    enum Generation {
        /** Young objects. */
        MINOR,
        /** Young objects, and a step of an incremental one of all. */
        INCREMENTAL,
        /** All objects of a place. */
        MAJOR,
        /** All objects that places share. */
        MASTER
    }

    /**
     * Memory at the two ends of a collection.
     *
     * @param before_bytes
     *            in use by objects
     * @param administrativeBefore_bytes
     *            with what the collector itself needs; 0 where it does not say
     */
    record Sizes(long before_bytes, long after_bytes, long administrativeBefore_bytes,
            long administrativeAfter_bytes) {}

    /**
     * A task has arrived at a probe. It may arrive there several times before it executes the instruction: after an interrupt, or when a
     * machine is restored that stood there.
     *
     * @return whether that is new, so that it is to be told
     */
    boolean arrives(int task, long address);

    /** The task has executed the first instruction of the function it had arrived at. */
    void leaves(int task);

    /** What was last kept of a task by {@link #keep}, 0 if nothing was. */
    long kept(int task);

    /** Keeps a number of a task, between one probe and the next. */
    void keep(int task, long value);

    /** The collector has stopped the program. */
    void collectionStarted(int core, int task);

    /** The collector is done. */
    void collectionEnded(int core, int task, Generation generation, Sizes sizes);

    /** A write to an old object has reached the write barrier: the signal handler is about to look at it. */
    void writeBarrierFaulted(int core, int task, long address);

    /** A place has been made; {@code place} is Racket's number for it. */
    void placeCreated(int core, int task, long place);

    /** The task begins to run a place. */
    void placeEntered(int core, int task);

    /** The task's place ends. */
    void placeExited(int core, int task);

    /** What is left of a place has been taken away. */
    void placeReaped(int core, int task, long place);

    /** A message of so many bytes goes into a channel, which has this address. */
    void messageSent(int core, int task, long channel, long bytes);

    /** A message comes out of a channel. */
    void messageReceived(int core, int task, long channel, long bytes);

    /** A future has been made, by another one or, -1, by none. */
    void futureCreated(int core, int task, int future, int parent);

    /** The program asks for the value of a future. */
    void futureTouched(int core, int task);

    /** A future goes on: {@code what} is the runtime's own word, as {@code start-work}, {@code block}, {@code complete}. */
    void futureProgressed(int core, int task, int future, String what);
}
