package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.FileMode;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.Mount;
import chronovisor.kitten.task.UserProcess;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** File systems in memory, mounted over directories. */
public final class Mounts {

    private Mounts() {}

    /** What is mounted over a directory seen from above: the root of it, else the directory itself. */
    static long over(Trap t, long directory) {
        long at = directory;
        Mount mount = t.mounts().get(at);
        while (mount != null) {
            at = mount.root();
            mount = t.mounts().get(at);
        }
        return at;
    }

    /** The mount whose root directory this is, or null. */
    public static @Nullable Mount rootedAt(Trap t, long root) {
        for (Mount mount : t.mounts().values()) {
            if (mount.root() == root) {
                return mount;
            }
        }
        return null;
    }

    private static @Nullable Mount of(Trap t, long inode) {
        long system = Mount.systemOf(inode);
        if (system != 0 && !ProcFiles.owns(inode)) {
            for (Mount mount : t.mounts().values()) {
                if (mount.system() == system) {
                    return mount;
                }
            }
        }
        return null;
    }

    /** Whether an inode's file system is mounted read-only. */
    static boolean readOnly(Trap t, long inode) {
        Mount mount = of(t, inode);
        return mount != null && mount.readOnly();
    }

    /** Fails with EROFS when an inode's file system is mounted read-only. */
    public static void requireWritable(Trap t, long inode) {
        if (readOnly(t, inode)) {
            throw new LinuxError(Errno.EROFS);
        }
    }

    /** Flags of an inode's mount. */
    public static long flags(Trap t, long inode) {
        Mount mount = of(t, inode);
        return mount == null ? 0 : mount.flags();
    }

    /** Mounts a new file system over a directory. */
    public static void mount(Trap t, Inode point, String source, String type, long flags, int mode) {
        long system = 1;
        while (inUse(t, system)) {
            system++;
        }
        long parent = Inodes.parent(point);
        long number = Mount.inSystem(system, t.nextInode());
        t.put(Inode.create(number, FileMode.S_IFDIR | mode, 0, 0, Inodes.emptyDirectory(parent), t.realtime_ns()));
        t.put(new Mount(system, number, point.number(), source, type, flags));
    }

    private static boolean inUse(Trap t, long system) {
        return !t.inodesOf(system).isEmpty();
    }

    /** Takes a mount away; without {@code lazily} it must not be in use. */
    public static void unmount(Trap t, Mount mount, boolean lazily) {
        boolean busy = t.mounts().values().stream().anyMatch(m -> Mount.systemOf(m.point()) == mount.system())
                || t.files().values().stream().anyMatch(file -> isIn(file.inode(), mount))
                || t.processes().values().stream().anyMatch(process -> uses(process, mount));
        if (busy && !lazily) {
            throw new LinuxError(Errno.EBUSY);
        }
        t.removeMount(mount.point());
        if (!busy) {
            for (Inode inode : List.copyOf(t.inodesOf(mount.system()).values())) {
                if (inode.content() instanceof Inode.Data data) {
                    data.pages().values().forEach(t::releaseKernelFrame);
                }
                t.removeInode(inode.number());
            }
        }
    }

    private static boolean isIn(long inode, Mount mount) {
        return !ProcFiles.owns(inode) && Mount.systemOf(inode) == mount.system();
    }

    private static boolean uses(UserProcess process, Mount mount) {
        return !process.exit().ended() && (isIn(process.directory(), mount) || isIn(process.programInode(), mount));
    }
}
