package chronovisor.cpu;

import java.util.Arrays;
import java.util.Collection;

/**
 * Linear addresses before whose instructions an engine stops with {@link Exit#BREAKPOINT}: a debugger's breakpoints and probes, of which
 * the guest sees nothing. One set for all cores of a machine.
 *
 * <p>Nothing on the hot path asks: a block ends before such an address, and no jump cache or link ever holds a block that starts there, so
 * that arriving there always goes the slow way. Changing the set makes engines forget what they have linked.
 */
public final class StopAddresses {
    private long[] addresses = {};
    private long generation;

    /** Replaces the set. Between runs only. */
    public void set(Collection<Long> all) {
        addresses = all.stream().mapToLong(Long::longValue).sorted().distinct().toArray();
        generation++;
    }

    /** Changes whenever the set does. */
    public long generation() {
        return generation;
    }

    /** Whether there is none. */
    public boolean isEmpty() {
        return addresses.length == 0;
    }

    /** Whether the instruction at {@code address} is to be stopped at. */
    public boolean contains(long address) {
        return Arrays.binarySearch(addresses, address) >= 0;
    }

    /** Whether there is one in {@code bytes} bytes from {@code from} on. */
    public boolean within(long from, int bytes) {
        int at = Arrays.binarySearch(addresses, from);
        int first = at >= 0 ? at : -at - 1;
        return first < addresses.length && addresses[first] - from >= 0 && addresses[first] - from < bytes;
    }
}
