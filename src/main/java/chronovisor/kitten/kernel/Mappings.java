package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.FileMode;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.memory.PageTable;
import chronovisor.kitten.memory.Protection;
import chronovisor.kitten.memory.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.pcollections.TreePMap;

/** Changes of address spaces: mapping, unmapping, protecting, moving, copying, destroying. */
public final class Mappings {

    /** Beyond this many pages a whole flush is cheaper than single invalidations. */
    private static final int INVALIDATE_PAGES_MAX = 32;

    private Mappings() {}

    /** Adds a region over a free range. */
    public static void map(Trap t, int spaceId, Region region) {
        t.put(t.space(spaceId).with(region));
        t.observer.memoryMapped(t.core(), t.current(), "map", region.start(), region.end(), region.protection());
    }

    /** Removes whatever is mapped in a range and gives its pages back. */
    public static void unmap(Trap t, int spaceId, long start, long end) {
        AddressSpace.Removal removal = t.space(spaceId).without(start, end);
        if (removal.removed().isEmpty()) {
            return;
        }
        t.put(removal.rest());
        for (Region region : removal.removed()) {
            dropPages(t, spaceId, region.start(), region.end());
        }
        for (Region region : removal.removed()) {
            if (!region.anonymous()) {
                Inodes.collect(t, region.inode());
            }
        }
        t.observer.memoryMapped(t.core(), t.current(), "unmap", start, end, 0);
    }

    /** Gives the pages of a range back; the regions stay and fault new ones in. */
    public static void dropPages(Trap t, int spaceId, long start, long end) {
        AddressSpace space = t.space(spaceId);
        List<Long> dropped = new ArrayList<>();
        PageTable.visit(t.memory(), space.root(), start, end, (address, at, entry) -> {
            t.memory().write64(at, 0);
            t.releaseFrame(PageTable.frame(entry) >>> 12);
            dropped.add(address);
        });
        if (!dropped.isEmpty()) {
            t.put(t.space(spaceId).withResident(space.resident() - dropped.size()));
            flush(t, spaceId, dropped);
        }
    }

    /** Changes the protection of a range that must be mapped throughout. */
    public static void protect(Trap t, int spaceId, long start, long end, int protection) {
        long at = start;
        while (at < end) {
            Region region = t.space(spaceId).find(at);
            if (region == null) {
                throw new LinuxError(Errno.ENOMEM);
            }
            if (region.marked(Region.NEVER_WRITABLE) && (protection & Protection.WRITE) != 0) {
                throw new LinuxError(Errno.EACCES);
            }
            long to = Math.min(end, region.end());
            if (region.protection() != protection) {
                protectPart(t, spaceId, region, at, to, protection);
            }
            at = to;
        }
        t.observer.memoryMapped(t.core(), t.current(), "protect", start, end, protection);
    }

    private static void protectPart(Trap t, int spaceId, Region region, long from, long to, int protection) {
        AddressSpace cut = t.space(spaceId).without(from, to).rest();
        t.put(cut.with(region.part(from, to).withProtection(protection)));
        List<Long> changed = new ArrayList<>();
        PageTable.visit(t.memory(), cut.root(), from, to, (address, at, entry) -> {
            long frame = PageTable.frame(entry);
            boolean writable = region.shared() || t.frameOwners(frame >>> 12) == 1;
            long now = PageTable.entry(frame, protection, writable);
            if (now != entry) {
                t.memory().write64(at, now);
                changed.add(address);
            }
        });
        flush(t, spaceId, changed);
    }

    /** Moves mapped pages to a new range (mremap). Both ranges have regions already or get them from the caller. */
    public static void movePages(Trap t, int spaceId, long from, long bytes, long to) {
        AddressSpace space = t.space(spaceId);
        List<Long> moved = new ArrayList<>();
        List<Long> entries = new ArrayList<>();
        PageTable.visit(t.memory(), space.root(), from, from + bytes, (address, at, entry) -> {
            t.memory().write64(at, 0);
            moved.add(address);
            entries.add(entry);
        });
        for (int i = 0; i < moved.size(); i++) {
            long target = moved.get(i) - from + to;
            t.memory().write64(PageTable.make(t.memory(), space.root(), target, () -> t.allocateFrame() << 12),
                    entries.get(i));
        }
        flush(t, spaceId, moved);
    }

    /** A new, empty address space. */
    public static AddressSpace create(Trap t) {
        long root = t.allocateFrame() << 12;
        AddressSpace space = new AddressSpace(t.nextSpace(), root, 1, TreePMap.empty(), 0, 0,
                0x7fff_f7ff_f000L, 0, 0);
        t.put(space);
        return space;
    }

    /** A copy of an address space; private pages are shared until one of the two writes (fork). */
    public static AddressSpace copy(Trap t, int spaceId) {
        AddressSpace old = t.space(spaceId);
        AddressSpace created = create(t);
        AddressSpace copy = new AddressSpace(created.id(), created.root(), 1, inherited(old), old.heapStart(),
                old.heapEnd(), old.mapTop(), old.resident(), 0);
        t.put(copy);
        List<Long> changed = new ArrayList<>();
        for (Region region : old.regions().values()) {
            if (region.marked(Region.NOT_FORKED | Region.WIPED_ON_FORK)) {
                continue;
            }
            PageTable.visit(t.memory(), old.root(), region.start(), region.end(), (address, at, entry) -> {
                long now = region.shared() ? entry : entry & ~PageTable.WRITABLE;
                if (now != entry) {
                    t.memory().write64(at, now);
                    changed.add(address);
                }
                t.shareFrame(PageTable.frame(entry) >>> 12);
                t.memory().write64(
                        PageTable.make(t.memory(), copy.root(), address, () -> t.allocateFrame() << 12), now);
            });
        }
        flush(t, spaceId, changed);
        long pages = 0;
        for (Region region : old.regions().values()) {
            if (region.marked(Region.NOT_FORKED | Region.WIPED_ON_FORK)) {
                pages += resident(t, old, region);
            }
        }
        AddressSpace counted = t.space(copy.id()).withResident(old.resident() - pages);
        t.put(counted);
        return counted;
    }

    /** The regions that a child gets; what is locked for the parent is not for the child. */
    private static TreePMap<Long, Region> inherited(AddressSpace old) {
        TreePMap<Long, Region> regions = old.regions();
        for (Region region : old.regions().values()) {
            if (region.marked(Region.NOT_FORKED)) {
                regions = regions.minus(region.start());
            } else if (region.marked(Region.LOCKED)) {
                regions = regions.plus(region.start(),
                        region.withMarks(region.marks() & ~(Region.LOCKED | Region.LOCKED_ON_FAULT)));
            }
        }
        return regions;
    }

    /** How many pages of a region are mapped. */
    public static long resident(Trap t, AddressSpace space, Region region) {
        long[] pages = {0};
        PageTable.visit(t.memory(), space.root(), region.start(), region.end(), (address, at, entry) -> pages[0]++);
        return pages[0];
    }

    /** Changes the marks of what is mapped in a range; holes are passed over. */
    public static void mark(Trap t, int spaceId, long start, long end, IntUnaryOperator change) {
        for (Region region : t.space(spaceId).overlapping(start, end)) {
            int marks = change.applyAsInt(region.marks());
            if (marks != region.marks()) {
                long from = Math.max(start, region.start());
                long to = Math.min(end, region.end());
                AddressSpace cut = t.space(spaceId).without(from, to).rest();
                t.put(cut.with(region.part(from, to).withMarks(marks)));
            }
        }
    }

    /** One user less; the last one takes everything with it. */
    public static void release(Trap t, int spaceId) {
        AddressSpace space = t.space(spaceId);
        if (space.users() > 1) {
            t.put(space.withUsers(space.users() - 1));
            return;
        }
        PageTable.visit(t.memory(), space.root(), 0, AddressSpace.USER_END,
                (address, at, entry) -> t.releaseFrame(PageTable.frame(entry) >>> 12));
        PageTable.visitTables(t.memory(), space.root(), t::releaseFrame);
        forget(t, space.root());
        t.removeSpace(spaceId);
        for (Region region : space.regions().values()) {
            if (!region.anonymous()) {
                Inodes.collect(t, region.inode());
            }
        }
    }

    /** The next address space may get the same root; a core that still has it in CR3 would not see a difference. */
    private static void forget(Trap t, long root) {
        for (int core = 0; core < t.cores().size(); core++) {
            if (t.machine.addressSpaceOf(core) == root) {
                if (core == t.core()) {
                    t.machine.flush();
                } else {
                    t.machine.shootDown(core);
                }
            }
        }
    }

    /** Makes every core that translates by the address space forget one translation. */
    public static void flush(Trap t, int spaceId, long address) {
        flush(t, spaceId, List.of(address));
    }

    /** A core that has gone idle keeps its CR3 and its TLB: the next thread it gets may be of the same address space. */
    private static void flush(Trap t, int spaceId, List<Long> addresses) {
        if (addresses.isEmpty()) {
            return;
        }
        long root = t.space(spaceId).root();
        for (int core = 0; core < t.cores().size(); core++) {
            if (t.machine.addressSpaceOf(core) != root) {
                continue;
            }
            if (core != t.core()) {
                t.machine.shootDown(core);
            } else if (addresses.size() > INVALIDATE_PAGES_MAX) {
                t.machine.flush();
            } else {
                addresses.forEach(t.machine::invalidate);
            }
        }
    }

    /** How often an inode is attached from its beginning, in all address spaces. */
    public static long attachments(Trap t, long inode) {
        return t.spaces().values().stream().flatMap(space -> space.regions().values().stream())
                .filter(region -> region.inode() == inode && region.offset() == 0).count();
    }

    /** An inode that only mappings hold: what shared anonymous memory is. */
    public static Inode sharedMemory(Trap t, long bytes) {
        Inode inode = Inode.create(t.nextInode(), FileMode.S_IFREG | 0777, 0, 0,
                Inode.Data.EMPTY, t.realtime_ns()).withLinks(0, t.realtime_ns());
        inode = inode.withContent(Inode.Data.EMPTY, bytes, t.realtime_ns());
        t.put(inode);
        return inode;
    }
}
