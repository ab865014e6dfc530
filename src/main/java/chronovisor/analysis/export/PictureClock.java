package chronovisor.analysis.export;

import chronovisor.journal.GuestEvent;
import chronovisor.journal.VmmEvent;

/**
 * A viewer's time. When it is {@link TraceTime#SPREAD} each event gets an even nanosecond of its own: what has no duration can be drawn one
 * nanosecond wide, and two that follow each other do not touch. Where a tick has more than five hundred events (a boot has), those
 * behind them are late by what does not fit.
 */
final class PictureClock {

    /** A viewer's nanoseconds in a virtual one, when they are spread. */
    static final long SCALE = 1000;

    private final long scale;
    /** Between two events; from an event to what is behind it. */
    private final long apart;
    private final long behind;
    private long idle_ns;
    private long last;

    PictureClock(TraceTime kind) {
        scale = kind == TraceTime.SPREAD ? SCALE : 1;
        behind = kind == TraceTime.SPREAD ? 1 : 0;
        apart = 2 * behind;
        last = -apart;
    }

    /** The time of the next event. */
    long time(GuestEvent event) {
        last = Math.max(last + apart, (event.at().tick() + idle_ns) * scale);
        return last;
    }

    /** The time at which something ends that began with the last event and took no time. */
    long after() {
        return last + behind;
    }

    /** A HLT has skipped time; returns when that is over. */
    long skip(VmmEvent.Halted halted) {
        idle_ns += halted.idle_ns();
        return Math.max(last + behind, (halted.at().tick() + idle_ns) * scale - behind);
    }

    /** The end of what has been told so far. */
    long end() {
        return last + apart;
    }
}
