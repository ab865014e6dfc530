package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.LoopDevice;
import chronovisor.kitten.file.OpenFile;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Block devices over files: reading, writing, and letting go of the file. */
public final class LoopDevices {

    /** How many there are. */
    public static final int COUNT = 8;

    private LoopDevices() {}

    /** Bytes of a device; 0 when there is no file behind it. */
    public static long size(Trap t, int number) {
        LoopDevice loop = t.attachments().loops().get(number);
        return loop == null ? 0 : loop.size(Inodes.get(t, t.file(loop.file()).inode()).size());
    }

    /** Reads: less at the end, nothing behind it. */
    public static byte[] read(Trap t, int number, long offset, int length) {
        LoopDevice loop = t.attachments().loops().get(number);
        long left = loop == null ? 0 : size(t, number) - offset;
        byte[] bytes = new byte[(int) Math.max(0, Math.min(length, left))];
        if (loop != null) {
            FileData.read(t, Inodes.get(t, t.file(loop.file()).inode()), loop.offset() + offset, bytes, 0,
                    bytes.length);
        }
        return bytes;
    }

    /** Writes as much as there is room for; fails with ENOSPC behind the end, with EPERM when it is read-only. */
    public static int write(Trap t, int number, long offset, byte[] bytes) {
        LoopDevice loop = t.attachments().loops().get(number);
        long left = loop == null ? 0 : size(t, number) - offset;
        if (loop == null || left <= 0) {
            throw new LinuxError(Errno.ENOSPC);
        }
        if ((loop.flags() & LoopDevice.READ_ONLY) != 0) {
            throw new LinuxError(Errno.EPERM);
        }
        int length = (int) Math.min(bytes.length, left);
        return FileData.write(t, t.file(loop.file()).inode(), loop.offset() + offset, Arrays.copyOf(bytes, length), 0,
                length);
    }

    /** Takes the file away from a device. */
    public static void clear(Trap t, LoopDevice loop) {
        t.put(t.attachments().withoutLoop(loop.number()));
        Descriptors.release(t, loop.file());
    }

    /** A descriptor of a device was closed for good. */
    static void closed(Trap t, OpenFile.End end) {
        @Nullable
        LoopDevice loop = end instanceof OpenFile.OnLoop on ? t.attachments().loops().get(on.number()) : null;
        boolean open = loop != null && t.files().values().stream()
                .anyMatch(file -> file.end() instanceof OpenFile.OnLoop on && on.number() == loop.number());
        if (loop != null && !open && (loop.flags() & LoopDevice.CLEARED_ON_CLOSE) != 0) {
            clear(t, loop);
        }
    }
}
