package chronovisor.kitten.ipc;

import org.pcollections.PVector;
import org.pcollections.TreePMap;

/**
 * All objects of inter-process communication, by their identifiers.
 *
 * @param undo
 *            what a process's end takes back: process and set ({@link #undoKey}) to an adjustment for each semaphore
 * @param sequence
 *            goes into the next identifier
 */
public record Ipc(TreePMap<Integer, Segment> segments, TreePMap<Integer, SemaphoreSet> semaphores,
        TreePMap<Integer, MessageQueue> queues, TreePMap<Long, PosixQueue> posix,
        TreePMap<Long, PVector<Integer>> undo, int sequence) {

    /** Nothing. */
    public static final Ipc NONE = new Ipc(TreePMap.empty(), TreePMap.empty(), TreePMap.empty(), TreePMap.empty(),
            TreePMap.empty(), 0);

    private static final int INDEX_BITS = 15;
    private static final int SEQUENCES = 1 << 16;

    /** An identifier that is not in use: the lowest free index under the next sequence number. */
    public <T> int nextId(TreePMap<Integer, T> used) {
        int index = 0;
        boolean taken = true;
        while (taken) {
            taken = false;
            for (int id : used.keySet()) {
                if ((id & (1 << INDEX_BITS) - 1) == index) {
                    taken = true;
                    index++;
                }
            }
        }
        return sequence << INDEX_BITS | index;
    }

    /** The key of a process's adjustments of a set. */
    public static long undoKey(int process, int set) {
        return (long) process << 32 | set;
    }

    /** After an object was removed: its identifier is not given out again soon. */
    public Ipc advanced() {
        return new Ipc(segments, semaphores, queues, posix, undo, (sequence + 1) % SEQUENCES);
    }

    public Ipc with(Segment segment) {
        return new Ipc(segments.plus(segment.id(), segment), semaphores, queues, posix, undo, sequence);
    }

    public Ipc with(SemaphoreSet set) {
        return new Ipc(segments, semaphores.plus(set.id(), set), queues, posix, undo, sequence);
    }

    public Ipc with(MessageQueue queue) {
        return new Ipc(segments, semaphores, queues.plus(queue.id(), queue), posix, undo, sequence);
    }

    public Ipc with(PosixQueue queue) {
        return new Ipc(segments, semaphores, queues, posix.plus(queue.id(), queue), undo, sequence);
    }

    public Ipc withoutSegment(int id) {
        return new Ipc(segments.minus(id), semaphores, queues, posix, undo, sequence).advanced();
    }

    public Ipc withoutSemaphores(int id) {
        return new Ipc(segments, semaphores.minus(id), queues, posix, undo, sequence).advanced();
    }

    public Ipc withoutQueue(int id) {
        return new Ipc(segments, semaphores, queues.minus(id), posix, undo, sequence).advanced();
    }

    public Ipc withoutPosix(long id) {
        return new Ipc(segments, semaphores, queues, posix.minus(id), undo, sequence);
    }

    public Ipc withUndo(TreePMap<Long, PVector<Integer>> changed) {
        return new Ipc(segments, semaphores, queues, posix, changed, sequence);
    }
}
