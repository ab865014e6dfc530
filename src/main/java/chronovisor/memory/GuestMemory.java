package chronovisor.memory;

import static chronovisor.memory.FramePool.FRAME_BYTES;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Guest-physical memory: the nested page table. A two-level table gives each guest frame number its frame.
 *
 * <p>
 * {@link #fork()} shares the whole table, so its cost does not depend on the memory's size. The first change on either side
 * copies the top level; the first change below a shared leaf copies the leaf and makes its frames copy-on-write.
 */
public final class GuestMemory extends PhysicalAccess implements AutoCloseable {

    private static final int LEAF_FRAMES = FrameTable.LEAF_FRAMES;
    private static final long STATE_MASK = FRAME_BYTES - 1;

    /** Entry states, in the low bits beside the frame's host address; 0 is absent. */
    private static final int ZERO = 1;
    private static final int PRIVATE = 2;
    private static final int SHARED = 3;
    private static final int BALLOONED = 4;

    private final FramePool pool;
    private final long sizeBytes;
    private final long storageBytes;
    private final long guestFrames;
    private long frames;
    private final CodeFrames code = new CodeFrames();
    private final List<Mmu> mmus = new ArrayList<>();
    private FrameTable top;
    private @Nullable NestedFaultHandler handler;
    private FrameOwnedListener owned = (gfn, copied) -> {};
    private final Watches watches = new Watches();
    private final Set<Long> devices = new HashSet<>();
    private boolean watching;

    /**
     * Memory with nothing in it.
     *
     * @param sizeBytes
     *            whole frames
     */
    public GuestMemory(FramePool pool, long sizeBytes) {
        this(pool, sizeBytes, 0);
    }

    /**
     * The same with storage behind it: frames like those of the guest, which it does not reach but through a disk.
     *
     * @param storageBytes
     *            whole frames
     */
    public GuestMemory(FramePool pool, long sizeBytes, long storageBytes) {
        this(pool, sizeBytes, storageBytes, new FrameTable(leaves(sizeBytes + storageBytes)));
    }

    private GuestMemory(FramePool pool, long sizeBytes, long storageBytes, FrameTable top) {
        this.pool = pool;
        this.sizeBytes = sizeBytes;
        this.storageBytes = storageBytes;
        this.guestFrames = sizeBytes / FRAME_BYTES;
        this.frames = (sizeBytes + storageBytes) / FRAME_BYTES;
        this.top = top;
    }

    private static int leaves(long sizeBytes) {
        if (sizeBytes <= 0 || sizeBytes % FRAME_BYTES != 0 || sizeBytes > 1L << PageWalk.PHYSICAL_ADDRESS_BITS) {
            throw new IllegalArgumentException("not a size of guest memory: " + sizeBytes);
        }
        long leafBytes = (long) LEAF_FRAMES * FRAME_BYTES;
        return Math.toIntExact((sizeBytes + leafBytes - 1) / leafBytes);
    }

    /** Guest-physical addresses run from 0 to this. */
    public long sizeBytes() {
        return sizeBytes;
    }

    /** How much storage is behind it. */
    public long storageBytes() {
        return storageBytes;
    }

    /** What a guest frame number stands for now. */
    public FrameState state(long gfn) {
        boolean exclusive = gfn >= 0 && gfn < frames && exclusive(gfn);
        long entry = entry(gfn);
        return switch ((int) (entry & STATE_MASK)) {
            case ZERO -> FrameState.ZERO;
            case PRIVATE -> exclusive ? FrameState.PRIVATE : FrameState.SHARED;
            case SHARED -> FrameState.SHARED;
            case BALLOONED -> FrameState.BALLOONED;
            default -> FrameState.ABSENT;
        };
    }

    /** Host address of the frame that {@link #forEachFrame} visits by this number, also of storage; 0 when there is none. */
    public long hostOf(long gfn) {
        return entry(gfn) & ~STATE_MASK;
    }

    @Override
    public long hostForRead(long gfn) {
        return gfn < guestFrames ? entry(gfn) & ~STATE_MASK : 0;
    }

    /** Host address of a frame's first byte for writing, or 0: a nested page fault. */
    public long hostForWrite(long gfn) {
        // Ownership first: who gives a leaf up to us has marked its frames as shared before.
        if (gfn < 0 || gfn >= guestFrames || !exclusive(gfn)) {
            return 0;
        }
        long entry = entry(gfn);
        return (entry & STATE_MASK) == PRIVATE ? entry & ~STATE_MASK : 0;
    }

    private long entry(long gfn) {
        if (gfn < 0 || gfn >= frames) {
            return 0;
        }
        FrameTable.Leaf leaf = top.leaves[(int) (gfn / LEAF_FRAMES)];
        return leaf == null ? 0 : leaf.entries[(int) (gfn % LEAF_FRAMES)];
    }

    /** Only this thread can make a count of one larger, so reading it without the lock errs on the safe side. */
    private boolean exclusive(long gfn) {
        FrameTable.Leaf leaf = top.leaves[(int) (gfn / LEAF_FRAMES)];
        return top.owners == 1 && leaf != null && leaf.owners == 1;
    }

    /**
     * What the VMM does on a nested page fault: makes the frame readable (the zero frame), or writable (a frame of its own).
     * TLB entries that this outdates are dropped.
     *
     * @return whether a frame was copied, because others have the one that was there
     * @throws OutOfFramesException
     *             when the host's budget is used up
     * @throws GuestAddressException
     *             outside memory, and where a device is
     */
    public boolean resolve(long gfn, boolean write) {
        if (gfn < 0 || gfn >= guestFrames || devices.contains(gfn)) {
            throw new GuestAddressException(gfn * FRAME_BYTES);
        }
        return make(gfn, write);
    }

    /** The same for any frame, also of storage. */
    boolean make(long gfn, boolean write) {
        FrameTable.Leaf leaf = ownLeaf(gfn);
        int index = (int) (gfn % LEAF_FRAMES);
        long entry = leaf.entries[index];
        long host = entry & ~STATE_MASK;
        boolean copied = false;
        switch ((int) (entry & STATE_MASK)) {
            case ZERO -> {
                if (write) {
                    leaf.entries[index] = pool.allocate() | PRIVATE;
                    drop(host);
                }
            }
            case PRIVATE -> {
                // Owning the leaf was all that was missing.
            }
            case SHARED -> {
                if (write) {
                    long own = unshared(host);
                    copied = own != host;
                    leaf.entries[index] = own | PRIVATE;
                    drop(host);
                }
            }
            default -> leaf.entries[index] = write ? pool.allocate() | PRIVATE : pool.zeroFrame() | ZERO;
        }
        return copied;
    }

    /**
     * Makes a frame that only twins keep from being written one of its own, at once: a nested page fault would do the same and let the
     * instruction begin anew, and be nothing that the guest has caused.
     *
     * @return its host address; 0 for everything else, and when the host has to be asked for memory first: a nested page fault
     */
    long ownForWrite(long gfn) {
        if (gfn < 0 || gfn >= guestFrames || !pool.hasPlenty()) {
            return 0;
        }
        int state = (int) (entry(gfn) & STATE_MASK);
        if (state != PRIVATE && state != SHARED) {
            return 0;
        }
        try {
            owned.owned(gfn, make(gfn, true));
        } catch (OutOfFramesException e) {
            return 0; // others have had the last: the nested page fault tells it
        }
        return hostForWrite(gfn);
    }

    /** Has somebody told of frames that become this memory's own when a processor writes them. */
    public void onFrameOwned(FrameOwnedListener listener) {
        owned = listener;
    }

    /** Whether nothing but this memory leads to the frame that it has there. */
    boolean isOnly(long gfn, long host) {
        return exclusive(gfn) && pool.references(host) == 1;
    }

    /**
     * Takes the place of a frame's own host memory with that of a frame of any memory of the pool that holds the same, or leaves it and
     * lets others take it. Either way the next write to it is a nested page fault that copies it where others have it.
     *
     * @param host
     *            a frame with the same bytes; may be the frame's own
     */
    void share(long gfn, long host) {
        FrameTable.Leaf leaf = ownLeaf(gfn);
        int index = (int) (gfn % LEAF_FRAMES);
        long entry = leaf.entries[index];
        long own = entry & ~STATE_MASK;
        if (own != host) {
            pool.retain(host);
            releaseEntry(entry);
        }
        leaf.entries[index] = host | SHARED;
        drop(own);
    }

    private long unshared(long host) {
        if (pool.references(host) == 1) {
            return host;
        }
        long copy = pool.copyOf(host);
        pool.release(host);
        return copy;
    }

    /** Gives a frame back to the host; the next access is a nested page fault and finds zeros. */
    public void balloon(long gfn) {
        if (gfn < 0 || gfn >= guestFrames) {
            throw new GuestAddressException(gfn * FRAME_BYTES);
        }
        FrameTable.Leaf leaf = ownLeaf(gfn);
        int index = (int) (gfn % LEAF_FRAMES);
        long entry = leaf.entries[index];
        leaf.entries[index] = BALLOONED;
        releaseEntry(entry);
        drop(entry & ~STATE_MASK);
        written(gfn * FRAME_BYTES, FRAME_BYTES);
    }

    private FrameTable.Leaf ownLeaf(long gfn) {
        int slot = (int) (gfn / LEAF_FRAMES);
        ownTop();
        FrameTable.Leaf leaf = top.leaves[slot];
        if (leaf == null) {
            leaf = new FrameTable.Leaf(new long[LEAF_FRAMES]);
            top.leaves[slot] = leaf;
        } else if (leaf.owners > 1) {
            leaf = copyOfLeaf(leaf);
            top.leaves[slot] = leaf;
        }
        return leaf;
    }

    private void ownTop() {
        if (top.owners > 1) {
            synchronized (pool) {
                if (top.owners > 1) {
                    // Who reads without the lock must not find the table its own before it finds the leaves shared.
                    FrameTable own = top.twin();
                    top.owners--;
                    top = own;
                }
            }
        }
    }

    private FrameTable.Leaf copyOfLeaf(FrameTable.Leaf leaf) {
        synchronized (pool) {
            if (leaf.owners == 1) {
                return leaf;
            }
            for (int i = 0; i < LEAF_FRAMES; i++) {
                long entry = leaf.entries[i];
                int state = (int) (entry & STATE_MASK);
                if (state == PRIVATE || state == SHARED) {
                    long host = entry & ~STATE_MASK;
                    pool.retain(host);
                    leaf.entries[i] = host | SHARED;
                }
            }
            leaf.owners--;
            return new FrameTable.Leaf(leaf.entries.clone());
        }
    }

    /** A copy-on-write twin: same contents, no code marks, no handler. The cost does not depend on the size. */
    public GuestMemory fork() {
        synchronized (pool) {
            top.owners++;
        }
        mmus.forEach(Mmu::dropWriteEntries);
        return new GuestMemory(pool, sizeBytes, storageBytes, top);
    }

    /** Becomes a copy-on-write twin of another memory of the same pool and size; what was here is released. */
    public void restore(GuestMemory image) {
        if (image.pool != pool || image.sizeBytes != sizeBytes || image.storageBytes != storageBytes) {
            throw new IllegalArgumentException("memory of another pool or size");
        }
        FrameTable old = top;
        synchronized (pool) {
            image.top.owners++;
            top = image.top;
        }
        release(old);
        image.mmus.forEach(Mmu::dropWriteEntries);
        mmus.forEach(Mmu::flush);
        code.allWritten();
    }

    /** Releases all frames. The memory must not be used again. */
    @Override
    public void close() {
        FrameTable old = top;
        frames = 0;
        top = new FrameTable(0);
        release(old);
        mmus.forEach(Mmu::flush);
    }

    private void release(FrameTable old) {
        synchronized (pool) {
            if (--old.owners > 0) {
                return;
            }
            for (FrameTable.Leaf leaf : old.leaves) {
                if (leaf != null && --leaf.owners == 0) {
                    for (long entry : leaf.entries) {
                        releaseEntry(entry);
                    }
                }
            }
        }
    }

    private void releaseEntry(long entry) {
        int state = (int) (entry & STATE_MASK);
        if (state == PRIVATE || state == SHARED) {
            pool.release(entry & ~STATE_MASK);
        }
    }

    /** Visits the frames that are there (zero, private, shared) in the order of their numbers. */
    public void forEachFrame(FrameVisitor visitor) {
        for (int slot = 0; slot < top.leaves.length; slot++) {
            FrameTable.Leaf leaf = top.leaves[slot];
            for (int i = 0; leaf != null && i < LEAF_FRAMES; i++) {
                long host = leaf.entries[i] & ~STATE_MASK;
                if (host != 0) {
                    visitor.visit((long) slot * LEAF_FRAMES + i, host);
                }
            }
        }
    }

    /**
     * Visits the frames that are not what they were in an earlier twin of this memory, in the order of their numbers. What has
     * not been written since is shared, so the cost follows what has. A frame that was written with what it held counts.
     *
     * @param since
     *            a twin that is still open; null for memory with nothing in it
     */
    public void forEachChange(@Nullable GuestMemory since, FrameVisitor visitor) {
        for (int slot = 0; slot < top.leaves.length; slot++) {
            FrameTable.Leaf leaf = top.leaves[slot];
            FrameTable.Leaf before = since == null ? null : since.top.leaves[slot];
            for (int i = 0; leaf != before && i < LEAF_FRAMES; i++) {
                long entry = leaf == null ? 0 : leaf.entries[i];
                long old = before == null ? 0 : before.entries[i];
                if ((entry & ~STATE_MASK) != (old & ~STATE_MASK) || kind(entry) != kind(old)) {
                    visitor.visit((long) slot * LEAF_FRAMES + i, entry & ~STATE_MASK);
                }
            }
        }
    }

    private static int kind(long entry) {
        int state = (int) (entry & STATE_MASK);
        return state == SHARED ? PRIVATE : state;
    }

    /** Gives a frame the state and contents that it has in a saved memory. */
    public void place(long gfn, FrameState state, byte[] contents) {
        if (gfn < 0 || gfn >= frames) {
            throw new GuestAddressException(gfn * FRAME_BYTES);
        }
        FrameTable.Leaf leaf = ownLeaf(gfn);
        int index = (int) (gfn % LEAF_FRAMES);
        long old = leaf.entries[index];
        leaf.entries[index] = switch (state) {
            case ABSENT -> 0;
            case ZERO -> pool.zeroFrame() | ZERO;
            case BALLOONED -> BALLOONED;
            case PRIVATE, SHARED -> {
                long host = pool.allocate();
                HostMemory.write(host, contents, 0, FRAME_BYTES);
                yield host | PRIVATE;
            }
        };
        releaseEntry(old);
        drop(old & ~STATE_MASK);
        code.written(gfn, 0, FRAME_BYTES);
    }

    /** The pool that the frames come from. */
    public FramePool pool() {
        return pool;
    }

    // Device memory.

    /**
     * From now on a frame number stands for a device: no frame is ever there, so that every access to it is a nested page fault and the
     * TLB never has it. It may lie outside of memory. A mark belongs to this memory, not to its forks.
     */
    public void markDevice(long gfn) {
        if (hostForRead(gfn) != 0) {
            throw new IllegalStateException("memory is in use where a device is to be: frame " + gfn);
        }
        devices.add(gfn);
    }

    /** Whether a device is there. */
    public boolean isDevice(long gfn) {
        return devices.contains(gfn);
    }

    // Accesses by kernels and devices.

    /** Names who resolves nested page faults of the accesses below. CPUs throw {@link NestedFault} instead. */
    public void onNestedFault(NestedFaultHandler newHandler) {
        handler = newHandler;
    }

    @Override
    long readable(long gpa) {
        long gfn = gpa >>> 12;
        long host = hostForRead(gfn);
        if (host == 0) {
            fault(gfn, false);
            host = hostForRead(gfn);
            if (host == 0) {
                throw new GuestAddressException(gpa);
            }
        }
        return host + (gpa & STATE_MASK);
    }

    @Override
    long writable(long gpa) {
        long gfn = gpa >>> 12;
        long host = hostForWrite(gfn);
        if (host == 0) {
            fault(gfn, true);
            host = hostForWrite(gfn);
            if (host == 0) {
                throw new GuestAddressException(gpa);
            }
        }
        return host + (gpa & STATE_MASK);
    }

    private void fault(long gfn, boolean write) {
        if (handler == null) {
            resolve(gfn, write);
        } else {
            handler.resolve(gfn, write);
        }
    }

    // Decoded code.

    /** From now on the listener is told of every write to the frame, by anyone, until {@link #unmarkCode}. */
    public void markCode(long gfn, CodeWriteListener listener) {
        if (code.mark(gfn, listener)) {
            long host = hostForRead(gfn);
            for (Mmu mmu : mmus) {
                mmu.dropWriteEntries(host);
            }
        }
    }

    /** Nothing decoded is left in the frame: writes are not told any more. */
    public void unmarkCode(long gfn) {
        code.unmark(gfn);
    }

    /** Whether the frame holds decoded code. */
    boolean isCode(long gfn) {
        return code.contains(gfn);
    }

    @Override
    void written(long gpa, int length) {
        if (code.contains(gpa >>> 12)) {
            code.written(gpa >>> 12, (int) (gpa & STATE_MASK), length);
        }
        if (watching) {
            watches.accessed(gpa, length, true);
        }
    }

    // Watches: the host's affair, of which the guest sees nothing.

    /**
     * From now on the watch is told of every write to a range, by anyone, and of every load by a processor if asked; a processor's
     * instruction that is about to access it leaves first, by a {@link NestedFault} that says {@code watched}, and is let through with
     * {@link #passWatches}. A watch belongs to this memory, not to its forks.
     *
     * @param bytes
     *            at least 1
     */
    public void watch(long gpa, long bytes, boolean reads, MemoryWatch watch) {
        if (bytes <= 0 || gpa < 0 || gpa > sizeBytes - bytes) {
            throw new GuestAddressException(gpa);
        }
        watching = true;
        watches.add(gpa, gpa + bytes, reads, watch);
        for (long gfn = gpa >>> 12; gfn <= gpa + bytes - 1 >>> 12; gfn++) {
            drop(hostForRead(gfn));
        }
    }

    /** Nothing is told to this watch any more. */
    public void unwatch(MemoryWatch watch) {
        watches.remove(watch);
        watching = !watches.isEmpty();
    }

    /** Whether accesses to watched memory are let through, and told, from now on. */
    public void passWatches(boolean pass) {
        watches.passing = pass;
    }

    /** Whether writes to the frame have to be seen by {@link #watch}. Who writes a frame at its host address asks first. */
    boolean isWatched(long gfn) {
        return watching && watches.holds(gfn);
    }

    /** Whether loads from the frame have to be seen. */
    boolean isWatchedForReads(long gfn) {
        return watching && watches.holdsReads(gfn);
    }

    boolean refuses(long gpa, int bytes, boolean write) {
        return watching && watches.refuses(gpa, bytes, write);
    }

    /** A processor has loaded a range within one frame. */
    void loaded(long gpa, int bytes) {
        if (watching) {
            watches.accessed(gpa, bytes, false);
        }
    }

    void attach(Mmu mmu) {
        mmus.add(mmu);
    }

    private void drop(long host) {
        if (host == 0) {
            return;
        }
        for (Mmu mmu : mmus) {
            mmu.dropEntries(host);
        }
    }
}
