package chronovisor.memory;

import static chronovisor.memory.FramePool.FRAME_BYTES;

/** The storage behind a guest's memory: what its disks hold, in frames that are forked, saved and shared like those of the memory. */
public final class Storage {

    private static final int OFFSET = FRAME_BYTES - 1;

    private final GuestMemory memory;

    /** The storage of a memory. */
    public Storage(GuestMemory memory) {
        this.memory = memory;
    }

    /** Reads bytes, which are zeros where nothing was written. */
    public void read(long offset, byte[] destination, int from, int length) {
        for (int done = 0; done < length;) {
            int inFrame = (int) (offset + done) & OFFSET;
            int part = Math.min(FRAME_BYTES - inFrame, length - done);
            long host = memory.hostOf(frame(offset + done));
            if (host == 0) {
                java.util.Arrays.fill(destination, from + done, from + done + part, (byte) 0);
            } else {
                HostMemory.read(host + inFrame, destination, from + done, part);
            }
            done += part;
        }
    }

    /** Writes bytes. */
    public void write(long offset, byte[] source, int from, int length) {
        for (int done = 0; done < length;) {
            int inFrame = (int) (offset + done) & OFFSET;
            int part = Math.min(FRAME_BYTES - inFrame, length - done);
            long gfn = frame(offset + done);
            memory.make(gfn, true);
            HostMemory.write(memory.hostOf(gfn) + inFrame, source, from + done, part);
            done += part;
        }
    }

    private long frame(long offset) {
        if (offset < 0 || offset >= memory.storageBytes()) {
            throw new IllegalArgumentException("storage at " + offset);
        }
        return (memory.sizeBytes() + offset) / FRAME_BYTES;
    }
}
