package chronovisor.analysis.coverage;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How often the instruction at each address of a file ran. Kept by page: what never ran takes no room. */
final class Executed {

    private static final int PAGE_BITS = 12;
    private static final int PAGE_MASK = (1 << PAGE_BITS) - 1;

    private final Map<Long, long[]> pages = new HashMap<>();
    private long lastPage = -1;
    private long @Nullable [] last;

    /** The instruction at an address of the file has run. */
    void count(long address) {
        long page = address >> PAGE_BITS;
        long[] counts = last;
        if (counts == null || page != lastPage) {
            counts = pages.computeIfAbsent(page, _ -> new long[1 << PAGE_BITS]);
            last = counts;
            lastPage = page;
        }
        counts[(int) address & PAGE_MASK]++;
    }

    /** How often it has. */
    long at(long address) {
        long[] counts = pages.get(address >> PAGE_BITS);
        return counts == null ? 0 : counts[(int) address & PAGE_MASK];
    }

    /** How often all of them have. */
    long total() {
        long total = 0;
        for (long[] counts : pages.values()) {
            for (long count : counts) {
                total += count;
            }
        }
        return total;
    }
}
