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
        PIPE_READ, PIPE_WRITE, TERMINAL, STREAM, COUNTER, SIGNAL, SOCKET_READ, SOCKET_WRITE, QUEUE, PROCESS, FUTEX, LOCK, CHILD, VFORK, SEMAPHORE, MESSAGE, POLL, FIFO_READER, FIFO_WRITER, EXCLUSIVE;

        /** Whether tasks in poll(2) look again when such a queue is woken. */
        public boolean polled() {
            return ordinal() <= PROCESS.ordinal();
        }
    }

    /** The queue of which one waiter is woken whenever this one is: epoll(7) with EPOLLEXCLUSIVE. */
    public WaitKey exclusive() {
        return new WaitKey(Kind.EXCLUSIVE, (long) kind.ordinal() << 56 | id & (1L << 56) - 1);
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
