package chronovisor.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The entries of a software TLB: a set for each privilege, direct-mapped by linear page. {@link Mmu} says what an entry looks like, and reads
 * them at their addresses.
 *
 * <p>Pages of host memory are dropped from it all the time - a frame is written for the first time since a checkpoint, code is decoded - and
 * are mostly in one entry or in none. So it counts.
 */
final class Tlb {
    private static final int ENTRIES = 1024;
    private static final int ENTRY_BYTES = 1 << Mmu.ENTRY_SHIFT;
    private static final long SET_BYTES = (long) ENTRIES * ENTRY_BYTES;
    private static final int HELD_SLOTS = 4096;
    private static final int FILLED_MAX = 256;
    private static final long PAGE = -4096L;
    private static final long NO_TAG = -1;

    /** Always empty, so that every access takes the slow path and is seen: nothing is filled in while there is a watch. */
    private static final MemorySegment EMPTY_SET = Arena.global().allocate(SET_BYTES, 64).fill((byte) -1);

    private final MemorySegment sets = Arena.ofAuto().allocate(2 * SET_BYTES, 64).fill((byte) -1);
    private final long supervisor = sets.address();
    private final long end = supervisor + 2 * SET_BYTES;

    /** How many entries there are for host pages, each counted where its address says. */
    private final short[] held = new short[HELD_SLOTS];

    /** The entries filled since all were dropped, to drop them one by one: a task that has just been switched to has filled few. */
    private final long[] filled = new long[FILLED_MAX];
    private int filledCount;

    /** Address of a privilege's set. */
    long set(boolean user) {
        return user ? supervisor + SET_BYTES : supervisor;
    }

    /** Address of the set that has no entries. */
    static long emptySet() {
        return EMPTY_SET.address();
    }

    /** Enters a page: reads of it, and writes if {@code write}, go to {@code host}. */
    void fill(long entry, long va, long host, boolean write) {
        forget(entry);
        HostMemory.put64(entry, va & PAGE);
        HostMemory.put64(entry + Mmu.WRITE_TAG, write ? va & PAGE : NO_TAG);
        HostMemory.put64(entry + Mmu.ADDEND, host - va);
        held[slot(host)]++;
        if (filledCount < FILLED_MAX) {
            filled[filledCount] = entry;
        }
        filledCount = Math.min(filledCount + 1, FILLED_MAX + 1);
    }

    private void forget(long entry) {
        long tag = HostMemory.get64(entry);
        if (tag != NO_TAG) {
            held[slot(tag + HostMemory.get64(entry + Mmu.ADDEND))]--;
            HostMemory.put64(entry, NO_TAG);
            HostMemory.put64(entry + Mmu.WRITE_TAG, NO_TAG);
        }
    }

    private static int slot(long host) {
        return (int) (host >>> Mmu.PAGE_SHIFT) & HELD_SLOTS - 1;
    }

    /** Drops a linear page. */
    void invalidate(long va) {
        long offset = offset(va);
        forget(supervisor + offset);
        forget(supervisor + SET_BYTES + offset);
    }

    private static long offset(long va) {
        return va >>> Mmu.PAGE_SHIFT - Mmu.ENTRY_SHIFT & Mmu.INDEX_MASK;
    }

    /** Drops everything. */
    void flush() {
        if (filledCount > FILLED_MAX) {
            sets.fill((byte) -1);
            Arrays.fill(held, (short) 0);
        } else {
            for (int i = 0; i < filledCount; i++) {
                forget(filled[i]);
            }
        }
        filledCount = 0;
    }

    /** After a fork: every page has to be looked at again before it is written. */
    void dropWriteEntries() {
        for (long entry = supervisor; entry < end; entry += ENTRY_BYTES) {
            HostMemory.put64(entry + Mmu.WRITE_TAG, NO_TAG);
        }
    }

    /** A frame has to be looked at again before it is written. */
    void dropWriteEntries(long hostPage) {
        int left = held[slot(hostPage)];
        for (long entry = supervisor; left > 0 && entry < end; entry += ENTRY_BYTES) {
            if (holds(entry, hostPage)) {
                HostMemory.put64(entry + Mmu.WRITE_TAG, NO_TAG);
                left--;
            }
        }
    }

    /**
     * A guest frame number has got another frame.
     *
     * @param va where it is likely to be
     */
    void dropEntries(long hostPage, long va) {
        long offset = offset(va);
        drop(supervisor + offset, hostPage);
        drop(supervisor + SET_BYTES + offset, hostPage);
        int slot = slot(hostPage);
        for (long entry = supervisor; held[slot] > 0 && entry < end; entry += ENTRY_BYTES) {
            drop(entry, hostPage);
        }
    }

    private void drop(long entry, long hostPage) {
        if (holds(entry, hostPage)) {
            forget(entry);
        }
    }

    private static boolean holds(long entry, long hostPage) {
        long tag = HostMemory.get64(entry);
        return tag != NO_TAG && tag + HostMemory.get64(entry + Mmu.ADDEND) == hostPage;
    }
}
