package chronovisor.replay;

/**
 * Where batches are cut, besides being full: points that the run itself determines, so that recording and replay cut alike.
 */
interface Cuts {

    /** The machine is about to wait for input, for as long as that takes. */
    void waiting();

    /** The machine is at a slice boundary. */
    void reached(long tick);
}
