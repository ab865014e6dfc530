package chronovisor.memory;

import org.jspecify.annotations.Nullable;

/**
 * Edits and reads 4-level page tables in guest memory, for kernels and tools. Who edits tables in use also calls
 * {@link Mmu#invalidate} or {@link Mmu#flush}.
 */
public final class PageTables {

    /** Entry bits, SDM vol. 3, 4.5. */
    public static final long PRESENT = PageWalk.PRESENT;
    public static final long WRITABLE = PageWalk.WRITABLE;
    public static final long USER = PageWalk.USER;
    public static final long ACCESSED = PageWalk.ACCESSED;
    public static final long DIRTY = PageWalk.DIRTY;
    public static final long LARGE = PageWalk.PAGE_SIZE;
    public static final long NO_EXECUTE = PageWalk.NO_EXECUTE;
    /** The bits of an entry that are an address. */
    public static final long ADDRESS = PageWalk.ADDRESS;
    /** Bits that an operating system may use as it likes (9 to 11). */
    public static final long AVAILABLE = 0xE00;

    /**
     * Where a walk ended.
     *
     * @param entryAddress
     *            guest-physical address of the last entry read
     * @param entry
     *            that entry; not present where nothing is mapped
     * @param pageBytes
     *            size of the page, or of the hole that the missing entry stands for
     * @param rights
     *            WRITABLE and USER where all levels grant it, NO_EXECUTE where one level denies it
     */
    public record Walk(long entryAddress, long entry, long pageBytes, long rights) {

        /** Whether something is mapped. */
        public boolean present() {
            return (entry & PRESENT) != 0;
        }

        /** Guest-physical address that a linear address within the page is translated to. */
        public long physical(long va) {
            return entry & ADDRESS & -pageBytes | va & pageBytes - 1;
        }
    }

    /** Is shown what is mapped, in the order of linear addresses. */
    @FunctionalInterface
    public interface MappingVisitor {

        /** A page of {@code pageBytes} at linear address {@code va}. */
        void visit(long va, Walk mapping);
    }

    private PageTables() {}

    /**
     * Maps a 4 KiB page, replacing what was there.
     *
     * @param flags
     *            entry bits beside the address; PRESENT is added
     * @param tables
     *            gives frames for the tables that are missing
     */
    public static void map(GuestMemory memory, long cr3, long va, long gpa, long flags, FrameSource tables) {
        long table = cr3 & ADDRESS;
        for (int shift = 39; shift > 12; shift -= 9) {
            long address = slot(table, va, shift);
            long entry = memory.read64(address);
            if ((entry & PRESENT) == 0) {
                entry = tables.allocate() | PRESENT | WRITABLE | USER;
                memory.write64(address, entry);
            } else if ((entry & LARGE) != 0) {
                throw new IllegalStateException("a large page is mapped at 0x" + Long.toHexString(va));
            }
            table = entry & ADDRESS;
        }
        memory.write64(slot(table, va, 12), gpa & ADDRESS | flags | PRESENT);
    }

    /** Unmaps a page and returns the entry that was there, 0 when there was none. */
    public static long unmap(GuestMemory memory, long cr3, long va) {
        Walk walk = walk(memory, cr3, va);
        if (walk.entry() == 0) {
            return 0;
        }
        memory.write64(walk.entryAddress(), 0);
        return walk.entry();
    }

    /** Replaces the flags of a mapped page; returns whether one was mapped. */
    public static boolean protect(GuestMemory memory, long cr3, long va, long flags) {
        Walk walk = walk(memory, cr3, va);
        if (walk.pageBytes() != 4096 || walk.entry() == 0) {
            return false;
        }
        memory.write64(walk.entryAddress(), walk.entry() & ADDRESS | flags);
        return true;
    }

    /** Reads the tables for one address; sets no bits, and resolves no frame: who looks must not be seen by the guest. */
    public static Walk walk(GuestMemory memory, long cr3, long va) {
        long table = cr3 & ADDRESS;
        long rights = WRITABLE | USER;
        for (int shift = 39;; shift -= 9) {
            long address = slot(table, va, shift);
            long entry = memory.peek64(address);
            rights = rights & (entry | NO_EXECUTE) | entry & NO_EXECUTE;
            boolean leaf = shift == 12 || (entry & LARGE) != 0;
            if ((entry & PRESENT) == 0 || leaf) {
                return new Walk(address, entry, 1L << shift, rights);
            }
            table = entry & ADDRESS;
        }
    }

    /** Guest-physical address of a linear address, or null when nothing is mapped there. */
    public static @Nullable Long physical(GuestMemory memory, long cr3, long va) {
        Walk walk = walk(memory, cr3, va);
        return walk.present() ? walk.physical(va) : null;
    }

    /** Visits everything that is mapped. */
    public static void forEachMapping(GuestMemory memory, long cr3, MappingVisitor visitor) {
        visit(memory, cr3 & ADDRESS, 39, 0, WRITABLE | USER, visitor);
    }

    private static void visit(GuestMemory memory, long table, int shift, long base, long rights,
            MappingVisitor visitor) {
        for (int i = 0; i < 512; i++) {
            long address = table + 8L * i;
            long entry = memory.peek64(address);
            if ((entry & PRESENT) != 0) {
                long va = (base | (long) i << shift) << 16 >> 16;
                long granted = rights & (entry | NO_EXECUTE) | entry & NO_EXECUTE;
                if (shift == 12 || (entry & LARGE) != 0) {
                    visitor.visit(va, new Walk(address, entry, 1L << shift, granted));
                } else {
                    visit(memory, entry & ADDRESS, shift - 9, va, granted, visitor);
                }
            }
        }
    }

    private static long slot(long table, long va, int shift) {
        return table + (va >>> shift - 3 & 0xFF8);
    }
}
