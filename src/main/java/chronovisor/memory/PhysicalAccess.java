package chronovisor.memory;

import static chronovisor.memory.FramePool.FRAME_BYTES;

/** Accesses to guest-physical memory by kernels, devices and tools, which go frame by frame and may cross them. */
abstract sealed class PhysicalAccess permits GuestMemory {

    private static final long OFFSET = FRAME_BYTES - 1;

    /** Host address of a frame's first byte for reading, or 0: a nested page fault. */
    abstract long hostForRead(long gfn);

    /** Host address of a byte to be read, after the nested page fault that it may take. */
    abstract long readable(long gpa);

    /** Host address of a byte to be written, after the nested page fault that it may take. */
    abstract long writable(long gpa);

    /** A range within one frame has changed. */
    abstract void written(long gpa, int length);

    private static int inPage(long gpa, long left) {
        return (int) Math.min(left, FRAME_BYTES - (gpa & OFFSET));
    }

    /** Reads guest-physical memory. */
    public void read(long gpa, byte[] destination, int offset, int length) {
        for (int done = 0; done < length;) {
            int part = inPage(gpa + done, length - done);
            HostMemory.read(readable(gpa + done), destination, offset + done, part);
            done += part;
        }
    }

    /** Writes guest-physical memory. */
    public void write(long gpa, byte[] source, int offset, int length) {
        for (int done = 0; done < length;) {
            int part = inPage(gpa + done, length - done);
            HostMemory.write(writable(gpa + done), source, offset + done, part);
            written(gpa + done, part);
            done += part;
        }
    }

    /** Sets a range of guest-physical memory to one value. */
    public void fill(long gpa, long length, byte value) {
        for (long done = 0; done < length;) {
            int part = inPage(gpa + done, length - done);
            HostMemory.fill(writable(gpa + done), part, value);
            written(gpa + done, part);
            done += part;
        }
    }

    public byte read8(long gpa) {
        return HostMemory.get8(readable(gpa));
    }

    public void write8(long gpa, byte value) {
        HostMemory.put8(writable(gpa), value);
        written(gpa, 1);
    }

    public int read32(long gpa) {
        if ((gpa & OFFSET) > FRAME_BYTES - 4) {
            return (int) readCrossing(gpa, 4);
        }
        return HostMemory.get32(readable(gpa));
    }

    public void write32(long gpa, int value) {
        if ((gpa & OFFSET) > FRAME_BYTES - 4) {
            writeCrossing(gpa, value, 4);
        } else {
            HostMemory.put32(writable(gpa), value);
            written(gpa, 4);
        }
    }

    public long read64(long gpa) {
        if ((gpa & OFFSET) > FRAME_BYTES - 8) {
            return readCrossing(gpa, 8);
        }
        return HostMemory.get64(readable(gpa));
    }

    /** Eight aligned bytes for who only looks: nothing is resolved, and what is not there reads as zeros. */
    public long peek64(long gpa) {
        long gfn = gpa >>> 12;
        long host = hostForRead(gfn);
        return host == 0 ? 0 : HostMemory.get64(host + (gpa & OFFSET & -8));
    }

    public void write64(long gpa, long value) {
        if ((gpa & OFFSET) > FRAME_BYTES - 8) {
            writeCrossing(gpa, value, 8);
        } else {
            HostMemory.put64(writable(gpa), value);
            written(gpa, 8);
        }
    }

    private long readCrossing(long gpa, int bytes) {
        long value = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            value = value << 8 | read8(gpa + i) & 0xFF;
        }
        return value;
    }

    private void writeCrossing(long gpa, long value, int bytes) {
        for (int i = 0; i < bytes; i++) {
            write8(gpa + i, (byte) (value >>> 8 * i));
        }
    }
}
