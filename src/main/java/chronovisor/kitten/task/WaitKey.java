package chronovisor.kitten.task;

/**
 * A wait queue: what a blocked task waits for.
 *
 * @param kind
 *            what sort of thing
 * @param id
 *            which one
 */
public record WaitKey(Kind kind, long id) implements Comparable<WaitKey> {

    /** Sorts of wait queues. */
    public enum Kind {
        PIPE_READ, PIPE_WRITE, TERMINAL, STREAM, COUNTER, SIGNAL, SOCKET_READ, SOCKET_WRITE, QUEUE, PROCESS, FUTEX, LOCK, CHILD, VFORK, SEMAPHORE, MESSAGE, POLL;

        /** Whether tasks in poll(2) look again when such a queue is woken. */
        public boolean polled() {
            return ordinal() <= PROCESS.ordinal();
        }
    }

    @Override
    public int compareTo(WaitKey other) {
        int byKind = kind.compareTo(other.kind);
        return byKind != 0 ? byKind : Long.compare(id, other.id);
    }

    @Override
    public String toString() {
        return kind.name().toLowerCase(java.util.Locale.ROOT) + ":" + id;
    }
}
