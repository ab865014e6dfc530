package chronovisor.device;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A split virtqueue (Virtio 1.2, 2.7, in the layout of legacy devices, 2.7.2): descriptors, what the driver makes available and what the device
 * has used, in guest memory. A ring that makes no sense is not gone on with until the device is reset.
 */
final class VirtioQueue {

    static final int SIZE = 128;

    private static final int PAGE = 4096;
    private static final int DESCRIPTOR_BYTES = 16;
    private static final int NEXT = 1;
    private static final int WRITABLE = 2;
    /** More than a driver needs in one request. */
    private static final long CHAIN_BYTES_MAX = 4 << 20;

    /**
     * @param page
     *            where it is in guest memory, 0 for nowhere
     * @param seen
     *            index of the next request that is not handled
     * @param used
     *            index of the next one that is given back
     */
    record State(int page, int seen, int used, boolean broken) {
        static final State NEW = new State(0, 0, 0, false);

        void writeTo(StateWriter out) {
            out.i32(page).i32(seen).i32(used).bool(broken);
        }

        static State read(StateReader in) {
            return new State(in.i32(), in.i32() & 0xFFFF, in.i32() & 0xFFFF, in.bool());
        }
    }

    /** A buffer of a request. */
    record Buffer(long address, int length, boolean writable) {}

    /** A request: what its chain of descriptors names. */
    record Request(int head, List<Buffer> buffers) {
        Request {
            buffers = List.copyOf(buffers);
        }
    }

    private final GuestRam ram;
    private final byte[] scratch = new byte[DESCRIPTOR_BYTES];
    State state = State.NEW;

    VirtioQueue(GuestRam ram) {
        this.ram = ram;
    }

    /** The driver says where it is. */
    void place(int page) {
        state = new State(page, 0, 0, false);
    }

    private long descriptors() {
        return Integer.toUnsignedLong(state.page) * PAGE;
    }

    private long available() {
        return descriptors() + (long) DESCRIPTOR_BYTES * SIZE;
    }

    private long used() {
        return available() + 4 + 2L * SIZE + 2 + PAGE - 1 & -PAGE;
    }

    /** The next request that is not handled; null when there is none. */
    @Nullable
    Request next() {
        if (state.page == 0 || state.broken) {
            return null;
        }
        int waiting = word(available() + 2, 2) - state.seen & 0xFFFF;
        if (waiting == 0) {
            return null;
        }
        List<Buffer> buffers = waiting > SIZE ? null : chain(head());
        if (buffers == null) {
            state = new State(state.page, state.seen, state.used, true);
            return null;
        }
        return new Request(head(), buffers);
    }

    private int head() {
        return word(available() + 4 + 2L * (state.seen % SIZE), 2);
    }

    private @Nullable List<Buffer> chain(int head) {
        List<Buffer> buffers = new ArrayList<>();
        long bytes = 0;
        for (int index = head; buffers.size() < SIZE && index < SIZE;) {
            if (!ram.read(descriptors() + (long) DESCRIPTOR_BYTES * index, scratch, 0, DESCRIPTOR_BYTES)) {
                return null;
            }
            long address = number(0, 8);
            int length = (int) number(8, 4);
            int flags = (int) number(12, 2);
            bytes += length;
            if (length < 0 || bytes > CHAIN_BYTES_MAX || !ram.holds(address, length)) {
                return null;
            }
            buffers.add(new Buffer(address, length, (flags & WRITABLE) != 0));
            if ((flags & NEXT) == 0) {
                return buffers;
            }
            index = (int) number(14, 2);
        }
        return null;
    }

    private long number(int at, int bytes) {
        long value = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            value = value << 8 | scratch[at + i] & 0xFF;
        }
        return value;
    }

    /** A number of the ring; all ones where there is no memory, which is more than ever waits. */
    private int word(long address, int bytes) {
        return ram.read(address, scratch, 0, bytes) ? (int) number(0, bytes) : 0xFFFF;
    }

    /** Gives a request back, so many bytes of which were written; whether the driver wants to be told. */
    boolean done(Request request, int written) {
        byte[] element = new byte[8];
        put(element, 0, 4, request.head);
        put(element, 4, 4, written);
        byte[] index = new byte[2];
        put(index, 0, 2, state.used + 1);
        boolean told = ram.write(used() + 4 + 8L * (state.used % SIZE), element, 0, 8)
                && ram.write(used() + 2, index, 0, 2);
        state = new State(state.page, state.seen + 1 & 0xFFFF, state.used + 1 & 0xFFFF, !told);
        return told && (word(available(), 2) & 1) == 0;
    }

    private static void put(byte[] to, int at, int bytes, int value) {
        for (int i = 0; i < bytes; i++) {
            to[at + i] = (byte) (value >>> 8 * i);
        }
    }

    /** The bytes of the buffers that the device may read, at most so many. */
    byte[] gather(Request request, int max) {
        byte[] bytes = new byte[Math.min(max, length(request, false))];
        int at = 0;
        for (Buffer buffer : request.buffers) {
            if (!buffer.writable) {
                int part = Math.min(buffer.length, bytes.length - at);
                ram.read(buffer.address, bytes, at, part);
                at += part;
            }
        }
        return bytes;
    }

    /** Writes bytes into the buffers that the device may write, from an offset on. */
    void scatter(Request request, int offset, byte[] bytes, int length) {
        int skip = offset;
        int at = 0;
        for (Buffer buffer : request.buffers) {
            if (buffer.writable) {
                int passed = Math.min(skip, buffer.length);
                skip -= passed;
                int part = Math.min(buffer.length - passed, length - at);
                ram.write(buffer.address + passed, bytes, at, part);
                at += part;
            }
        }
    }

    static int length(Request request, boolean writable) {
        return request.buffers.stream().filter(buffer -> buffer.writable == writable).mapToInt(Buffer::length).sum();
    }
}
