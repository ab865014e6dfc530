package chronovisor.kitten.memory;

import chronovisor.memory.FrameSource;
import chronovisor.memory.GuestMemory;

/**
 * The kernel's own walk of 4-level page tables in guest memory (SDM vol. 3, 4.5): entries are read and written where the
 * processor reads them. An entry with {@link #HELD} is not present for the processor but keeps its frame: a page whose
 * protection allows nothing.
 */
public final class PageTable {

    public static final long PRESENT = 1;
    public static final long WRITABLE = 2;
    public static final long USER = 4;
    public static final long ACCESSED = 0x20;
    public static final long DIRTY = 0x40;
    /** Software bit: the frame is ours although the page is not present. */
    public static final long HELD = 0x200;
    public static final long NO_EXECUTE = 1L << 63;

    private static final long FRAME = 0x000f_ffff_ffff_f000L;
    private static final long TABLE_FLAGS = PRESENT | WRITABLE | USER | ACCESSED;

    /** Sees entries that are not empty. */
    @FunctionalInterface
    public interface Visitor {
        /** An entry for the page at {@code address}, stored at guest-physical {@code entryAddress}. */
        void entry(long address, long entryAddress, long entry);
    }

    /** Sees the frames of page tables. */
    @FunctionalInterface
    public interface TableVisitor {
        /** A table in this frame. */
        void table(long gfn);
    }

    private PageTable() {}

    /** Guest-physical address of the frame an entry names. */
    public static long frame(long entry) {
        return entry & FRAME;
    }

    /** Where the entry for an address is stored, or 0 when there is no table for it. */
    public static long find(GuestMemory memory, long root, long address) {
        long table = root;
        for (int shift = 39; shift > 12; shift -= 9) {
            long entry = memory.read64(table + index(address, shift) * 8);
            if ((entry & PRESENT) == 0) {
                return 0;
            }
            table = entry & FRAME;
        }
        return table + index(address, 12) * 8;
    }

    /** Where the entry for an address is stored; missing tables are made. */
    public static long make(GuestMemory memory, long root, long address, FrameSource tables) {
        long table = root;
        for (int shift = 39; shift > 12; shift -= 9) {
            long at = table + index(address, shift) * 8;
            long entry = memory.read64(at);
            if ((entry & PRESENT) == 0) {
                entry = tables.allocate() | TABLE_FLAGS;
                memory.write64(at, entry);
            }
            table = entry & FRAME;
        }
        return table + index(address, 12) * 8;
    }

    /** The entry of a page with these region protections in the given frame. */
    public static long entry(long gpa, int protection, boolean writableNow) {
        if ((protection & Protection.ALL) == 0) {
            return gpa | HELD;
        }
        return gpa | PRESENT | USER | ACCESSED | ((protection & Protection.EXECUTE) == 0 ? NO_EXECUTE : 0)
                | (writableNow && (protection & Protection.WRITE) != 0 ? WRITABLE | DIRTY : 0);
    }

    /** Visits all entries of a range that are not empty, in address order; tables that are missing are skipped. */
    public static void visit(GuestMemory memory, long root, long start, long end, Visitor visitor) {
        visit(memory, root, 39, 0, start, end, visitor);
    }

    private static void visit(GuestMemory memory, long table, int shift, long base, long start, long end,
            Visitor visitor) {
        long span = 1L << shift;
        long first = Math.max(0, start - base) >>> shift;
        for (long i = first; i < 512; i++) {
            long address = base + i * span;
            if (address >= end) {
                return;
            }
            long at = table + i * 8;
            long entry = memory.read64(at);
            if (entry == 0) {
                continue;
            }
            if (shift == 12) {
                visitor.entry(address, at, entry);
            } else {
                visit(memory, entry & FRAME, shift - 9, address, start, end, visitor);
            }
        }
    }

    /** Visits the frames of all page tables, children before parents, the root last. */
    public static void visitTables(GuestMemory memory, long root, TableVisitor visitor) {
        visitTables(memory, root, 39, visitor);
    }

    private static void visitTables(GuestMemory memory, long table, int shift, TableVisitor visitor) {
        if (shift > 12) {
            for (long i = 0; i < 512; i++) {
                long entry = memory.read64(table + i * 8);
                if ((entry & PRESENT) != 0) {
                    visitTables(memory, entry & FRAME, shift - 9, visitor);
                }
            }
        }
        visitor.table(table >>> 12);
    }

    private static long index(long address, int shift) {
        return (address >>> shift) & 511;
    }
}
