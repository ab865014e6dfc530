package chronovisor.replay;

import chronovisor.journal.GuestEvent;

/** Takes events in the order of their positions, on the machine's thread. */
@FunctionalInterface
public interface EventSink {

    /** Takes one event. */
    void accept(GuestEvent event);
}
