package chronovisor.analysis.export;

import chronovisor.journal.GuestEvent;
import chronovisor.journal.VmmEvent;

/**
 * A viewer's time. A viewer's microsecond is a nanosecond of virtual time, so that of one retired instruction; what happens at one tick
 * lies in its order within that microsecond. Each event gets an even nanosecond of its own: what has no duration can be drawn one
 * nanosecond wide, and two that follow each other do not touch. Where a tick has more than five hundred events (a boot has), those
 * behind them are late by what does not fit.
 */
final class PictureClock {

    /** A viewer's nanoseconds in a virtual one. */
    static final long SCALE = 1000;

    private long idle_ns;
    private long last = -2;

    /** The time of the next event. */
    long time(GuestEvent event) {
        last = Math.max(last + 2, (event.at().tick() + idle_ns) * SCALE);
        return last;
    }

    /** A HLT has skipped time; returns when that is over. */
    long skip(VmmEvent.Halted halted) {
        idle_ns += halted.idle_ns();
        return Math.max(last + 1, (halted.at().tick() + idle_ns) * SCALE - 1);
    }

    /** The end of what has been told so far. */
    long end() {
        return last + 2;
    }
}
