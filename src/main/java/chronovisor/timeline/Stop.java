package chronovisor.timeline;

import chronovisor.journal.GuestEvent;
import chronovisor.journal.Position;
import org.jspecify.annotations.Nullable;

/**
 * Why and where going on, or going back, has stopped.
 *
 * @param reason
 *            why
 * @param at
 *            where the timeline stands now
 * @param condition
 *            what was met, where that is the reason
 * @param event
 *            the event that met it, where it was one
 * @param access
 *            the access that met it, where it was one
 */
public record Stop(Reason reason, Position at, @Nullable Condition condition, @Nullable GuestEvent event,
        @Nullable Access access) {

    /** Why it stopped. */
    public enum Reason {
        /** A condition was met. */
        CONDITION,
        /** Going back: the recording begins here. */
        BEGINNING,
        /** Going on: the recording, or the part that was to be searched, ends here. */
        END,
        /** Whoever asked wants no more; it stands wherever the search had come to. */
        INTERRUPTED
    }

    /** Whether a condition was met. */
    public boolean met() {
        return reason == Reason.CONDITION;
    }
}
