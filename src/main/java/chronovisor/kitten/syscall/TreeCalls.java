package chronovisor.kitten.syscall;

import static chronovisor.kitten.abi.OpenFlags.*;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.FileMode;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.Mount;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.Inodes;
import chronovisor.kitten.kernel.KernelState;
import chronovisor.kitten.kernel.Mounts;
import chronovisor.kitten.kernel.Notifications;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Paths;
import chronovisor.kitten.kernel.ProcFiles;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Capabilities;
import chronovisor.kitten.task.UserProcess;

/** Changing the tree: making, linking, renaming and removing names; modes, owners and times. */
final class TreeCalls {

    private static final long TIME_NOW = 0x3fffffff;
    private static final long TIME_OMIT = 0x3ffffffe;

    private TreeCalls() {}

    static Outcome mkdir(Trap t, Call c) {
        return makeDirectory(t, AT_FDCWD, UserMemory.path(t, c.a0()), (int) c.a1());
    }

    static Outcome mkdirat(Trap t, Call c) {
        return makeDirectory(t, (int) c.a0(), UserMemory.path(t, c.a1()), (int) c.a2());
    }

    private static Outcome makeDirectory(Trap t, int at, String path, int mode) {
        Paths.Place place = Paths.resolve(t, at, path, false);
        if (place.inode() != 0) {
            return Outcome.error(Errno.EEXIST);
        }
        Inodes.create(t, place.parent(), place.name(), FileMode.S_IFDIR | (mode & 01777 & ~t.process().umask()),
                Inodes.emptyDirectory(place.parent()));
        return Outcome.ZERO;
    }

    static Outcome mknod(Trap t, Call c) {
        return makeNode(t, AT_FDCWD, UserMemory.path(t, c.a0()), (int) c.a1(), c.a2());
    }

    static Outcome mknodat(Trap t, Call c) {
        return makeNode(t, (int) c.a0(), UserMemory.path(t, c.a1()), (int) c.a2(), c.a3());
    }

    private static Outcome makeNode(Trap t, int at, String path, int mode, long device) {
        int type = mode & FileMode.S_IFMT;
        Inode.Content content = switch (type) {
            case 0, FileMode.S_IFREG -> Inode.Data.EMPTY;
            case FileMode.S_IFIFO -> new Inode.Fifo(0);
            case FileMode.S_IFCHR, FileMode.S_IFBLK -> new Inode.Device();
            case FileMode.S_IFSOCK -> new Inode.SocketName(0);
            case FileMode.S_IFDIR -> throw new LinuxError(Errno.EPERM);
            default -> throw new LinuxError(Errno.EINVAL);
        };
        Paths.Place place = Paths.resolve(t, at, path, false);
        if (place.inode() != 0) {
            return Outcome.error(Errno.EEXIST);
        }
        if (place.directoryOnly()) {
            return Outcome.error(Errno.ENOENT);
        }
        // A character device of number 0 is what covers a file in an overlay: everybody may make it.
        if (content instanceof Inode.Device && (type != FileMode.S_IFCHR || device != 0)) {
            Inodes.writable(t, place.parent());
            SystemCalls.require(t, Capabilities.MKNOD);
        }
        Inode inode = Inodes.create(t, place.parent(), place.name(),
                (type == 0 ? FileMode.S_IFREG : type) | (mode & 07777 & ~t.process().umask()), content);
        if (content instanceof Inode.Device) {
            t.put(inode.withDevice(device));
        }
        return Outcome.ZERO;
    }

    static Outcome rmdir(Trap t, Call c) {
        return removeDirectory(t, AT_FDCWD, UserMemory.path(t, c.a0()));
    }

    private static Outcome removeDirectory(Trap t, int at, String path) {
        Paths.Place place = Paths.resolve(t, at, path, false);
        if (place.name().equals(".")) {
            return Outcome.error(Errno.EINVAL);
        }
        if (place.name().equals("..")) {
            return Outcome.error(Errno.ENOTEMPTY);
        }
        if (place.inode() == KernelState.ROOT || Mounts.rootedAt(t, place.inode()) != null) {
            return Outcome.error(Errno.EBUSY);
        }
        Inode victim = existing(t, place);
        Inode parent = Inodes.writable(t, place.parent());
        Inodes.requireRemovable(t, parent, victim);
        if (!victim.isDirectory()) {
            return Outcome.error(Errno.ENOTDIR);
        }
        if (ProcFiles.owns(victim.number())) {
            return Outcome.error(Errno.EBUSY);
        }
        if (!Inodes.entries(t, victim).isEmpty()) {
            return Outcome.error(Errno.ENOTEMPTY);
        }
        Inodes.removeEntry(t, place.parent(), place.name(), true);
        Inodes.dropLink(t, victim.number(), victim.links());
        Notifications.inDirectory(t, place.parent(), place.name(),
                Notifications.DELETE | Notifications.IS_DIRECTORY, 0);
        return Outcome.ZERO;
    }

    private static Inode existing(Trap t, Paths.Place place) {
        if (place.inode() == 0) {
            throw new LinuxError(Errno.ENOENT);
        }
        return Inodes.get(t, place.inode());
    }

    static Outcome unlink(Trap t, Call c) {
        return remove(t, AT_FDCWD, UserMemory.path(t, c.a0()));
    }

    static Outcome unlinkat(Trap t, Call c) {
        if ((c.a2() & ~AT_REMOVEDIR) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        String path = UserMemory.path(t, c.a1());
        return c.a2() != 0 ? removeDirectory(t, (int) c.a0(), path) : remove(t, (int) c.a0(), path);
    }

    private static Outcome remove(Trap t, int at, String path) {
        Paths.Place place = Paths.resolve(t, at, path, false);
        Inode victim = existing(t, place);
        if (place.name().isEmpty() || victim.isDirectory()) {
            return Outcome.error(Errno.EISDIR);
        }
        if (place.directoryOnly()) {
            return Outcome.error(Errno.ENOTDIR);
        }
        Inode parent = Inodes.writable(t, place.parent());
        Inodes.requireRemovable(t, parent, victim);
        Inodes.removeEntry(t, place.parent(), place.name(), false);
        Inodes.dropLink(t, victim.number(), 1);
        Notifications.inDirectory(t, place.parent(), place.name(), Notifications.DELETE, 0);
        return Outcome.ZERO;
    }

    static Outcome link(Trap t, Call c) {
        return makeLink(t, AT_FDCWD, c.a0(), AT_FDCWD, UserMemory.path(t, c.a1()), 0);
    }

    static Outcome linkat(Trap t, Call c) {
        if ((c.a4() & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        return makeLink(t, (int) c.a0(), c.a1(), (int) c.a2(), UserMemory.path(t, c.a3()), (int) c.a4());
    }

    private static Outcome makeLink(Trap t, int oldAt, long oldPath, int newAt, String path, int flags) {
        Inode inode = StatCalls.find(t, oldAt, oldPath,
                (flags & AT_SYMLINK_FOLLOW) != 0 ? flags & AT_EMPTY_PATH : flags & AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW);
        Paths.Place place = Paths.resolve(t, newAt, path, false);
        if (place.inode() != 0) {
            return Outcome.error(Errno.EEXIST);
        }
        if (place.directoryOnly()) {
            return Outcome.error(Errno.ENOENT);
        }
        if (inode.isDirectory()) {
            return Outcome.error(Errno.EPERM);
        }
        if (ProcFiles.owns(inode.number()) || elsewhere(inode.number(), place.parent())) {
            return Outcome.error(Errno.EXDEV);
        }
        Inodes.writable(t, place.parent());
        t.put(inode.withLinks(inode.links() + 1, t.realtime_ns()));
        Notifications.toSelf(t, inode.number(), Notifications.ATTRIBUTES);
        Inodes.addEntry(t, place.parent(), place.name(), inode.number(), false);
        Notifications.inDirectory(t, place.parent(), place.name(), Notifications.CREATE, 0);
        return Outcome.ZERO;
    }

    static Outcome symlink(Trap t, Call c) {
        return makeSymlink(t, UserMemory.path(t, c.a0()), AT_FDCWD, UserMemory.path(t, c.a1()));
    }

    static Outcome symlinkat(Trap t, Call c) {
        return makeSymlink(t, UserMemory.path(t, c.a0()), (int) c.a1(), UserMemory.path(t, c.a2()));
    }

    private static Outcome makeSymlink(Trap t, String target, int at, String path) {
        if (target.isEmpty()) {
            return Outcome.error(Errno.ENOENT);
        }
        Paths.Place place = Paths.resolve(t, at, path, false);
        if (place.inode() != 0) {
            return Outcome.error(Errno.EEXIST);
        }
        if (place.directoryOnly()) {
            return Outcome.error(Errno.ENOENT);
        }
        Inodes.create(t, place.parent(), place.name(), FileMode.S_IFLNK | 0777, new Inode.Link(target));
        return Outcome.ZERO;
    }

    static Outcome rename(Trap t, Call c) {
        return move(t, AT_FDCWD, UserMemory.path(t, c.a0()), AT_FDCWD, UserMemory.path(t, c.a1()), 0);
    }

    static Outcome renameat(Trap t, Call c) {
        return move(t, (int) c.a0(), UserMemory.path(t, c.a1()), (int) c.a2(), UserMemory.path(t, c.a3()), 0);
    }

    static Outcome renameat2(Trap t, Call c) {
        if ((c.a4() & ~3) != 0 || c.a4() == 3) {
            return Outcome.error(Errno.EINVAL);
        }
        return move(t, (int) c.a0(), UserMemory.path(t, c.a1()), (int) c.a2(), UserMemory.path(t, c.a3()),
                (int) c.a4());
    }

    private static Outcome move(Trap t, int fromAt, String from, int toAt, String to, int flags) {
        Paths.Place source = Paths.resolve(t, fromAt, from, false);
        Paths.Place target = Paths.resolve(t, toAt, to, false);
        if (unusable(source) || unusable(target)) {
            return Outcome.error(Errno.EBUSY);
        }
        Inode moved = existing(t, source);
        boolean isDirectory = moved.isDirectory();
        if ((source.directoryOnly() || target.directoryOnly()) && !isDirectory) {
            return Outcome.error(Errno.ENOTDIR);
        }
        if (elsewhere(source.parent(), target.parent())) {
            return Outcome.error(Errno.EXDEV);
        }
        if (Mounts.rootedAt(t, moved.number()) != null || Mounts.rootedAt(t, target.inode()) != null) {
            return Outcome.error(Errno.EBUSY);
        }
        Inode sourceParent = Inodes.writable(t, source.parent());
        Inodes.requireRemovable(t, sourceParent, moved);
        Inodes.writable(t, target.parent());
        if (ProcFiles.owns(moved.number())) {
            return Outcome.error(Errno.EBUSY);
        }
        if (isDirectory && inside(t, target.parent(), moved.number())) {
            return Outcome.error(Errno.EINVAL);
        }
        if (target.inode() != 0 && inside(t, source.parent(), target.inode())) {
            // What is to be replaced holds what is to be moved.
            return Outcome.error(Errno.ENOTEMPTY);
        }
        if (target.inode() != 0) {
            if ((flags & 1) != 0) {
                return Outcome.error(Errno.EEXIST);
            }
            if (target.inode() == moved.number()) {
                return Outcome.ZERO;
            }
            if ((flags & 2) != 0) {
                return exchange(t, source, target);
            }
            replace(t, target, isDirectory, source.parent());
        } else if ((flags & 2) != 0) {
            return Outcome.error(Errno.ENOENT);
        }
        Inodes.removeEntry(t, source.parent(), source.name(), isDirectory);
        Inodes.addEntry(t, target.parent(), target.name(), moved.number(), isDirectory);
        reparent(t, moved.number(), target.parent());
        Notifications.moved(t, source.parent(), source.name(), target.parent(), target.name(), isDirectory);
        Notifications.toSelf(t, moved.number(), Notifications.MOVE_SELF);
        return Outcome.ZERO;
    }

    /** Whether two inodes belong to different file systems. */
    private static boolean elsewhere(long one, long other) {
        return Mount.systemOf(one) != Mount.systemOf(other);
    }

    private static boolean unusable(Paths.Place place) {
        return place.name().isEmpty() || place.name().equals(".") || place.name().equals("..");
    }

    private static boolean inside(Trap t, long directory, long ancestor) {
        long at = directory;
        while (at != KernelState.ROOT) {
            if (at == ancestor) {
                return true;
            }
            at = Inodes.parent(Inodes.get(t, at));
        }
        return ancestor == KernelState.ROOT;
    }

    private static void replace(Trap t, Paths.Place target, boolean byDirectory, long sourceParent) {
        Inode victim = Inodes.get(t, target.inode());
        if (byDirectory && !victim.isDirectory()) {
            throw new LinuxError(Errno.ENOTDIR);
        }
        if (!byDirectory && victim.isDirectory()) {
            throw new LinuxError(Errno.EISDIR);
        }
        if (victim.isDirectory() && (!Inodes.entries(t, victim).isEmpty() || victim.number() == sourceParent)) {
            throw new LinuxError(Errno.ENOTEMPTY);
        }
        Inodes.requireRemovable(t, Inodes.get(t, target.parent()), victim);
        Inodes.removeEntry(t, target.parent(), target.name(), victim.isDirectory());
        Inodes.dropLink(t, victim.number(), victim.isDirectory() ? victim.links() : 1);
    }

    private static Outcome exchange(Trap t, Paths.Place a, Paths.Place b) {
        boolean aDirectory = Inodes.get(t, a.inode()).isDirectory();
        boolean bDirectory = Inodes.get(t, b.inode()).isDirectory();
        if (bDirectory && inside(t, a.parent(), b.inode())) {
            return Outcome.error(Errno.EINVAL);
        }
        Inodes.removeEntry(t, a.parent(), a.name(), aDirectory);
        Inodes.removeEntry(t, b.parent(), b.name(), bDirectory);
        Inodes.addEntry(t, a.parent(), a.name(), b.inode(), bDirectory);
        Inodes.addEntry(t, b.parent(), b.name(), a.inode(), aDirectory);
        reparent(t, a.inode(), b.parent());
        reparent(t, b.inode(), a.parent());
        Notifications.moved(t, a.parent(), a.name(), b.parent(), b.name(), aDirectory);
        Notifications.moved(t, b.parent(), b.name(), a.parent(), a.name(), bDirectory);
        return Outcome.ZERO;
    }

    private static void reparent(Trap t, long number, long parent) {
        Inode inode = Inodes.get(t, number);
        if (inode.content() instanceof Inode.Directory d) {
            t.put(inode.withPlace(new Inode.Directory(d.entries(), parent), t.realtime_ns()));
        } else {
            t.put(inode.withLinks(inode.links(), t.realtime_ns()));
        }
    }

    static Outcome chmod(Trap t, Call c) {
        return change(t, Paths.existing(t, AT_FDCWD, UserMemory.path(t, c.a0()), true), (int) c.a1());
    }

    static Outcome fchmod(Trap t, Call c) {
        return change(t, Inodes.get(t, Descriptors.usable(t, c.a0()).inode()), (int) c.a1());
    }

    static Outcome fchmodat(Trap t, Call c) {
        return change(t, Paths.existing(t, (int) c.a0(), UserMemory.path(t, c.a1()), true), (int) c.a2());
    }

    private static Outcome change(Trap t, Inode inode, int mode) {
        Mounts.requireWritable(t, inode.number());
        Inodes.requireOwner(t, inode);
        if (ProcFiles.owns(inode.number())) {
            return Outcome.error(Errno.EPERM);
        }
        UserProcess.Credentials who = t.process().credentials();
        // Who is not of the file's group must not let others run it as that group (chmod(2)).
        boolean outsider = !who.member(inode.gid()) && !who.can(Capabilities.FSETID);
        int bits = outsider ? mode & ~FileMode.S_ISGID : mode;
        t.put(inode.withMode(inode.type() | bits & 07777, t.realtime_ns()));
        Notifications.happened(t, inode.number(), Notifications.ATTRIBUTES);
        return Outcome.ZERO;
    }

    /** fchmodat2(2): with flags, of which fchmodat has none. */
    static Outcome fchmodat2(Trap t, Call c) {
        if ((c.a3() & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        Inode inode = StatCalls.find(t, (int) c.a0(), c.a1(), (int) c.a3());
        return inode.isLink() ? Outcome.error(Errno.EOPNOTSUPP) : change(t, inode, (int) c.a2());
    }

    static Outcome chown(Trap t, Call c) {
        return own(t, Paths.existing(t, AT_FDCWD, UserMemory.path(t, c.a0()), true), (int) c.a1(), (int) c.a2());
    }

    static Outcome lchown(Trap t, Call c) {
        return own(t, Paths.existing(t, AT_FDCWD, UserMemory.path(t, c.a0()), false), (int) c.a1(), (int) c.a2());
    }

    static Outcome fchown(Trap t, Call c) {
        return own(t, Inodes.get(t, Descriptors.usable(t, c.a0()).inode()), (int) c.a1(), (int) c.a2());
    }

    static Outcome fchownat(Trap t, Call c) {
        if ((c.a4() & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        return own(t, StatCalls.find(t, (int) c.a0(), c.a1(), (int) c.a4()), (int) c.a2(), (int) c.a3());
    }

    private static Outcome own(Trap t, Inode inode, int uid, int gid) {
        Mounts.requireWritable(t, inode.number());
        UserProcess.Credentials who = t.process().credentials();
        boolean allowed = who.can(Capabilities.CHOWN)
                || (who.fsuid() == inode.uid() && (uid == -1 || uid == inode.uid())
                        && (gid == -1 || who.member(gid)));
        if (!allowed || ProcFiles.owns(inode.number())) {
            return Outcome.error(Errno.EPERM);
        }
        int mode = inode.isRegular() && (uid != -1 || gid != -1)
                ? inode.mode() & ~(FileMode.S_ISUID | ((inode.mode() & 010) != 0 ? FileMode.S_ISGID : 0))
                : inode.mode();
        t.put(inode.withOwner(uid == -1 ? inode.uid() : uid, gid == -1 ? inode.gid() : gid, mode, t.realtime_ns()));
        Notifications.happened(t, inode.number(), Notifications.ATTRIBUTES);
        return Outcome.ZERO;
    }

    static Outcome utimensat(Trap t, Call c) {
        if (c.a1() == 0 && (int) c.a0() == AT_FDCWD) {
            return Outcome.error(Errno.EFAULT);
        }
        if ((c.a3() & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        Inode inode = c.a1() == 0
                ? Inodes.get(t, Descriptors.get(t, c.a0()).inode())
                : StatCalls.find(t, (int) c.a0(), c.a1(), (int) c.a3());
        long[] times = {0, TIME_NOW, 0, TIME_NOW};
        if (c.a2() != 0) {
            byte[] raw = UserMemory.read(t, c.a2(), 32);
            for (int i = 0; i < 4; i++) {
                times[i] = Bytes.get64(raw, 8 * i);
            }
        }
        return setTimes(t, inode, times);
    }

    static Outcome utimes(Trap t, Call c) {
        return microseconds(t, AT_FDCWD, UserMemory.path(t, c.a0()), c.a1());
    }

    static Outcome futimesat(Trap t, Call c) {
        return microseconds(t, (int) c.a0(), UserMemory.path(t, c.a1()), c.a2());
    }

    private static Outcome microseconds(Trap t, int at, String path, long address) {
        Inode inode = Paths.existing(t, at, path, true);
        long[] times = {0, TIME_NOW, 0, TIME_NOW};
        if (address != 0) {
            byte[] raw = UserMemory.read(t, address, 32);
            for (int i = 0; i < 4; i++) {
                times[i] = Bytes.get64(raw, 8 * i) * (i % 2 == 0 ? 1 : 1000);
            }
        }
        return setTimes(t, inode, times);
    }

    static Outcome utime(Trap t, Call c) {
        Inode inode = Paths.existing(t, AT_FDCWD, UserMemory.path(t, c.a0()), true);
        long[] times = {0, TIME_NOW, 0, TIME_NOW};
        if (c.a1() != 0) {
            times = new long[]{UserMemory.read64(t, c.a1()), 0, UserMemory.read64(t, c.a1() + 8), 0};
        }
        return setTimes(t, inode, times);
    }

    private static Outcome setTimes(Trap t, Inode inode, long[] times) {
        for (int i = 1; i < 4; i += 2) {
            if ((times[i] < 0 || times[i] > 999_999_999) && times[i] != TIME_NOW && times[i] != TIME_OMIT) {
                return Outcome.error(Errno.EINVAL);
            }
        }
        Mounts.requireWritable(t, inode.number());
        boolean bothNow = times[1] == TIME_NOW && times[3] == TIME_NOW;
        UserProcess.Credentials who = t.process().credentials();
        if (!who.can(Capabilities.FOWNER) && who.fsuid() != inode.uid()) {
            if (!bothNow) {
                return Outcome.error(Errno.EPERM);
            }
            Inodes.require(t, inode, Inodes.MAY_WRITE);
        }
        if (ProcFiles.owns(inode.number())) {
            return Outcome.error(Errno.EPERM);
        }
        long now_ns = t.realtime_ns();
        t.put(inode.withTimes(time(times[0], times[1], inode.accessed_ns(), now_ns),
                time(times[2], times[3], inode.modified_ns(), now_ns), now_ns));
        Notifications.happened(t, inode.number(), times[1] == TIME_OMIT
                ? Notifications.MODIFY
                : times[3] == TIME_OMIT ? Notifications.ACCESS : Notifications.ATTRIBUTES);
        return Outcome.ZERO;
    }

    private static long time(long seconds, long ns, long old_ns, long now_ns) {
        return ns == TIME_NOW ? now_ns : ns == TIME_OMIT ? old_ns : seconds * 1_000_000_000L + ns;
    }

    static Outcome umask(Trap t, Call c) {
        UserProcess process = t.process();
        t.put(process.withDirectory(process.directory(), (int) c.a0() & 0777));
        return Outcome.of(process.umask());
    }

    static Outcome chdir(Trap t, Call c) {
        return enter(t, Paths.existing(t, AT_FDCWD, UserMemory.path(t, c.a0()), true));
    }

    static Outcome fchdir(Trap t, Call c) {
        OpenFile file = Descriptors.get(t, c.a0());
        return enter(t, Inodes.get(t, file.inode()));
    }

    private static Outcome enter(Trap t, Inode inode) {
        if (!inode.isDirectory()) {
            return Outcome.error(Errno.ENOTDIR);
        }
        Inodes.require(t, inode, Inodes.MAY_EXECUTE);
        long old = t.process().directory();
        t.put(t.process().withDirectory(inode.number(), t.process().umask()));
        Inodes.collect(t, old);
        return Outcome.ZERO;
    }

    /** chroot(2): paths of this process and its children begin there. */
    static Outcome chroot(Trap t, Call c) {
        Inode inode = Paths.existing(t, AT_FDCWD, UserMemory.path(t, c.a0()), true);
        if (!inode.isDirectory()) {
            return Outcome.error(Errno.ENOTDIR);
        }
        Inodes.require(t, inode, Inodes.MAY_EXECUTE);
        SystemCalls.require(t, Capabilities.SYS_CHROOT);
        long old = t.process().root();
        t.put(t.process().withRoot(inode.number()));
        Inodes.collect(t, old);
        return Outcome.ZERO;
    }

    static Outcome getcwd(Trap t, Call c) {
        Inode directory = Inodes.get(t, t.process().directory());
        if (directory.links() == 0) {
            return Outcome.error(Errno.ENOENT);
        }
        String name = Paths.nameOf(t, directory.number());
        // It may have been left outside by chroot(2).
        String path = Paths.belowRoot(t, directory.number()) ? name : "(unreachable)" + name;
        if (Long.compareUnsigned(path.length() + 1L, c.a1()) > 0) {
            return Outcome.error(Errno.ERANGE);
        }
        UserMemory.write(t, c.a0(), new Bytes().putString(path).toArray());
        return Outcome.of(path.length() + 1);
    }
}
