package chronovisor.analysis.steps;

import chronovisor.timeline.Symbols;
import java.util.List;

/** Functions of one program by address, as primitive arrays: it is asked once an instruction leaves a function. */
public final class FunctionTable {

    /** No function. */
    public static final FunctionTable EMPTY = new FunctionTable(List.of());

    private final long[] starts;
    private final List<Symbols.Range> ranges;

    private FunctionTable(List<Symbols.Range> ranges) {
        this.ranges = ranges;
        starts = ranges.stream().mapToLong(Symbols.Range::start).toArray();
    }

    /** The functions of a program as it is in the guest. */
    public static FunctionTable of(Symbols symbols) {
        return new FunctionTable(symbols.ranges());
    }

    /** How many there are. */
    public int size() {
        return starts.length;
    }

    /** A function by its index. */
    public Symbols.Range get(int index) {
        return ranges.get(index);
    }

    /** All of them, by address. */
    public List<Symbols.Range> all() {
        return ranges;
    }

    /** The index of the function that an address lies in, or -1. User addresses are positive. */
    public int find(long address) {
        int low = 0;
        int high = starts.length - 1;
        while (low <= high) {
            int middle = low + high >>> 1;
            if (starts[middle] <= address) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high >= 0 && address < ranges.get(high).end() ? high : -1;
    }
}
