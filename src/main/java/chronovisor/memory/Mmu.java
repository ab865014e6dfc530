package chronovisor.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * One core's memory management: a software TLB before a page walk. Accesses are by linear address at the current privilege
 * and throw {@link GuestPageFault}, {@link GuestCanonicalFault} or {@link NestedFault} with nothing changed.
 *
 * <pre>
 *   TLB entry, 32 bytes off-heap:  read tag | write tag | addend (host minus linear) | unused
 * </pre>
 *
 * A tag is a page's linear address, or -1. {@code ((va + size - 1) & -4096) == tag} holds for an access within that page
 * only, so one compare catches misses, missing rights and page crossing.
 */
public final class Mmu {

    private static final int ENTRIES = 1024;
    /** A page is so many bits of an address. */
    public static final int PAGE_SHIFT = 12;

    /** A TLB entry is so many bits of an address. */
    public static final int ENTRY_SHIFT = 5;

    /** The bits of {@code va >>> PAGE_SHIFT - ENTRY_SHIFT} that are an entry's distance from the set. */
    public static final long INDEX_MASK = (ENTRIES - 1L) << ENTRY_SHIFT;

    /** Offset in an entry of the write tag; the read tag comes first. */
    public static final int WRITE_TAG = 8;

    /** Offset in an entry of what is added to a linear address to make it the host's. */
    public static final int ADDEND = 16;

    private static final long PAGE = -4096L;
    private static final long NO_TAG = -1;

    private static final int EXECUTE_ENTRIES = 256;
    private static final int CHANGES_MAX = 64;
    private static final long CR0_WP = 1L << 16;
    private static final long CR0_PG = 1L << 31;
    private static final long EFER_NXE = 1L << 11;

    private final GuestMemory memory;
    private final Tlb tlb = new Tlb();
    private final MemorySegment copied = Arena.ofAuto().allocate(32, 64);
    private final long[] executeTags = new long[2 * EXECUTE_ENTRIES];
    private final long[] executePages = new long[2 * EXECUTE_ENTRIES];
    private final GuestPageFault pageFault = new GuestPageFault();
    private final NestedFault nestedFault = new NestedFault();
    private final GuestCanonicalFault canonicalFault = new GuestCanonicalFault();
    private final PageWalk walk;

    private long set = tlb.set(false);
    /** The address that was last to be written and could not at once. */
    private long reached;
    private boolean largeFilled;
    private boolean paging;
    private final long[] changes = new long[CHANGES_MAX];
    private int changeCount;
    private boolean allChanged = true;
    private @Nullable AccessWatch watch;
    private @Nullable ShadowPages shadow;
    private @Nullable DeviceWindow window;

    public Mmu(GuestMemory memory) {
        this.memory = memory;
        this.walk = new PageWalk(memory, pageFault, nestedFault);
        memory.attach(this);
        flush();
    }

    /** From now on accesses of pages that the shadow page table lacks are nested faults, which enter them there. */
    public void shadow(ShadowPages pages) {
        shadow = pages;
        flush();
    }

    /**
     * From now on loads and stores of device memory go through a window; with null they are nested page faults again, as fetches and walks
     * always are.
     */
    public void open(@Nullable DeviceWindow devices) {
        window = devices;
    }

    /** Whether device memory can be accessed now, so that accesses have to be made one by one. */
    public boolean isOpen() {
        return window != null;
    }

    /** The guest-physical memory below. */
    public GuestMemory memory() {
        return memory;
    }

    // For caches of translateExecute: what has been dropped since they last looked.

    /** Whether any translation that was given may not hold any more. */
    public boolean changed() {
        return allChanged || changeCount > 0;
    }

    /** Whether all may have changed, and not only {@link #changedPage}s. */
    public boolean allChanged() {
        return allChanged;
    }

    /** How many single pages may have changed. */
    public int changedPages() {
        return changeCount;
    }

    /** Linear address of the {@code i}th page that may have changed. */
    public long changedPage(int i) {
        return changes[i];
    }

    /** The cache has looked. */
    public void settled() {
        changeCount = 0;
        allChanged = false;
    }

    private void change(long va) {
        if (changeCount == CHANGES_MAX) {
            allChanged = true;
        } else {
            changes[changeCount++] = va & PAGE;
        }
    }

    // The hot path: tiny, so that it is inlined everywhere; what misses goes to the methods at the end.

    /** Host address of the TLB's entries for the current privilege: for translated code, which does the check itself. */
    public long set() {
        return set;
    }

    private long entry(long va) {
        return set + (va >>> 12 - ENTRY_SHIFT & INDEX_MASK);
    }

    public byte load8(long va) {
        long entry = entry(va);
        if ((va & PAGE) == HostMemory.get64(entry)) {
            return HostMemory.get8(va + HostMemory.get64(entry + ADDEND));
        }
        return (byte) loadSlow(va, 1);
    }

    public short load16(long va) {
        long entry = entry(va);
        if ((va + 1 & PAGE) == HostMemory.get64(entry)) {
            return HostMemory.get16(va + HostMemory.get64(entry + ADDEND));
        }
        return (short) loadSlow(va, 2);
    }

    public int load32(long va) {
        long entry = entry(va);
        if ((va + 3 & PAGE) == HostMemory.get64(entry)) {
            return HostMemory.get32(va + HostMemory.get64(entry + ADDEND));
        }
        return (int) loadSlow(va, 4);
    }

    public long load64(long va) {
        long entry = entry(va);
        if ((va + 7 & PAGE) == HostMemory.get64(entry)) {
            return HostMemory.get64(va + HostMemory.get64(entry + ADDEND));
        }
        return loadSlow(va, 8);
    }

    /** Host address of a byte whose page is in the TLB to be read; 0 when it is not. */
    public long hostToRead(long va) {
        long entry = entry(va);
        return (va & PAGE) == HostMemory.get64(entry) ? va + HostMemory.get64(entry + ADDEND) : 0;
    }

    /** Host address of a byte whose page is in the TLB to be written: it can be without anybody being told. 0 when it is not. */
    public long hostToWrite(long va) {
        long entry = entry(va);
        return (va & PAGE) == HostMemory.get64(entry + WRITE_TAG) ? va + HostMemory.get64(entry + ADDEND) : 0;
    }

    public void store8(long va, byte value) {
        long entry = entry(va);
        if ((va & PAGE) == HostMemory.get64(entry + WRITE_TAG)) {
            HostMemory.put8(va + HostMemory.get64(entry + ADDEND), value);
        } else {
            storeSlow(va, value, 1);
        }
    }

    public void store16(long va, short value) {
        long entry = entry(va);
        if ((va + 1 & PAGE) == HostMemory.get64(entry + WRITE_TAG)) {
            HostMemory.put16(va + HostMemory.get64(entry + ADDEND), value);
        } else {
            storeSlow(va, value, 2);
        }
    }

    public void store32(long va, int value) {
        long entry = entry(va);
        if ((va + 3 & PAGE) == HostMemory.get64(entry + WRITE_TAG)) {
            HostMemory.put32(va + HostMemory.get64(entry + ADDEND), value);
        } else {
            storeSlow(va, value, 4);
        }
    }

    public void store64(long va, long value) {
        long entry = entry(va);
        if ((va + 7 & PAGE) == HostMemory.get64(entry + WRITE_TAG)) {
            HostMemory.put64(va + HostMemory.get64(entry + ADDEND), value);
        } else {
            storeSlow(va, value, 8);
        }
    }

    /**
     * The host address of at most 32 bytes as they are at {@code va}: in place, or a copy where they cannot be reached at once.
     * Good for reading until the next access.
     *
     * @param bytes a multiple of 8
     */
    public long view(long va, int bytes) {
        long entry = entry(va);
        if ((va + bytes - 1 & PAGE) == HostMemory.get64(entry)) {
            return va + HostMemory.get64(entry + ADDEND);
        }
        return copy(va, bytes);
    }

    private long copy(long va, int bytes) {
        long to = copied.address();
        for (int i = 0; i < bytes; i += 8) {
            HostMemory.put64(to + i, load64(va + i));
        }
        return to;
    }

    /** Stores 32 bytes, or raises a fault and stores none. */
    public void store256(long va, long b0, long b1, long b2, long b3) {
        long entry = entry(va);
        if ((va + 31 & PAGE) == HostMemory.get64(entry + WRITE_TAG)) {
            long host = va + HostMemory.get64(entry + ADDEND);
            HostMemory.put64(host, b0);
            HostMemory.put64(host + 8, b1);
            HostMemory.put64(host + 16, b2);
            HostMemory.put64(host + 24, b3);
            return;
        }
        if ((va & ~PAGE) > 4096 - 32) {
            checkAccess(va, 32, PageWalk.WRITE);
        }
        store64(va, b0);
        store64(va + 8, b1);
        store64(va + 16, b2);
        store64(va + 24, b3);
    }

    // Checks and translations.

    /** Raises the fault that reading these bytes would raise. */
    public void checkRead(long va, int bytes) {
        checkAccess(va, bytes, PageWalk.READ);
    }

    /** Raises the fault that writing these bytes would raise, and writes nothing but accessed and dirty bits. */
    public void checkWrite(long va, int bytes) {
        if ((va + bytes - 1 & PAGE) != HostMemory.get64(entry(va) + WRITE_TAG)) {
            checkAccess(va, bytes, PageWalk.WRITE);
        }
    }

    private void checkAccess(long va, int bytes, int access) {
        boolean write = access == PageWalk.WRITE;
        long first = Math.min(bytes, 4096 - (va & ~PAGE));
        reach(va, access);
        walk.guard(walk.gpa, (int) first, write);
        for (long done = first; done < bytes && va + done != 0; done += 4096) {
            reach(va + done, access);
            walk.guard(walk.gpa, (int) Math.min(4096, bytes - done), write);
        }
    }

    /** Guest-physical address of an instruction byte; the frame is there. */
    public long translateExecute(long va) {
        int index = (int) (va >>> 12 & EXECUTE_ENTRIES - 1) + (walk.user ? EXECUTE_ENTRIES : 0);
        if (executeTags[index] == (va & PAGE)) {
            return executePages[index] | va & ~PAGE;
        }
        translate(va, PageWalk.EXECUTE);
        largeFilled |= walk.large;
        executeTags[index] = va & PAGE;
        executePages[index] = walk.gpa & PAGE;
        return walk.gpa;
    }

    /**
     * Guest-physical address of an instruction byte that can be fetched as things are; -1 when the fetch would fault, exit or set an
     * accessed bit. Changes nothing.
     *
     * @param va
     *            canonical
     */
    public long fetched(long va) {
        int index = (int) (va >>> 12 & EXECUTE_ENTRIES - 1) + (walk.user ? EXECUTE_ENTRIES : 0);
        if (executeTags[index] == (va & PAGE)) {
            return executePages[index] | va & ~PAGE;
        }
        ShadowPages pages = shadow;
        if (pages != null && paging && !pages.allows(va, false)) {
            return -1;
        }
        long gpa = paging ? walk.fetched(va) : va;
        return gpa == -1 || memory.hostForRead(gpa >>> 12) == 0 ? -1 : gpa;
    }

    /** Walks, checks that the frame can be accessed, and leaves the result in {@link #walk}. Fills no TLB entry. */
    private long translate(long va, int access) {
        long host = reach(va, access);
        if (host == 0) {
            throw walk.nested(walk.gpa, access == PageWalk.WRITE);
        }
        return host;
    }

    /** The same, but 0 for device memory while the window to it is open. */
    private long reach(long va, int access) {
        if (va << 16 >> 16 != va) {
            canonicalFault.address = va;
            throw canonicalFault;
        }
        if (paging) {
            walk.walk(va, access);
        } else {
            walk.gpa = va;
            walk.writable = true;
            walk.dirty = true;
            walk.large = false;
        }
        long gfn = walk.gpa >>> 12;
        long host = access == PageWalk.WRITE ? memory.hostForWrite(gfn) : memory.hostForRead(gfn);
        if (host == 0 && access == PageWalk.WRITE) {
            reached = va;
            host = memory.ownForWrite(gfn);
        }
        if (host == 0) {
            DeviceWindow devices = window;
            if (devices != null && memory.isDevice(gfn) && devices.isWilling()) {
                return 0;
            }
            throw walk.nested(walk.gpa, access == PageWalk.WRITE);
        }
        ShadowPages pages = shadow;
        if (pages != null && paging && !pages.allows(va, access == PageWalk.WRITE)) {
            pages.miss(va, access == PageWalk.WRITE, walk.writable && walk.dirty, walk.large);
            throw walk.nested(walk.gpa, access == PageWalk.WRITE);
        }
        return host + (va & ~PAGE);
    }

    // The slow path.

    /** Loads 1, 2, 4 or 8 bytes, zero-extended, whatever is in the TLB: what follows a check that has failed. */
    public long loadSlow(long va, int bytes) {
        if (watch != null) {
            watch.accessed(va, bytes, false);
        }
        int first = (int) Math.min(bytes, 4096 - (va & ~PAGE));
        long host = reach(va, PageWalk.READ);
        long gpa = walk.gpa;
        walk.guard(gpa, first, false);
        fill(va, host);
        if (first == bytes) {
            memory.loaded(gpa, bytes);
            return get(host, gpa, bytes);
        }
        long second = reach(va + first, PageWalk.READ);
        walk.guard(walk.gpa, bytes - first, false);
        fill(va + first, second);
        memory.loaded(gpa, first);
        memory.loaded(walk.gpa, bytes - first);
        return get(host, gpa, first) | get(second, walk.gpa, bytes - first) << 8 * first;
    }

    /** Stores 1, 2, 4 or 8 bytes, whatever is in the TLB: what follows a check that has failed. */
    public void storeSlow(long va, long value, int bytes) {
        if (watch != null) {
            watch.accessed(va, bytes, true);
        }
        int first = (int) Math.min(bytes, 4096 - (va & ~PAGE));
        long host = reach(va, PageWalk.WRITE);
        long gpa = walk.gpa;
        walk.guard(gpa, first, true);
        fill(va, host);
        if (first == bytes) {
            put(host, gpa, value, bytes);
            memory.written(gpa, bytes);
            return;
        }
        long second = reach(va + first, PageWalk.WRITE);
        long secondGpa = walk.gpa;
        walk.guard(secondGpa, bytes - first, true);
        fill(va + first, second);
        put(host, gpa, value, first);
        put(second, secondGpa, value >>> 8 * first, bytes - first);
        memory.written(gpa, first);
        memory.written(secondGpa, bytes - first);
    }

    private long get(long host, long gpa, int bytes) {
        DeviceWindow devices = window;
        return host == 0 && devices != null ? devices.load(gpa, bytes) : get(host, bytes);
    }

    private void put(long host, long gpa, long value, int bytes) {
        DeviceWindow devices = window;
        if (host == 0 && devices != null) {
            devices.store(gpa, bytes, value);
        } else {
            put(host, value, bytes);
        }
    }

    private static long get(long host, int bytes) {
        long value = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            value = value << 8 | HostMemory.get8(host + i) & 0xFF;
        }
        return value;
    }

    private static void put(long host, long value, int bytes) {
        for (int i = 0; i < bytes; i++) {
            HostMemory.put8(host + i, (byte) (value >>> 8 * i));
        }
    }

    /** Enters what {@link #translate} found. A page gets a write tag only when a write needs nothing more done. */
    private void fill(long va, long host) {
        long gfn = walk.gpa >>> 12;
        if (host == 0 || watch != null || memory.isWatchedForReads(gfn)) {
            return;
        }
        long entry = entry(va);
        boolean write = walk.writable && walk.dirty && memory.hostForWrite(gfn) != 0 && !memory.isCode(gfn)
                && !memory.isWatched(gfn) && (shadow == null || !paging || shadow.allows(va, true));
        tlb.fill(entry, va, host, write);
        largeFilled |= walk.large;
    }

    // Control state and invalidation.

    /**
     * The control registers or the privilege have changed. Drops translations when anything but the privilege differs.
     *
     * @param user
     *            whether the current privilege level is 3
     */
    public void context(long cr0, long cr3, long cr4, long efer, boolean user) {
        boolean newPaging = (cr0 & CR0_PG) != 0;
        boolean newWriteProtect = (cr0 & CR0_WP) != 0;
        boolean newNoExecute = (efer & EFER_NXE) != 0;
        if (newPaging != paging || newWriteProtect != walk.writeProtect || newNoExecute != walk.noExecute
                || cr3 != walk.cr3) {
            paging = newPaging;
            walk.writeProtect = newWriteProtect;
            walk.noExecute = newNoExecute;
            walk.cr3 = cr3;
            flush();
            if (shadow != null) {
                shadow.clear();
            }
        }
        if (user != walk.user) {
            walk.user = user;
            allChanged = true;
            chooseSet();
        }
    }

    private void chooseSet() {
        set = watch != null ? Tlb.emptySet() : tlb.set(walk.user);
    }

    /** From now on {@code watcher} sees every load and store, or, with null, none does. Checks and translations are not accesses. */
    public void watch(@Nullable AccessWatch watcher) {
        watch = watcher;
        chooseSet();
    }

    /**
     * Loads 1, 2, 4 or 8 bytes as the processor reads its own tables: with the rights of the supervisor, whatever the privilege, and
     * unseen by a watch. Little endian, zero-extended.
     */
    public long loadSystem(long va, int bytes) {
        boolean user = walk.user;
        walk.user = false;
        try {
            int first = (int) Math.min(bytes, 4096 - (va & ~PAGE));
            long value = get(translate(va, PageWalk.READ), first);
            return first == bytes
                    ? value
                    : value | get(translate(va + first, PageWalk.READ), bytes - first) << 8 * first;
        } finally {
            walk.user = user;
        }
    }

    /** Raises what storing as in {@link #loadSystem} would raise, then stores. */
    public void storeSystem(long va, long value, int bytes) {
        boolean user = walk.user;
        walk.user = false;
        try {
            checkAccess(va, bytes, PageWalk.WRITE);
            for (int i = 0; i < bytes; i++) {
                HostMemory.put8(translate(va + i, PageWalk.WRITE), (byte) (value >>> 8 * i));
                memory.written(walk.gpa, 1);
            }
        } finally {
            walk.user = user;
        }
    }

    /** INVLPG: drops what is known of one page. Large pages are kept in pieces of 4 KiB, so this drops all. */
    public void invalidate(long va) {
        if (largeFilled) {
            flush();
            return;
        }
        tlb.invalidate(va);
        int index = (int) (va >>> 12 & EXECUTE_ENTRIES - 1);
        executeTags[index] = NO_TAG;
        executeTags[index + EXECUTE_ENTRIES] = NO_TAG;
        change(va);
    }

    /** Drops all translations. */
    public void flush() {
        tlb.flush();
        largeFilled = false;
        java.util.Arrays.fill(executeTags, NO_TAG);
        allChanged = true;
    }

    /** After a fork: every page has to be looked at again before it is written. */
    void dropWriteEntries() {
        tlb.dropWriteEntries();
    }

    /** A frame now holds decoded code. */
    void dropWriteEntries(long hostPage) {
        tlb.dropWriteEntries(hostPage);
    }

    /** A guest frame number has got another frame. */
    void dropEntries(long hostPage) {
        // Mostly it is the page that is being written.
        tlb.dropEntries(hostPage, reached);
    }
}
