package chronovisor.kitten.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * An address space as a value: its regions; the page tables that hold the pages are in guest memory at {@code root}.
 *
 * @param id
 *            key in the kernel's table
 * @param root
 *            guest-physical address of the top page table (CR3)
 * @param users
 *            processes that use it (two between vfork and execve)
 * @param regions
 *            start address to region, none overlapping
 * @param heapStart
 *            where the heap begins
 * @param heapEnd
 *            the program break
 * @param mapTop
 *            anonymous mappings are placed below this address
 * @param resident
 *            mapped pages
 * @param futureMarks
 *            marks of regions that are still to be mapped (mlockall(2), MCL_FUTURE)
 */
public record AddressSpace(int id, long root, int users, TreePMap<Long, Region> regions, long heapStart, long heapEnd,
        long mapTop, long resident, int futureMarks) {

    /** First address that user space cannot have. */
    public static final long USER_END = 0x7fff_ffff_f000L;
    /** Lowest address that may be mapped (vm.mmap_min_addr). */
    public static final long USER_START = 0x10000;

    /** A range taken out of an address space: what is left, and the parts that were removed. */
    public record Removal(AddressSpace rest, List<Region> removed) {}

    /** The region that holds an address, or null. */
    public @Nullable Region find(long address) {
        Map.Entry<Long, Region> entry = regions.floorEntry(address);
        return entry != null && entry.getValue().contains(address) ? entry.getValue() : null;
    }

    /** The first region that starts above an address, or null. */
    public @Nullable Region above(long address) {
        Map.Entry<Long, Region> entry = regions.higherEntry(address);
        return entry == null ? null : entry.getValue();
    }

    /** Regions that touch the range, in address order. */
    public List<Region> overlapping(long start, long end) {
        List<Region> found = new ArrayList<>();
        Region first = find(start);
        if (first != null) {
            found.add(first);
        }
        Map.Entry<Long, Region> entry = regions.higherEntry(start);
        while (entry != null && entry.getKey() < end) {
            found.add(entry.getValue());
            entry = regions.higherEntry(entry.getKey());
        }
        return found;
    }

    /** Whether every page of the range is mapped by some region. */
    public boolean covers(long start, long end) {
        long at = start;
        while (at < end) {
            Region region = find(at);
            if (region == null) {
                return false;
            }
            at = region.end();
        }
        return true;
    }

    /** Adds a region where nothing is mapped, joining it with like neighbours. */
    public AddressSpace with(Region region) {
        Region joined = region;
        TreePMap<Long, Region> changed = regions;
        Map.Entry<Long, Region> below = changed.lowerEntry(region.start());
        if (below != null && below.getValue().mergesWith(joined)) {
            joined = below.getValue().at(below.getKey(), joined.end());
        }
        Region next = changed.get(region.end());
        if (next != null && joined.mergesWith(next)) {
            changed = changed.minus(region.end());
            joined = joined.at(joined.start(), next.end());
        }
        return withRegions(changed.plus(joined.start(), joined));
    }

    /** Takes everything out of a range. */
    public Removal without(long start, long end) {
        List<Region> removed = new ArrayList<>();
        TreePMap<Long, Region> changed = regions;
        for (Region region : overlapping(start, end)) {
            changed = changed.minus(region.start());
            if (region.start() < start) {
                Region left = region.part(region.start(), start);
                changed = changed.plus(left.start(), left);
            }
            if (region.end() > end) {
                Region right = region.part(end, region.end());
                changed = changed.plus(right.start(), right);
            }
            removed.add(region.part(Math.max(start, region.start()), Math.min(end, region.end())));
        }
        return new Removal(withRegions(changed), removed);
    }

    /** The highest free range of {@code bytes} below {@link #mapTop}, or -1. */
    public long findFree(long bytes) {
        long top = mapTop;
        Map.Entry<Long, Region> entry = regions.lowerEntry(top);
        while (top - bytes >= USER_START) {
            long floor = entry == null ? USER_START : entry.getValue().end();
            if (top - bytes >= floor && top - bytes >= USER_START) {
                return top - bytes;
            }
            if (entry == null) {
                return -1;
            }
            top = Math.min(top, entry.getKey());
            entry = regions.lowerEntry(entry.getKey());
        }
        return -1;
    }

    /** Whether the range is free and inside user space. */
    public boolean isFree(long start, long end) {
        return start >= USER_START && end <= USER_END && start < end && overlapping(start, end).isEmpty();
    }

    /** Mapped bytes of all regions. */
    public long mapped_bytes() {
        long total = 0;
        for (Region region : regions.values()) {
            total += region.bytes();
        }
        return total;
    }

    /** Bytes of the regions that are locked. */
    public long locked_bytes() {
        long total = 0;
        for (Region region : regions.values()) {
            total += region.marked(Region.LOCKED) ? region.bytes() : 0;
        }
        return total;
    }

    public AddressSpace withRegions(TreePMap<Long, Region> changed) {
        return new AddressSpace(id, root, users, changed, heapStart, heapEnd, mapTop, resident, futureMarks);
    }

    public AddressSpace withHeap(long start, long end) {
        return new AddressSpace(id, root, users, regions, start, end, mapTop, resident, futureMarks);
    }

    public AddressSpace withMapTop(long address) {
        return new AddressSpace(id, root, users, regions, heapStart, heapEnd, address, resident, futureMarks);
    }

    public AddressSpace withResident(long pages) {
        return new AddressSpace(id, root, users, regions, heapStart, heapEnd, mapTop, pages, futureMarks);
    }

    public AddressSpace withFutureMarks(int marks) {
        return new AddressSpace(id, root, users, regions, heapStart, heapEnd, mapTop, resident, marks);
    }

    public AddressSpace withUsers(int count) {
        return new AddressSpace(id, root, count, regions, heapStart, heapEnd, mapTop, resident, futureMarks);
    }

}
