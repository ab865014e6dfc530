package chronovisor.journal;

import org.jspecify.annotations.Nullable;

/**
 * Something that happened in a guest, in the past tense. Inputs are causes: replay feeds them. All others are effects:
 * replay checks them. {@link EventTypes} lists every type with its number, name and codec.
 */
public sealed interface GuestEvent permits InputEvent, CpuEvent, VmmEvent, KittenEvent, RacketEvent, ProbeEvent {

    /** Position, core and cause. */
    Stamp stamp();

    /** Where it happened. */
    default Position at() {
        return stamp().at();
    }

    /** The virtual core it happened on. */
    default int core() {
        return stamp().core();
    }

    /** The position of the event that caused it, where there is one. */
    default @Nullable Position cause() {
        return stamp().cause();
    }
}
