package chronovisor.vmm;

import chronovisor.memory.GuestMemory;
import chronovisor.memory.HostMemory;
import chronovisor.memory.MemoryWatch;
import chronovisor.memory.PageTables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Watches a linear range: the bytes where they are now, and the page-table entries that say so. When an entry changes, it looks where the
 * bytes are then.
 */
final class LinearWatch implements Stops.Registration {

    private static final int PAGE_BYTES = 4096;
    private static final int ENTRY_BYTES = 8;

    private final VirtualMachine vm;
    private final long root;
    private final long address;
    private final int bytes;
    private final boolean reads;
    private final Stops.Watchpoint handler;
    private final List<Stops.Registration> data = new ArrayList<>();
    private final MemoryWatch tables = (gpa, length, write) -> tableWritten();
    private long[] pages = {};
    private final List<Long> entries = new ArrayList<>();
    private byte @Nullable [] contents;
    private boolean closed;

    LinearWatch(VirtualMachine vm, long root, long address, int bytes, boolean reads, Stops.Watchpoint handler) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("a watch of " + bytes + " bytes");
        }
        this.vm = vm;
        this.root = root;
        this.address = address;
        this.bytes = bytes;
        this.reads = reads;
        this.handler = handler;
        place();
        contents = read();
    }

    /** Watches where the range is now. */
    private void place() {
        pages = physicalPages();
        for (int i = 0; i < pages.length; i++) {
            long page = (address & -PAGE_BYTES) + (long) i * PAGE_BYTES;
            for (long entry : entriesOf(page)) {
                entries.add(entry);
                vm.memory().watch(entry, ENTRY_BYTES, false, tables);
            }
            if (pages[i] >= 0) {
                long from = Math.max(address, page);
                long to = Math.min(address + bytes, page + PAGE_BYTES);
                data.add(vm.stops().watch(pages[i] + (from - page), to - from, reads, this::dataAccessed));
            }
        }
    }

    private void lift() {
        data.forEach(Stops.Registration::close);
        data.clear();
        entries.clear();
        vm.memory().unwatch(tables);
    }

    /** The entries of all levels that lead to a page, as far as there are any. */
    private List<Long> entriesOf(long page) {
        List<Long> found = new ArrayList<>();
        GuestMemory memory = vm.memory();
        long table = root & PageTables.ADDRESS;
        for (int shift = 39; shift >= 12; shift -= 9) {
            long entryAddress = table + (page >>> shift - 3 & 0xFF8);
            if (entryAddress > memory.sizeBytes() - ENTRY_BYTES) {
                return found;
            }
            found.add(entryAddress);
            long host = memory.hostForRead(entryAddress >>> 12);
            long entry = host == 0 ? 0 : HostMemory.get64(host + (entryAddress & PAGE_BYTES - 1));
            if ((entry & PageTables.PRESENT) == 0 || (entry & PageTables.LARGE) != 0) {
                return found;
            }
            table = entry & PageTables.ADDRESS;
        }
        return found;
    }

    private long[] physicalPages() {
        long first = address & -PAGE_BYTES;
        long last = address + bytes - 1 & -PAGE_BYTES;
        long[] found = new long[(int) ((last - first) / PAGE_BYTES) + 1];
        for (int i = 0; i < found.length; i++) {
            Long physical = PageTables.physical(vm.memory(), root, first + (long) i * PAGE_BYTES);
            found[i] = physical == null || physical >= vm.memory().sizeBytes() ? -1 : physical;
        }
        return found;
    }

    /** The bytes, or null where some are not mapped. */
    private byte @Nullable [] read() {
        byte[] now = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            long at = address + i;
            long page = pages[(int) ((at & -PAGE_BYTES) - (address & -PAGE_BYTES)) / PAGE_BYTES];
            long host = page < 0 ? 0 : vm.memory().hostForRead(page >>> 12);
            if (page < 0) {
                return null;
            }
            now[i] = host == 0 ? 0 : HostMemory.get8(host + (at & PAGE_BYTES - 1));
        }
        return now;
    }

    private boolean dataAccessed(Core core, long gpa, int length, boolean write) {
        if (write) {
            contents = read();
        }
        return handler.accessed(core, gpa, length, write);
    }

    private void tableWritten() {
        // Most writes are accessed and dirty bits, which move nothing.
        if (closed || Arrays.equals(physicalPages(), pages) && sameEntries()) {
            return;
        }
        byte[] before = contents;
        lift();
        place();
        byte[] now = read();
        contents = now;
        // Mapped anew: told where the bytes differ. Bytes that vanish or come are no write of theirs until they are accessed.
        if (before != null && now != null && !Arrays.equals(before, now)) {
            vm.stops().told(handler, pages[0] + (address & PAGE_BYTES - 1), bytes);
        }
    }

    /** Whether the walk still goes through the entries that are watched: another table may lead to the same page. */
    private boolean sameEntries() {
        List<Long> now = new ArrayList<>();
        for (int i = 0; i < pages.length; i++) {
            now.addAll(entriesOf((address & -PAGE_BYTES) + (long) i * PAGE_BYTES));
        }
        return now.equals(entries);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            lift();
        }
    }
}
