package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.Inode;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/** The bytes of regular files: pages in guest frames of the kernel memory pool. */
public final class FileData {

    /** Largest file. */
    public static final long SIZE_MAX = 1L << 43;

    private FileData() {}

    /** The frame of a page of a file, or null when the page is a hole. */
    public static @Nullable Long page(Inode inode, long index) {
        return inode.content() instanceof Inode.Data data ? data.pages().get(index) : null;
    }

    /** The frame of a page of a file; a hole gets one. */
    public static long makePage(Trap t, long number, long index) {
        Inode inode = inode(t, number);
        Long have = page(inode, index);
        if (have != null) {
            return have;
        }
        long gfn = t.allocateKernelFrame();
        t.put(inode.withPlace(data(inode).withPages(data(inode).pages().plus(index, gfn)), inode.changed_ns()));
        return gfn;
    }

    /** Reads up to {@code length} bytes at an offset; fewer where the file ends. */
    public static int read(Trap t, Inode inode, long offset, byte[] to, int at, int length) {
        long available = Math.min(length, inode.size() - offset);
        if (available <= 0) {
            return 0;
        }
        int done = 0;
        while (done < available) {
            long position = offset + done;
            int count = (int) Math.min(available - done, 4096 - (position & 4095));
            Long gfn = page(inode, position >>> 12);
            if (gfn == null) {
                java.util.Arrays.fill(to, at + done, at + done + count, (byte) 0);
            } else {
                t.memory().read((gfn << 12) + (position & 4095), to, at + done, count);
            }
            done += count;
        }
        return done;
    }

    /** Writes bytes at an offset, growing the file. Short when the pool is used up after some bytes. */
    public static int write(Trap t, long number, long offset, byte[] from, int at, int length) {
        if (offset > SIZE_MAX - length) {
            throw new LinuxError(Errno.EFBIG);
        }
        Inode inode = inode(t, number);
        requireUnsealed(inode, Inode.Data.WRITE | Inode.Data.FUTURE_WRITE | (offset + length > inode.size()
                ? Inode.Data.GROW
                : 0));
        TreePMap<Long, Long> pages = data(inode).pages();
        int done = 0;
        try {
            while (done < length) {
                long position = offset + done;
                int count = (int) Math.min(length - done, 4096 - (position & 4095));
                Long gfn = pages.get(position >>> 12);
                if (gfn == null) {
                    gfn = t.allocateKernelFrame();
                    pages = pages.plus(position >>> 12, gfn);
                }
                t.memory().write((gfn << 12) + (position & 4095), from, at + done, count);
                done += count;
            }
        } catch (LinuxError e) {
            if (done == 0) {
                throw e;
            }
        }
        t.put(inode.withContent(data(inode).withPages(pages), Math.max(inode.size(), offset + done), t.realtime_ns()));
        return done;
    }

    /** Cuts or extends a file. */
    public static void truncate(Trap t, long number, long size) {
        if (size < 0) {
            throw new LinuxError(Errno.EINVAL);
        }
        if (size > SIZE_MAX) {
            throw new LinuxError(Errno.EFBIG);
        }
        Inode inode = inode(t, number);
        requireUnsealed(inode, size < inode.size()
                ? Inode.Data.SHRINK
                : size > inode.size() ? Inode.Data.GROW : 0);
        TreePMap<Long, Long> pages = data(inode).pages();
        if (size < inode.size()) {
            long keep = (size + 4095) >>> 12;
            Map.Entry<Long, Long> last = pages.isEmpty() ? null : pages.lastEntry();
            while (last != null && last.getKey() >= keep) {
                t.releaseKernelFrame(last.getValue());
                pages = pages.minus(last.getKey());
                last = pages.isEmpty() ? null : pages.lastEntry();
            }
            Long partial = (size & 4095) == 0 ? null : pages.get(size >>> 12);
            if (partial != null) {
                t.memory().fill((partial << 12) + (size & 4095), 4096 - (size & 4095), (byte) 0);
            }
        }
        t.put(inode.withContent(data(inode).withPages(pages), size, t.realtime_ns()));
    }

    /** Makes a range read as zeros and gives whole pages of it back. */
    public static void punch(Trap t, long number, long from, long to) {
        Inode inode = inode(t, number);
        requireUnsealed(inode, Inode.Data.WRITE | Inode.Data.FUTURE_WRITE);
        TreePMap<Long, Long> pages = data(inode).pages();
        long end = Math.min(to, (inode.size() + 4095) & -4096L);
        for (long at = from; at < end;) {
            long next = Math.min(end, (at & -4096L) + 4096);
            Long gfn = pages.get(at >>> 12);
            if (gfn != null && next - at == 4096) {
                t.releaseKernelFrame(gfn);
                pages = pages.minus(at >>> 12);
            } else if (gfn != null) {
                t.memory().fill((gfn << 12) + (at & 4095), next - at, (byte) 0);
            }
            at = next;
        }
        t.put(inode.withContent(data(inode).withPages(pages), inode.size(), t.realtime_ns()));
    }

    private static void requireUnsealed(Inode inode, int seals) {
        if (data(inode).sealed(seals)) {
            throw new LinuxError(Errno.EPERM);
        }
    }

    private static Inode.Data data(Inode inode) {
        if (inode.content() instanceof Inode.Data data) {
            return data;
        }
        throw new LinuxError(Errno.EINVAL);
    }

    private static Inode inode(Trap t, long number) {
        return Objects.requireNonNull(t.findInode(number), () -> "no inode " + number);
    }
}
