package chronovisor.kitten.file;

import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * A byte queue in guest frames.
 *
 * @param frames
 *            the frames, in order; capacity is their number times 4096
 * @param read
 *            bytes taken out since the beginning
 * @param written
 *            bytes put in since the beginning
 */
public record Ring(PVector<Long> frames, long read, long written) {

    /** A queue without frames. */
    public static final Ring EMPTY = new Ring(TreePVector.empty(), 0, 0);

    public int capacity() {
        return frames.size() * 4096;
    }

    /** Bytes that can be read. */
    public int amount() {
        return (int) (written - read);
    }

    /** Bytes that can be written. */
    public int space() {
        return capacity() - amount();
    }

    /** Guest-physical address of the byte at {@code position} in the stream. */
    public long address(long position) {
        int at = (int) (position % capacity());
        return frames.get(at >>> 12) * 4096 + (at & 4095);
    }

    public Ring afterRead(int count) {
        return new Ring(frames, read + count, written);
    }

    public Ring afterWrite(int count) {
        return new Ring(frames, read, written + count);
    }
}
