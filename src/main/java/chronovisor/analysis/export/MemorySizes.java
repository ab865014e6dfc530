package chronovisor.analysis.export;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** How many bytes of address space each process has mapped, from its regions as they come and go. */
final class MemorySizes {

    private static final class Space {
        /** Ends of regions by their starts; none overlaps or touches another. */
        private final TreeMap<Long, Long> regions = new TreeMap<>();
        private long bytes;

        Space copy() {
            Space copy = new Space();
            copy.regions.putAll(regions);
            copy.bytes = bytes;
            return copy;
        }

        void add(long start, long end) {
            long from = start;
            long to = end;
            remove(start, end);
            Map.Entry<Long, Long> before = regions.floorEntry(start);
            if (before != null && before.getValue() == start) {
                from = before.getKey();
            }
            Long behind = regions.remove(end);
            if (behind != null) {
                to = behind;
            }
            regions.put(from, to);
            bytes += end - start;
        }

        void remove(long start, long end) {
            Map.Entry<Long, Long> at = regions.lowerEntry(end);
            while (at != null && at.getValue() > start) {
                long low = at.getKey();
                long high = at.getValue();
                regions.remove(low);
                bytes -= Math.min(high, end) - Math.max(low, start);
                if (low < start) {
                    regions.put(low, start);
                }
                if (high > end) {
                    regions.put(end, high);
                }
                at = regions.lowerEntry(end);
            }
        }
    }

    private final Map<Integer, Space> spaces = new HashMap<>();

    private Space of(int process) {
        return spaces.computeIfAbsent(process, _ -> new Space());
    }

    /** A region is there now. */
    void map(int process, long start, long end) {
        if (start < end) {
            of(process).add(start, end);
        }
    }

    /** Nothing is there any more. */
    void unmap(int process, long start, long end) {
        if (start < end) {
            of(process).remove(start, end);
        }
    }

    /** A process begins with what its parent has. */
    void fork(int parent, int child) {
        spaces.put(child, of(parent).copy());
    }

    /** A process has ended, or begins with another program. */
    void forget(int process) {
        spaces.remove(process);
    }

    long bytes(int process) {
        return of(process).bytes;
    }
}
