package chronovisor.memory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which guest-physical ranges are watched. A frame with a watched range has no write entry in any TLB, and no entry at all when loads are
 * watched, so that every access to it takes the slow path and is looked at here: what a hypervisor does by taking rights from its
 * nested page table.
 */
final class Watches {

    private record Range(long from, long to, boolean reads, MemoryWatch watch) {
        boolean concerns(long gpa, int bytes, boolean write) {
            return (write || reads) && gpa < to && from < gpa + bytes;
        }
    }

    private final List<Range> ranges = new ArrayList<>();

    /** By frame number: whether loads are watched too. */
    private final Map<Long, Boolean> frames = new HashMap<>();

    /** While an instruction is let through, its accesses are told and not refused. */
    boolean passing;

    void add(long from, long to, boolean reads, MemoryWatch watch) {
        ranges.add(new Range(from, to, reads, watch));
        index();
    }

    void remove(MemoryWatch watch) {
        ranges.removeIf(range -> range.watch.equals(watch));
        index();
    }

    private void index() {
        frames.clear();
        for (Range range : ranges) {
            for (long gfn = range.from >>> 12; gfn <= range.to - 1 >>> 12; gfn++) {
                frames.merge(gfn, range.reads, Boolean::logicalOr);
            }
        }
    }

    boolean isEmpty() {
        return ranges.isEmpty();
    }

    boolean holds(long gfn) {
        return frames.containsKey(gfn);
    }

    boolean holdsReads(long gfn) {
        return frames.getOrDefault(gfn, false);
    }

    /** Whether an access that is about to happen has to leave the guest first. */
    boolean refuses(long gpa, int bytes, boolean write) {
        if (!passing && frames.containsKey(gpa >>> 12)) {
            for (Range range : ranges) {
                if (range.concerns(gpa, bytes, write)) {
                    return true;
                }
            }
        }
        return false;
    }

    void accessed(long gpa, int bytes, boolean write) {
        if (frames.containsKey(gpa >>> 12)) {
            // A watch may end itself or move when it is told.
            for (Range range : List.copyOf(ranges)) {
                if (range.concerns(gpa, bytes, write)) {
                    range.watch.accessed(gpa, bytes, write);
                }
            }
        }
    }
}
