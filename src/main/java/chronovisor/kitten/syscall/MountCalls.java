package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.Mount;
import chronovisor.kitten.kernel.Mounts;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Paths;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Capabilities;

/** mount(2) and umount2(2). */
final class MountCalls {

    private static final long REMOUNT = 0x20;
    private static final long BIND = 0x1000;
    private static final long MOVE = 0x2000;
    private static final long PROPAGATION = 0x1E_0000;
    /** MS_RDONLY to MS_SYNCHRONOUS, MS_NOATIME, MS_NODIRATIME, MS_RELATIME, MS_STRICTATIME. */
    private static final long KEPT = 0x1F | 0xC00 | 0x20_0000 | 0x100_0000;
    private static final int DETACH = 2;
    private static final int EXPIRE = 4;
    private static final int NO_FOLLOW = 8;
    private static final int TYPE_MAX = 4096;

    private MountCalls() {}

    static Outcome mount(Trap t, Call c) {
        String type = c.a2() == 0 ? "" : UserMemory.string(t, c.a2(), TYPE_MAX, Errno.EINVAL);
        String source = c.a0() == 0 ? "none" : UserMemory.string(t, c.a0(), TYPE_MAX, Errno.EINVAL);
        String data = c.a4() == 0 ? "" : UserMemory.string(t, c.a4(), TYPE_MAX, Errno.EINVAL);
        Inode point = Paths.existing(t, OpenFlags.AT_FDCWD, UserMemory.path(t, c.a1()), true);
        SystemCalls.require(t, Capabilities.SYS_ADMIN);
        long flags = c.a3();
        if ((flags & REMOUNT) != 0) {
            Mount mount = Mounts.rootedAt(t, point.number());
            if (mount == null) {
                return Outcome.error(Errno.EINVAL);
            }
            t.put(mount.withFlags(flags & KEPT));
            return Outcome.ZERO;
        }
        if ((flags & PROPAGATION) != 0) {
            // There is one mount namespace, so nothing propagates in any mode.
            return Mounts.rootedAt(t, point.number()) == null && point.number() != 1
                    ? Outcome.error(Errno.EINVAL)
                    : Outcome.ZERO;
        }
        if ((flags & (BIND | MOVE)) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        if (type.isEmpty()) {
            return Outcome.error(Errno.EINVAL);
        }
        if (!type.equals("tmpfs") && !type.equals("ramfs")) {
            return Outcome.error(Errno.ENODEV);
        }
        if (!point.isDirectory()) {
            return Outcome.error(Errno.ENOTDIR);
        }
        Mounts.mount(t, point, source, type, flags & KEPT, mode(data));
        return Outcome.ZERO;
    }

    /** The {@code mode=} option of a file system in memory. */
    private static int mode(String data) {
        for (String option : data.split(",", -1)) {
            if (option.matches("mode=[0-7]{1,5}")) {
                return Integer.parseInt(option.substring(5), 8) & 07777;
            }
        }
        return 01777;
    }

    static Outcome unmount(Trap t, Call c) {
        if ((c.a1() & ~0xF) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        SystemCalls.require(t, Capabilities.SYS_ADMIN);
        if ((c.a1() & EXPIRE) != 0 && (c.a1() & (DETACH | 1)) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        Inode root = Paths.existing(t, OpenFlags.AT_FDCWD, UserMemory.path(t, c.a0()), (c.a1() & NO_FOLLOW) == 0);
        Mount mount = Mounts.rootedAt(t, root.number());
        if (mount == null) {
            return Outcome.error(Errno.EINVAL);
        }
        Mounts.unmount(t, mount, (c.a1() & DETACH) != 0);
        return Outcome.ZERO;
    }
}
