package chronovisor.kitten.file;

import org.pcollections.PVector;
import org.pcollections.TreePMap;
import org.pcollections.TreePVector;

/**
 * An inotify(7) instance: what it watches, and what has happened that was not read yet.
 *
 * @param file
 *            the open file it belongs to
 * @param watches
 *            watch descriptor to watch
 * @param notices
 *            what has happened, oldest first
 * @param nextWatch
 *            the next watch descriptor
 */
public record Watcher(long file, TreePMap<Integer, Watch> watches, PVector<Notice> notices, int nextWatch) {

    /** An inode, and the events and options asked for. */
    public record Watch(long inode, int mask) {}

    /**
     * Something that happened (struct inotify_event).
     *
     * @param name
     *            of what it happened to in a watched directory; empty for the watched inode itself
     */
    public record Notice(int watch, int mask, int cookie, String name) {
        /** The event and its name, with zeros up to the next event. */
        public int bytes() {
            return 16 + (name.isEmpty() ? 0 : (name.length() + 16) / 16 * 16);
        }
    }

    /** Watches nothing yet. */
    public static Watcher of(long file) {
        return new Watcher(file, TreePMap.empty(), TreePVector.empty(), 1);
    }

    public Watcher with(int watch, Watch changed) {
        return new Watcher(file, watches.plus(watch, changed), notices, Math.max(nextWatch, watch + 1));
    }

    public Watcher without(int watch) {
        return new Watcher(file, watches.minus(watch), notices, nextWatch);
    }

    public Watcher withNotices(PVector<Notice> changed) {
        return new Watcher(file, watches, changed, nextWatch);
    }

    /** Bytes of all that has happened. */
    public int bytes() {
        return notices.stream().mapToInt(Notice::bytes).sum();
    }
}
