package chronovisor.memory;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A core's shadow page table, by Palacios's VTLB strategy: it holds what the guest has accessed since it changed its address space, as a
 * TLB does, and what it lacks is a shadow page fault. A page is entered read-only while the guest's own entry is not dirty, so that the
 * first write is seen, too.
 *
 * <p>
 * It is machine state: the software TLB forgets as it likes, and asks here whether the guest's core would have had to exit.
 */
public final class ShadowPages {

    private static final int PAGE_SHIFT = 12;

    private final Map<Long, Boolean> writable = new HashMap<>();
    /** A piece of a large page is in it: INVLPG, which drops the whole, drops all. */
    private boolean large;

    // The miss that is being handled.
    private boolean missed;
    private long missAddress;
    private boolean missWrite;
    private boolean missWritable;
    private boolean missLarge;

    /** An empty one. */
    public ShadowPages() {}

    /** Whether an access needs no exit. */
    boolean allows(long va, boolean write) {
        Boolean entry = writable.get(va >>> PAGE_SHIFT);
        return entry != null && (entry || !write);
    }

    /** Notes what an access lacks, until {@link #enter}. */
    void miss(long va, boolean write, boolean mayWrite, boolean inLarge) {
        missed = true;
        missAddress = va;
        missWrite = write;
        missWritable = mayWrite;
        missLarge = inLarge;
    }

    /** Whether the nested fault that was raised last is a shadow page fault, not handled yet. */
    public boolean hasMiss() {
        return missed;
    }

    /** The linear address that was missed. */
    public long missAddress() {
        return missAddress;
    }

    /** Whether it was to be written. */
    public boolean missWrite() {
        return missWrite;
    }

    /** Enters the page that was missed. */
    public void enter() {
        missed = false;
        writable.put(missAddress >>> PAGE_SHIFT, missWritable);
        large |= missLarge;
    }

    /** The guest has changed its address space: nothing holds any more. */
    public void clear() {
        writable.clear();
        large = false;
        missed = false;
    }

    /** INVLPG. */
    public void invalidate(long va) {
        if (large) {
            clear();
        } else {
            writable.remove(va >>> PAGE_SHIFT);
        }
    }

    /** All pages, in order: the page's number, shifted left by one, and whether it may be written. */
    public long[] entries() {
        long[] entries = new long[writable.size()];
        int count = 0;
        for (Map.Entry<Long, Boolean> entry : writable.entrySet()) {
            entries[count++] = entry.getKey() << 1 | (entry.getValue() ? 1 : 0);
        }
        Arrays.sort(entries);
        return entries;
    }

    /** Whether a piece of a large page is in it. */
    public boolean hasLarge() {
        return large;
    }

    /** Becomes what {@link #entries} and {@link #hasLarge} told. */
    public void restore(long[] entries, boolean hasLargePages) {
        clear();
        for (long entry : entries) {
            writable.put(entry >>> 1, (entry & 1) != 0);
        }
        large = hasLargePages;
    }
}
