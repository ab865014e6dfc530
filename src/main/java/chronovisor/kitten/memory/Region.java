package chronovisor.kitten.memory;

/**
 * A mapped address range of one kind.
 *
 * @param start
 *            first address, page aligned
 * @param end
 *            first address after it
 * @param protection
 *            {@link Protection} bits
 * @param shared
 *            whether writes are seen by other mappings of the same pages
 * @param growsDown
 *            a stack: grows to lower addresses when touched
 * @param inode
 *            inode it maps, or 0 for anonymous memory
 * @param offset
 *            offset in the inode of {@code start}
 * @param name
 *            what /proc/self/maps shows: a path, {@code [heap]}, {@code [stack]} or nothing
 * @param marks
 *            what else holds for it: {@link #LOCKED} and the others
 */
public record Region(long start, long end, int protection, boolean shared, boolean growsDown, long inode, long offset,
        String name, int marks) {

    /** mlock(2): counted against RLIMIT_MEMLOCK; a child of fork does not inherit it. */
    public static final int LOCKED = 1;
    /** With {@link #LOCKED}: pages count when they are touched (MLOCK_ONFAULT). */
    public static final int LOCKED_ON_FAULT = 2;
    /** A child gets zeros (MADV_WIPEONFORK). */
    public static final int WIPED_ON_FORK = 4;
    /** A child does not get it (MADV_DONTFORK). */
    public static final int NOT_FORKED = 8;
    /** A shared mapping of a file that is not open for writing, or sealed against it: mprotect cannot make it writable. */
    public static final int NEVER_WRITABLE = 16;

    /** A region with no marks. */
    public Region(long start, long end, int protection, boolean shared, boolean growsDown, long inode, long offset,
            String name) {
        this(start, end, protection, shared, growsDown, inode, offset, name, 0);
    }

    /** Whether one of these marks is set. */
    public boolean marked(int any) {
        return (marks & any) != 0;
    }

    public Region withMarks(int changed) {
        return new Region(start, end, protection, shared, growsDown, inode, offset, name, changed);
    }

    public boolean contains(long address) {
        return address >= start && address < end;
    }

    public boolean anonymous() {
        return inode == 0;
    }

    public long bytes() {
        return end - start;
    }

    public boolean allows(int access) {
        return (protection & access) == access;
    }

    /** The part of this region between two addresses inside it. */
    public Region part(long from, long to) {
        return new Region(from, to, protection, shared, growsDown && from == start, inode,
                inode == 0 ? 0 : offset + (from - start), name, marks);
    }

    public Region withProtection(int changed) {
        return new Region(start, end, changed, shared, growsDown, inode, offset, name, marks);
    }

    /** The same mapping at another place. */
    public Region at(long newStart, long newEnd) {
        return new Region(newStart, newEnd, protection, shared, growsDown, inode, offset, name, marks);
    }

    /** Whether {@code next} continues this region with the same properties, so that both are one. */
    public boolean mergesWith(Region next) {
        return end == next.start && protection == next.protection && shared == next.shared
                && growsDown == next.growsDown && inode == next.inode && name.equals(next.name) && marks == next.marks
                && (inode == 0 ? !shared : offset + bytes() == next.offset);
    }
}
