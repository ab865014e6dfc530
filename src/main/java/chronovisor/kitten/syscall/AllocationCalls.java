package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.FileMode;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.FileData;
import chronovisor.kitten.kernel.Inodes;
import chronovisor.kitten.kernel.Notifications;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.SignalSender;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.memory.Protection;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.SignalInfo;
import org.pcollections.TreePMap;

/** Space of files: fallocate(2), and files that are only memory (memfd_create(2)) with their seals. */
final class AllocationCalls {

    private static final int KEEP_SIZE = 1;
    private static final int PUNCH_HOLE = 2;
    private static final int ZERO_RANGE = 0x10;
    private static final int CLOSE_ON_EXEC = 1;
    private static final int ALLOW_SEALING = 2;
    private static final int NO_EXECUTE = 8;
    private static final int EXECUTABLE = 16;
    private static final int NAME_MAX = 249;
    private static final int SEALS = 0x1F;
    private static final int LIMIT_FILE_SIZE = 1;

    private AllocationCalls() {}

    static Outcome fallocate(Trap t, Call c) {
        OpenFile file = Descriptors.usable(t, c.a0());
        int mode = (int) c.a1();
        long from = c.a2();
        if (from < 0 || c.a3() <= 0) {
            return Outcome.error(Errno.EINVAL);
        }
        boolean punches = (mode & PUNCH_HOLE) != 0;
        if ((mode & ~(KEEP_SIZE | PUNCH_HOLE)) != 0 || (punches && (mode & KEEP_SIZE) == 0)) {
            // As tmpfs: no collapsing, inserting or zeroing of ranges.
            return Outcome.error((mode & ZERO_RANGE) != 0 && punches ? Errno.EINVAL : Errno.EOPNOTSUPP);
        }
        if (!file.writable()) {
            return Outcome.error(Errno.EBADF);
        }
        Inode inode = Inodes.get(t, file.inode());
        if (file.end() instanceof OpenFile.OnPipe) {
            return Outcome.error(Errno.ESPIPE);
        }
        if (inode.isDirectory()) {
            return Outcome.error(Errno.EISDIR);
        }
        if (!(inode.content() instanceof Inode.Data data) || !inode.isRegular()) {
            return Outcome.error(Errno.ENODEV);
        }
        long to = from + c.a3();
        if (to < 0 || to > FileData.SIZE_MAX) {
            return Outcome.error(Errno.EFBIG);
        }
        if (punches) {
            FileData.punch(t, inode.number(), from, to);
            Notifications.happened(t, inode.number(), Notifications.MODIFY, file.path());
            return Outcome.ZERO;
        }
        boolean grows = mode == 0 && to > inode.size();
        if (grows && data.sealed(Inode.Data.GROW)) {
            return Outcome.error(Errno.EPERM);
        }
        requireSize(t, grows ? to : 0);
        allocate(t, inode, from, to);
        if (grows) {
            FileData.truncate(t, inode.number(), to);
        }
        Notifications.happened(t, inode.number(), Notifications.MODIFY, file.path());
        return Outcome.ZERO;
    }

    /** Gives every page of the range a frame, or none: who gets ENOSPC has got nothing. */
    private static void allocate(Trap t, Inode inode, long from, long to) {
        TreePMap<Long, Long> before = ((Inode.Data) inode.content()).pages();
        try {
            for (long page = from >>> 12; page <= to - 1 >>> 12; page++) {
                FileData.makePage(t, inode.number(), page);
            }
        } catch (LinuxError e) {
            Inode now = Inodes.get(t, inode.number());
            if (now.content() instanceof Inode.Data data) {
                data.pages().forEach((page, frame) -> {
                    if (!before.containsKey(page)) {
                        t.releaseKernelFrame(frame);
                    }
                });
            }
            t.put(inode);
            throw e;
        }
    }

    /** Fails with EFBIG, and SIGXFSZ, when a file may not become so large. */
    static void requireSize(Trap t, long size) {
        long limit = t.process().limit(LIMIT_FILE_SIZE).soft();
        if (limit >= 0 && size > limit) {
            SignalSender.toTask(t, t.current(), SignalInfo.kernel(Signals.SIGXFSZ));
            throw new LinuxError(Errno.EFBIG);
        }
    }

    static Outcome memfdCreate(Trap t, Call c) {
        int flags = (int) c.a1();
        boolean bothWays = (flags & NO_EXECUTE) != 0 && (flags & EXECUTABLE) != 0;
        if ((flags & ~(CLOSE_ON_EXEC | ALLOW_SEALING | NO_EXECUTE | EXECUTABLE)) != 0 || bothWays) {
            // Huge pages among them: there are none.
            return Outcome.error((flags & ~0xFC00_001F) == 0 && (flags & 4) != 0 ? Errno.ENOSYS : Errno.EINVAL);
        }
        String name = UserMemory.string(t, c.a0(), NAME_MAX + 1, Errno.EINVAL);
        boolean sealable = (flags & (ALLOW_SEALING | NO_EXECUTE)) != 0;
        int mode = (flags & NO_EXECUTE) != 0 ? 0666 : 0777;
        Inode inode = Inode.create(t.nextInode(), FileMode.S_IFREG | mode, t.process().credentials().fsuid(),
                t.process().credentials().fsgid(), new Inode.Data(TreePMap.empty(), sealable ? 0 : Inode.Data.SEAL),
                t.realtime_ns());
        t.put(inode.withLinks(0, t.realtime_ns()));
        OpenFile file = Descriptors.open(t, inode.number(), OpenFlags.O_RDWR | OpenFlags.O_LARGEFILE,
                "/memfd:" + name + " (deleted)", new OpenFile.OnInode());
        return Outcome.of(Descriptors.install(t, file, (flags & CLOSE_ON_EXEC) != 0, 0));
    }

    private static Inode.Data sealed(Trap t, OpenFile file) {
        Inode inode = Inodes.get(t, file.inode());
        if (file.end() instanceof OpenFile.OnInode && inode.isRegular()
                && inode.content() instanceof Inode.Data data) {
            return data;
        }
        throw new LinuxError(Errno.EINVAL);
    }

    static Outcome seals(Trap t, OpenFile file) {
        return Outcome.of(sealed(t, file).seals());
    }

    static Outcome addSeals(Trap t, OpenFile file, long added) {
        if (!file.writable()) {
            return Outcome.error(Errno.EPERM);
        }
        Inode.Data data = sealed(t, file);
        if ((added & ~SEALS) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        if (data.sealed(Inode.Data.SEAL)) {
            return Outcome.error(Errno.EPERM);
        }
        if ((added & Inode.Data.WRITE) != 0 && !data.sealed(Inode.Data.WRITE) && mappedForWriting(t, file.inode())) {
            return Outcome.error(Errno.EBUSY);
        }
        Inode inode = Inodes.get(t, file.inode());
        t.put(inode.withContent(new Inode.Data(data.pages(), data.seals() | (int) added), inode.size(),
                inode.modified_ns()));
        return Outcome.ZERO;
    }

    private static boolean mappedForWriting(Trap t, long inode) {
        return t.spaces().values().stream().flatMap(space -> space.regions().values().stream())
                .anyMatch(region -> region.inode() == inode && region.shared() && region.allows(Protection.WRITE));
    }

    /** Fails with EPERM when a mapping could write what is sealed; tells whether writes are sealed. */
    static boolean requireMappable(Inode inode, boolean shared, int protection) {
        boolean sealed = inode.content() instanceof Inode.Data data
                && data.sealed(Inode.Data.WRITE | Inode.Data.FUTURE_WRITE);
        if (sealed && shared && (protection & Protection.WRITE) != 0) {
            throw new LinuxError(Errno.EPERM);
        }
        return sealed;
    }
}
