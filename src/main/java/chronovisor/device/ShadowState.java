package chronovisor.device;

import java.util.Arrays;

/**
 * What a core's shadow page table holds. It is no device, but state of the machine like theirs.
 *
 * @param entries
 *            in order: a page's number, shifted left by one, and whether it may be written
 * @param large
 *            whether a piece of a large page is among them
 */
public record ShadowState(long[] entries, boolean large) implements DeviceState {

    @Override
    public void writeTo(StateWriter out) {
        out.varint(entries.length);
        long before = 0;
        for (long entry : entries) {
            out.varint(entry - before);
            before = entry;
        }
        out.bool(large);
    }

    static ShadowState read(StateReader in) {
        long[] entries = new long[in.count()];
        long before = 0;
        for (int i = 0; i < entries.length; i++) {
            before += in.varint();
            entries[i] = before;
        }
        return new ShadowState(entries, in.bool());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ShadowState state && large == state.large && Arrays.equals(entries, state.entries);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(entries);
    }
}
