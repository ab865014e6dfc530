package chronovisor.app.host;

/**
 * The last bytes that a guest wrote to a stream, for any number of readers, each at its own pace: the machine never waits for
 * one, and one that is too slow misses bytes, as with Palacios's ring. Safe for threads.
 */
final class StreamLog {

    /** A boot's messages and some screens after them. */
    static final int KEPT_BYTES = 64 * 1024;

    /** Made when something is written: a machine that never runs keeps nothing. */
    private byte[] ring = new byte[0];
    private long written;
    private boolean ended;

    /** Adds bytes. */
    synchronized void write(byte[] bytes) {
        if (ring.length == 0) {
            ring = new byte[KEPT_BYTES];
        }
        int from = Math.max(0, bytes.length - KEPT_BYTES);
        written += from;
        for (int done = from; done < bytes.length;) {
            int at = (int) (written % KEPT_BYTES);
            int part = Math.min(bytes.length - done, KEPT_BYTES - at);
            System.arraycopy(bytes, done, ring, at, part);
            written += part;
            done += part;
        }
        notifyAll();
    }

    /** No more bytes will come. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** Where the oldest byte that is kept is in the stream. */
    synchronized long start() {
        return Math.max(0, written - KEPT_BYTES);
    }

    /** What a reader gets: where it is in the stream, and whether it is the last. */
    @SuppressWarnings("ArrayRecordComponent") // bytes on their way
    record Part(long from, byte[] bytes, boolean last) {}

    /**
     * The bytes from a place in the stream on, or from the oldest that is kept after it. Waits for some at most so long; without any
     * the part is empty.
     */
    synchronized Part read(long from, long wait_ms) throws InterruptedException {
        long until_ns = System.nanoTime() + wait_ms * 1_000_000;
        long left_ms = wait_ms;
        while (from >= written && !ended && left_ms > 0) {
            wait(left_ms);
            left_ms = (until_ns - System.nanoTime()) / 1_000_000;
        }
        long at = Math.max(from, start());
        int length = (int) Math.max(0, written - at);
        byte[] bytes = new byte[length];
        for (int done = 0; done < length;) {
            int place = (int) ((at + done) % KEPT_BYTES);
            int part = Math.min(length - done, KEPT_BYTES - place);
            System.arraycopy(ring, place, bytes, done, part);
            done += part;
        }
        return new Part(at, bytes, ended);
    }
}
