package chronovisor.device;

import java.util.ArrayList;
import java.util.List;

/**
 * The device memory of a machine: gives each access to the device whose range it is in. Devices lie at whole pages. What is left of a
 * device's last page reads all ones.
 */
public final class MemoryBus {

    private static final int PAGE_SHIFT = 12;

    private record Range(long first, int bytes, MemoryDevice device) {
        boolean holds(long gpa, int size) {
            return gpa >= first && gpa + size <= first + bytes;
        }

        long firstPage() {
            return first >>> PAGE_SHIFT;
        }

        long lastPage() {
            return first + bytes - 1 >>> PAGE_SHIFT;
        }
    }

    private final List<Range> ranges = new ArrayList<>();

    /** Puts a device at a page. */
    public void map(long first, int bytes, MemoryDevice device) {
        Range added = new Range(first, bytes, device);
        for (Range range : ranges) {
            if (added.firstPage() <= range.lastPage() && range.firstPage() <= added.lastPage()) {
                throw new IllegalArgumentException("two devices at address 0x" + Long.toHexString(first));
            }
        }
        ranges.add(added);
    }

    /** The numbers of all pages that have a device. */
    public long[] pages() {
        return ranges.stream().flatMapToLong(
                range -> java.util.stream.LongStream.rangeClosed(range.firstPage(), range.lastPage())).toArray();
    }

    /** Reads 1 to 8 bytes; what has no size of a register is read byte by byte. */
    public long read(long gpa, int size) {
        if (Integer.bitCount(size) == 1) {
            for (Range range : ranges) {
                if (range.holds(gpa, size)) {
                    return range.device.read((int) (gpa - range.first), size);
                }
            }
        }
        long value = 0;
        for (int i = size - 1; i >= 0; i--) {
            value = value << 8 | (size == 1 ? 0xFF : read(gpa + i, 1) & 0xFF);
        }
        return value;
    }

    /** Writes 1 to 8 bytes. */
    public void write(long gpa, int size, long value) {
        if (Integer.bitCount(size) == 1) {
            for (Range range : ranges) {
                if (range.holds(gpa, size)) {
                    range.device.write((int) (gpa - range.first), size, value);
                    return;
                }
            }
        }
        for (int i = 0; i < size && size > 1; i++) {
            write(gpa + i, 1, value >>> 8 * i & 0xFF);
        }
    }
}
