package chronovisor.journal;

import org.jspecify.annotations.Nullable;

/**
 * Where an event stands: its position, the virtual core it happened on, and the position of the event that caused it,
 * where there is one (the write that filled a pipe, the trap that sent a signal).
 */
public record Stamp(Position at, int core, @Nullable Position cause) {

    /** A stamp of an event that nothing else in the journal caused. */
    public static Stamp of(Position at, int core) {
        return new Stamp(at, core, null);
    }
}
