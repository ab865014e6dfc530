package chronovisor.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Gives out zeroed 4 KiB frames of host memory and counts who refers to them. Shared by all VMs of a host, safe for
 * threads. Host memory is taken from the system in chunks, when needed, up to a budget.
 *
 * <p>
 * A frame is named by the host address of its first byte. Addresses must not be used after {@link #close()}.
 */
public final class FramePool implements AutoCloseable {

    /** Bytes in a frame. */
    public static final int FRAME_BYTES = 4096;

    /** Big enough to be rare, small enough that a small VM stays small: 4 MiB. */
    private static final int CHUNK_FRAMES = 1024;

    /** What machines may need while they give frames back: 4 MB. */
    private static final long RESERVE_FRAMES = 1024;

    private static final class Chunk {
        final long base;
        final int[] references;
        int fresh;

        Chunk(long base, int frames) {
            this.base = base;
            this.references = new int[frames];
        }
    }

    private volatile long capacityFrames;
    private final Arena arena = Arena.ofShared();
    /** In the order of their addresses. */
    private final List<Chunk> chunks = new ArrayList<>();
    private final long zeroFrame;
    private final List<long[]> recycled = new ArrayList<>();
    private int recycledInLast;
    private Chunk newest;
    private Chunk recent;
    private long allocated;
    private long used;
    private boolean closed;
    private volatile @Nullable ShortageHandler shortage;
    private final AtomicInteger relieving = new AtomicInteger();

    /**
     * @param capacityBytes
     *            host budget for frames, whole frames
     */
    public FramePool(long capacityBytes) {
        if (capacityBytes < FRAME_BYTES) {
            throw new IllegalArgumentException("a frame pool needs room for a frame, not " + capacityBytes + " bytes");
        }
        capacityFrames = capacityBytes / FRAME_BYTES;
        MemorySegment zero = arena.allocate(FRAME_BYTES, FRAME_BYTES);
        zeroFrame = zero.address();
        newest = new Chunk(0, 0);
        recent = newest;
    }

    /** The one frame of zeros that is mapped wherever a guest has read before writing. Never written, not counted. */
    public long zeroFrame() {
        return zeroFrame;
    }

    /** Frames that are referred to. */
    public synchronized long framesUsed() {
        return used;
    }

    private boolean isShort() {
        return relieving.get() == 0 && !hasPlenty();
    }

    /** Whether there are frames beyond the reserve, so that one can be had without asking anybody. */
    boolean hasPlenty() {
        return framesUsed() < capacityFrames - Math.min(RESERVE_FRAMES, capacityFrames / 8);
    }

    /** Frames there may be. */
    public long framesMax() {
        return capacityFrames;
    }

    /** Raises the budget by so many bytes, whole frames. */
    public synchronized void grow(long bytes) {
        capacityFrames = Math.addExact(capacityFrames, bytes / FRAME_BYTES);
    }

    /** Has somebody asked for frames before the budget is used up. */
    public void onShortage(ShortageHandler handler) {
        shortage = handler;
    }

    /**
     * A new zeroed frame with one reference. Where the budget is used up but for a small reserve, the shortage handler is asked first; the
     * machines that it has give frames back may use the reserve meanwhile.
     *
     * @throws OutOfFramesException
     *             when the budget is used up
     */
    public long allocate() {
        return allocate(true);
    }

    private long allocate(boolean zeroed) {
        ShortageHandler handler = shortage;
        if (handler != null && isShort()) {
            relieving.incrementAndGet();
            try {
                handler.relieve();
            } finally {
                relieving.decrementAndGet();
            }
        }
        long frame;
        boolean dirty;
        synchronized (this) {
            ensureOpen();
            if (used >= capacityFrames) {
                throw new OutOfFramesException(capacityFrames * FRAME_BYTES);
            }
            frame = takeRecycled();
            dirty = frame != 0;
            if (frame == 0) {
                frame = takeFresh();
            }
            used++;
            setReferences(frame, 1);
        }
        if (dirty && zeroed) {
            HostMemory.fill(frame, FRAME_BYTES, (byte) 0);
        }
        return frame;
    }

    /** A new frame with one reference that holds what another holds. */
    public long copyOf(long frame) {
        long copy = allocate(false);
        HostMemory.copy(frame, copy, FRAME_BYTES);
        return copy;
    }

    /** One more reference. */
    public synchronized void retain(long frame) {
        Chunk chunk = chunkOf(frame);
        chunk.references[indexIn(chunk, frame)]++;
    }

    /** One reference less; with the last one the frame is free. */
    public synchronized void release(long frame) {
        if (closed) {
            return;
        }
        Chunk chunk = chunkOf(frame);
        int index = indexIn(chunk, frame);
        int left = --chunk.references[index];
        if (left < 0) {
            throw new IllegalStateException("frame released more often than retained");
        }
        if (left == 0) {
            used--;
            recycle(frame);
        }
    }

    /** How many refer to a frame. */
    public synchronized int references(long frame) {
        Chunk chunk = chunkOf(frame);
        return chunk.references[indexIn(chunk, frame)];
    }

    /** Gives all host memory back. No memory of this pool may be used from now on. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            arena.close();
        }
    }

    private void ensureOpen() {
        if (closed) {
            throw new IllegalStateException("the frame pool is closed");
        }
    }

    private long takeFresh() {
        if (newest.fresh == newest.references.length) {
            int frames = (int) Math.min(CHUNK_FRAMES, capacityFrames - allocated);
            MemorySegment segment;
            try {
                segment = arena.allocate((long) frames * FRAME_BYTES, FRAME_BYTES);
            } catch (OutOfMemoryError e) {
                OutOfFramesException full = new OutOfFramesException(allocated * FRAME_BYTES);
                full.initCause(e);
                throw full;
            }
            newest = new Chunk(segment.address(), frames);
            chunks.add(after(newest.base), newest);
            allocated += frames;
        }
        return newest.base + (long) newest.fresh++ * FRAME_BYTES;
    }

    private void recycle(long frame) {
        if (recycled.isEmpty() || recycledInLast == CHUNK_FRAMES) {
            recycled.add(new long[CHUNK_FRAMES]);
            recycledInLast = 0;
        }
        recycled.get(recycled.size() - 1)[recycledInLast++] = frame;
    }

    private long takeRecycled() {
        if (recycled.isEmpty()) {
            return 0;
        }
        long frame = recycled.get(recycled.size() - 1)[--recycledInLast];
        if (recycledInLast == 0) {
            recycled.remove(recycled.size() - 1);
            recycledInLast = CHUNK_FRAMES;
        }
        return frame;
    }

    private void setReferences(long frame, int references) {
        Chunk chunk = chunkOf(frame);
        chunk.references[indexIn(chunk, frame)] = references;
    }

    private Chunk chunkOf(long frame) {
        ensureOpen();
        Chunk chunk = recent;
        if (frame < chunk.base || frame >= chunk.base + (long) chunk.references.length * FRAME_BYTES) {
            int after = after(frame);
            if (after == 0) {
                throw new IllegalArgumentException("not a frame of this pool");
            }
            chunk = chunks.get(after - 1);
            recent = chunk;
        }
        return chunk;
    }

    /** How many chunks begin at an address or below. */
    private int after(long address) {
        int low = 0;
        int high = chunks.size();
        while (low < high) {
            int middle = low + high >>> 1;
            if (chunks.get(middle).base <= address) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static int indexIn(Chunk chunk, long frame) {
        return (int) ((frame - chunk.base) / FRAME_BYTES);
    }
}
