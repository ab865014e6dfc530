package chronovisor.device;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** The I/O port space: gives each access to the device whose range it is in. Ports of nobody read all ones. */
public final class PortBus {

    private record Range(int first, int count, PortDevice device) {
        boolean contains(int port) {
            return port >= first && port < first + count;
        }
    }

    /** Ports that the guest moves; -1 for nowhere. */
    private record Window(IntSupplier first, int count, PortDevice device) {}

    private final List<Range> ranges = new ArrayList<>();
    private final List<Window> windows = new ArrayList<>();

    /** Puts a device at ports {@code first} to {@code first + count - 1}. */
    public void map(int first, int count, PortDevice device) {
        for (Range range : ranges) {
            if (first < range.first + range.count && range.first < first + count) {
                throw new IllegalArgumentException(
                        "two devices at port 0x" + Integer.toHexString(Math.max(first, range.first)));
            }
        }
        ranges.add(new Range(first, count, device));
    }

    /** Puts a device where the guest says; ports that are taken for good are not covered. */
    public void map(IntSupplier first, int count, PortDevice device) {
        windows.add(new Window(first, count, device));
    }

    private @Nullable Range at(int port) {
        for (Range range : ranges) {
            if (range.contains(port)) {
                return range;
            }
        }
        for (Window window : windows) {
            int first = window.first.getAsInt();
            if (first >= 0 && port >= first && port < first + window.count) {
                return new Range(first, window.count, window.device);
            }
        }
        return null;
    }

    /** IN: the value, zero-extended. */
    public int in(int port, int size) {
        Range range = at(port & 0xFFFF);
        if (range != null && (size == 1 || range.device.wide())) {
            int value = range.device.in((port & 0xFFFF) - range.first, size);
            return size == 4 ? value : value & (1 << 8 * size) - 1;
        }
        int value = 0;
        for (int i = size - 1; i >= 0; i--) {
            Range one = at(port + i & 0xFFFF);
            int part = one == null || one.device.wide() ? 0xFF : one.device.in((port + i & 0xFFFF) - one.first, 1);
            value = value << 8 | part & 0xFF;
        }
        return value;
    }

    /** OUT. */
    public void out(int port, int size, int value) {
        Range range = at(port & 0xFFFF);
        if (range != null && (size == 1 || range.device.wide())) {
            range.device.out((port & 0xFFFF) - range.first, size, value);
            return;
        }
        for (int i = 0; i < size; i++) {
            Range one = at(port + i & 0xFFFF);
            if (one != null && !one.device.wide()) {
                one.device.out((port + i & 0xFFFF) - one.first, 1, value >>> 8 * i & 0xFF);
            }
        }
    }

    /** REP OUTSB: a string of bytes to one port. */
    public void outs(int port, byte[] bytes, int from, int length) {
        Range range = at(port & 0xFFFF);
        if (range != null) {
            range.device.outs((port & 0xFFFF) - range.first, bytes, from, length);
        }
    }
}
