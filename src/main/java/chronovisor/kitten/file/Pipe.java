package chronovisor.kitten.file;

/**
 * A pipe: a queue, and how many descriptors (open files) can read and write it.
 *
 * @param id
 *            key in the kernel's table
 * @param buffer
 *            the bytes
 * @param readers
 *            open files that read
 * @param writers
 *            open files that write
 */
public record Pipe(long id, Ring buffer, int readers, int writers) {

    /** Writes up to this many bytes are atomic. */
    public static final int ATOMIC_BYTES = 4096;

    public Pipe withBuffer(Ring changed) {
        return new Pipe(id, changed, readers, writers);
    }

    public Pipe withEnds(int newReaders, int newWriters) {
        return new Pipe(id, buffer, newReaders, newWriters);
    }
}
