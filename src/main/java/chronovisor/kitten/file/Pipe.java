package chronovisor.kitten.file;

/**
 * A pipe: a queue, and how many descriptors (open files) can read and write it.
 *
 * @param id
 *            key in the kernel's table
 * @param buffer
 *            the bytes
 * @param capacity
 *            how much of the buffer may be filled, 0 for all of it
 * @param readers
 *            open files that read
 * @param writers
 *            open files that write
 */
public record Pipe(long id, Ring buffer, int capacity, int readers, int writers) {

    /** Writes up to this many bytes are atomic. */
    public static final int ATOMIC_BYTES = 4096;

    /** Pages of a pipe that is asked to hold this many bytes: a power of two. */
    public static long frames(long bytes) {
        return Long.highestOneBit(Math.max(1, (bytes + 4095) / 4096 * 2 - 1));
    }

    public Pipe withBuffer(Ring changed) {
        return new Pipe(id, changed, capacity, readers, writers);
    }

    public Pipe withEnds(int newReaders, int newWriters) {
        return new Pipe(id, buffer, capacity, newReaders, newWriters);
    }

    public Pipe withCapacity(int bytes) {
        return new Pipe(id, buffer, bytes, readers, writers);
    }

    /** Bytes that can be written now. */
    public int space() {
        return capacity == 0 ? buffer.space() : Math.max(0, capacity - buffer.amount());
    }

    /** Whether writes of up to {@link #ATOMIC_BYTES} go in whole. */
    public boolean atomic() {
        return capacity == 0;
    }
}
