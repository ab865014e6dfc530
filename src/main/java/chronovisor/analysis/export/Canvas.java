package chronovisor.analysis.export;

import chronovisor.journal.GuestEvent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What a format of pictures has to be able to draw. Calls come in the order of their times, except where a slice's end is told with its
 * beginning. Times are a viewer's nanoseconds ({@link PictureClock}).
 */
interface Canvas {

    /** A group of tracks or a track. */
    enum Kind {
        /** A group, as a process is. */
        GROUP,
        /** A track of slices. */
        THREAD,
        /** A track of numbers. */
        NUMBERS,
        /** A track of sizes in bytes. */
        BYTES
    }

    /**
     * A track.
     *
     * @param id
     *            from 1 on, its own
     * @param group
     *            the number that its group has in the picture, as a process's
     * @param number
     *            its number in the group, as a thread's
     */
    record Track(long id, Kind kind, int group, int number, String name, @Nullable Track parent) {}

    /** Where an arrow begins: a slice on a track. */
    record Source(Track track, long time, long id) {}

    /** A track is told before anything is drawn on it. */
    void track(Track track) throws IOException;

    /**
     * A slice begins.
     *
     * @param event
     *            what it shows, for its details; null for none
     * @param out
     *            arrows may begin here
     * @param in
     *            an arrow ends here
     */
    void begin(Track track, long time, String name, String category, @Nullable GuestEvent event, @Nullable Source out,
            @Nullable Source in) throws IOException;

    /**
     * The last slice that was begun on a track ends.
     *
     * @param event
     *            what ended it, for the details; null for none
     */
    void end(Track track, long time, @Nullable GuestEvent event) throws IOException;

    /** Something without a duration. */
    void instant(Track track, long time, String name, String category, GuestEvent event) throws IOException;

    /** A number has another value from here on. */
    void value(Track track, long time, long value) throws IOException;

    /** All has been drawn. */
    void finish() throws IOException;
}
