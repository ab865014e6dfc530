package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.file.Watcher;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.Inodes;
import chronovisor.kitten.kernel.KernelLimits;
import chronovisor.kitten.kernel.Notifications;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Paths;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;

/** Watching files: inotify(7). */
final class NotificationCalls {

    private static final int ALL_EVENTS = 0xFFF;
    private static final int ONLY_DIRECTORY = 0x0100_0000;
    private static final int NOT_FOLLOWED = 0x0200_0000;
    private static final int EXCLUDES_UNLINKED = 0x0400_0000;
    private static final int MASK_CREATE = 0x1000_0000;
    private static final int MASK_ADD = 0x2000_0000;
    private static final int KNOWN = ALL_EVENTS | Notifications.UNMOUNT | Notifications.OVERFLOW | Notifications.IGNORED
            | ONLY_DIRECTORY | NOT_FOLLOWED | EXCLUDES_UNLINKED | MASK_CREATE | MASK_ADD | Notifications.IS_DIRECTORY
            | Notifications.ONE_SHOT;
    private static final int KEPT = ALL_EVENTS | EXCLUDES_UNLINKED | Notifications.ONE_SHOT;

    private NotificationCalls() {}

    static Outcome init(Trap t, Call c) {
        return make(t, 0);
    }

    static Outcome init1(Trap t, Call c) {
        if ((c.a0() & ~(OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK)) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        return make(t, (int) c.a0());
    }

    private static Outcome make(Trap t, int flags) {
        if (t.attachments().watchers().size() >= KernelLimits.of(t, KernelLimits.WATCHERS)) {
            return Outcome.error(Errno.EMFILE);
        }
        OpenFile file = EventCalls.anonymous(t, "inotify", flags, new OpenFile.OnWatcher());
        file = file.withFlags(file.flags() & ~OpenFlags.O_ACCMODE);
        t.put(file);
        t.put(t.attachments().with(Watcher.of(file.id())));
        return Outcome.of(Descriptors.install(t, file, (flags & OpenFlags.O_CLOEXEC) != 0, 0));
    }

    private static Watcher watcher(Trap t, OpenFile file) {
        Watcher watcher = file.end() instanceof OpenFile.OnWatcher ? t.attachments().watchers().get(file.id()) : null;
        if (watcher == null) {
            throw new LinuxError(Errno.EINVAL);
        }
        return watcher;
    }

    static Outcome add(Trap t, Call c) {
        int mask = (int) c.a2();
        if ((mask & KNOWN) == 0) {
            return Outcome.error(Errno.EINVAL);
        }
        OpenFile file = Descriptors.usable(t, c.a0());
        if ((mask & MASK_ADD) != 0 && (mask & MASK_CREATE) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        Watcher watcher = watcher(t, file);
        String path = UserMemory.path(t, c.a1());
        Inode inode = Paths.existing(t, OpenFlags.AT_FDCWD, path, (mask & NOT_FOLLOWED) == 0);
        if ((mask & ONLY_DIRECTORY) != 0 && !inode.isDirectory()) {
            return Outcome.error(Errno.ENOTDIR);
        }
        Inodes.require(t, inode, Inodes.MAY_READ);
        for (Map.Entry<Integer, Watcher.Watch> entry : watcher.watches().entrySet()) {
            if (entry.getValue().inode() == inode.number()) {
                if ((mask & MASK_CREATE) != 0) {
                    return Outcome.error(Errno.EEXIST);
                }
                int before = (mask & MASK_ADD) != 0 ? entry.getValue().mask() : 0;
                t.put(t.attachments().with(
                        watcher.with(entry.getKey(), new Watcher.Watch(inode.number(), before | mask & KEPT))));
                return Outcome.of(entry.getKey());
            }
        }
        int watches = t.attachments().watchers().values().stream().mapToInt(any -> any.watches().size()).sum();
        if (watches >= KernelLimits.of(t, KernelLimits.WATCHES)) {
            return Outcome.error(Errno.ENOSPC);
        }
        t.put(t.attachments().with(
                watcher.with(watcher.nextWatch(), new Watcher.Watch(inode.number(), mask & KEPT))));
        return Outcome.of(watcher.nextWatch());
    }

    static Outcome remove(Trap t, Call c) {
        OpenFile file = Descriptors.usable(t, c.a0());
        if (!watcher(t, file).watches().containsKey((int) c.a1())) {
            return Outcome.error(Errno.EINVAL);
        }
        Notifications.remove(t, file.id(), (int) c.a1());
        return Outcome.ZERO;
    }

    /** Bytes of the events that have not been read. */
    static int waiting(Trap t, OpenFile file) {
        return watcher(t, file).bytes();
    }

    /** As many events as fit; null when nothing has happened. */
    static byte @Nullable [] read(Trap t, OpenFile file, int length) {
        Watcher watcher = watcher(t, file);
        if (watcher.notices().isEmpty()) {
            return null;
        }
        Bytes out = new Bytes(64);
        PVector<Watcher.Notice> left = watcher.notices();
        while (!left.isEmpty() && out.length() + left.get(0).bytes() <= length) {
            Watcher.Notice notice = left.get(0);
            int start = out.length();
            out.put32(notice.watch()).put32(notice.mask()).put32(notice.cookie()).put32(notice.bytes() - 16);
            if (!notice.name().isEmpty()) {
                out.putString(notice.name());
                out.zeros(notice.bytes() - (out.length() - start));
            }
            left = left.minus(0);
        }
        if (out.length() == 0) {
            throw new LinuxError(Errno.EINVAL);
        }
        t.put(t.attachments().with(watcher.withNotices(left)));
        return out.toArray();
    }
}
