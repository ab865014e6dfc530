package chronovisor.analysis.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** How many values lie between which powers of two; with their count, sum and greatest. */
public final class Histogram {

    private static final int BUCKETS = 64;

    private final long[] buckets = new long[BUCKETS + 1];
    private long count;
    private long sum;
    private long max;

    /** Values from {@code low} on, up to and with {@code high}. */
    public record Bucket(long low, long high, long count) {}

    /** Takes a value that is not negative. */
    void add(long value) {
        buckets[BUCKETS - Long.numberOfLeadingZeros(value)]++;
        count++;
        sum += value;
        max = Math.max(max, value);
    }

    /** How many values there were. */
    public long count() {
        return count;
    }

    /** Their sum. */
    public long sum() {
        return sum;
    }

    /** The greatest; 0 of none. */
    public long max() {
        return max;
    }

    /** The buckets that have values, from the least on. */
    public List<Bucket> buckets() {
        List<Bucket> list = new ArrayList<>();
        for (int i = 0; i < buckets.length; i++) {
            if (buckets[i] > 0) {
                list.add(new Bucket(i == 0 ? 0 : 1L << i - 1, i == 0 ? 0 : (1L << i) - 1, buckets[i]));
            }
        }
        return list;
    }

    @Override
    public String toString() {
        return count + " values, " + Arrays.toString(buckets);
    }
}
