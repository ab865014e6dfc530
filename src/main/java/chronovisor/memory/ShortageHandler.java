package chronovisor.memory;

/** Finds frames for a pool that has almost none left, before somebody gets the next one. Called by whatever thread needs it. */
@FunctionalInterface
public interface ShortageHandler {

    /** Has frames released, as many as it can and finds right; none is no error. */
    void relieve();
}
