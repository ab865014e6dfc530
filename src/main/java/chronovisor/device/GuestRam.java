package chronovisor.device;

import chronovisor.memory.GuestMemory;
import chronovisor.memory.Storage;

/** A device's own accesses to guest memory. What reaches beyond it, or to where a device is, is refused. */
public final class GuestRam {

    private static final int PAGE_SHIFT = 12;

    private final GuestMemory memory;

    /** Accesses of a machine's memory. */
    public GuestRam(GuestMemory memory) {
        this.memory = memory;
    }

    /** Whether a range is memory. */
    boolean holds(long gpa, long bytes) {
        if (gpa < 0 || bytes < 0 || gpa > memory.sizeBytes() - bytes) {
            return false;
        }
        for (long page = gpa >>> PAGE_SHIFT; bytes > 0 && page <= gpa + bytes - 1 >>> PAGE_SHIFT; page++) {
            if (memory.isDevice(page)) {
                return false;
            }
        }
        return true;
    }

    /** Reads; false when it is refused. */
    boolean read(long gpa, byte[] to, int from, int length) {
        boolean allowed = holds(gpa, length);
        if (allowed) {
            memory.read(gpa, to, from, length);
        }
        return allowed;
    }

    /** Writes; false when it is refused. */
    boolean write(long gpa, byte[] source, int from, int length) {
        boolean allowed = holds(gpa, length);
        if (allowed) {
            memory.write(gpa, source, from, length);
        }
        return allowed;
    }

    /** Storage behind the memory, for disks. */
    Storage storage() {
        return new Storage(memory);
    }
}
