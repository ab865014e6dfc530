package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.FileMode;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.Mount;
import chronovisor.kitten.ipc.PosixQueue;
import chronovisor.kitten.ipc.Segment;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.memory.Region;
import chronovisor.kitten.task.Capabilities;
import chronovisor.kitten.task.UserProcess.Credentials;
import java.util.Map;
import org.pcollections.TreePMap;

/** The tree of inodes: looking up, linking, unlinking, permissions, and giving back what nothing names any more. */
public final class Inodes {

    public static final int MAY_EXECUTE = 1;
    public static final int MAY_WRITE = 2;
    public static final int MAY_READ = 4;

    private Inodes() {}

    /** The inode of a number, whether stored or made up by /proc. */
    public static Inode get(Trap t, long number) {
        Inode inode = t.findInode(number);
        if (inode != null) {
            return inode;
        }
        if (ProcFiles.owns(number)) {
            return ProcFiles.inode(t, number);
        }
        throw new LinuxError(Errno.ENOENT);
    }

    /** The names in a directory, sorted, with inode numbers; without {@code .} and {@code ..}. */
    public static Map<String, Long> entries(Trap t, Inode directory) {
        if (ProcFiles.owns(directory.number())) {
            return ProcFiles.entries(t, directory.number());
        }
        return directory(directory).entries();
    }

    /** The inode number of a name in a directory, or 0. */
    public static long lookup(Trap t, Inode directory, String name) {
        if (name.equals(".")) {
            return directory.number();
        }
        if (name.equals("..")) {
            return parent(directory);
        }
        if (ProcFiles.owns(directory.number())) {
            return ProcFiles.lookup(t, directory.number(), name);
        }
        return directory(directory).entries().getOrDefault(name, 0L);
    }

    /** The directory above a directory. */
    public static long parent(Inode directory) {
        return directory.content() instanceof Inode.Directory d ? d.parent() : KernelState.ROOT;
    }

    private static Inode.Directory directory(Inode inode) {
        if (inode.content() instanceof Inode.Directory directory) {
            return directory;
        }
        throw new LinuxError(Errno.ENOTDIR);
    }

    /** Puts a new inode under a name that is free. */
    public static Inode create(Trap t, long directory, String name, int mode, Inode.Content content) {
        Inode parent = writable(t, directory);
        Credentials who = t.current() < 0 ? Credentials.ROOT : t.process().credentials();
        boolean inheritsGroup = (parent.mode() & FileMode.S_ISGID) != 0;
        boolean isDirectory = content instanceof Inode.Directory;
        int fullMode = isDirectory && inheritsGroup ? mode | FileMode.S_ISGID : mode;
        Inode inode = Inode.create(Mount.inSystem(Mount.systemOf(directory), t.nextInode()), fullMode, who.fsuid(),
                inheritsGroup ? parent.gid() : who.fsgid(),
                content, t.realtime_ns());
        t.put(inode);
        addEntry(t, directory, name, inode.number(), isDirectory);
        Notifications.inDirectory(t, directory, name,
                Notifications.CREATE | (isDirectory ? Notifications.IS_DIRECTORY : 0), 0);
        return inode;
    }

    /** Adds a name for an inode; the caller has counted the link. */
    public static void addEntry(Trap t, long directory, String name, long inode, boolean isDirectory) {
        Inode parent = get(t, directory);
        Inode.Directory content = directory(parent);
        Inode changed = parent.withContent(new Inode.Directory(content.entries().plus(name, inode), content.parent()),
                parent.size() + 20, t.realtime_ns());
        t.put(isDirectory ? changed.withLinks(changed.links() + 1, t.realtime_ns()) : changed);
    }

    /** Takes a name away; the inode's link count is the caller's business. */
    public static void removeEntry(Trap t, long directory, String name, boolean isDirectory) {
        Inode parent = get(t, directory);
        Inode.Directory content = directory(parent);
        Inode changed = parent.withContent(new Inode.Directory(content.entries().minus(name), content.parent()),
                parent.size() - 20, t.realtime_ns());
        t.put(isDirectory ? changed.withLinks(changed.links() - 1, t.realtime_ns()) : changed);
    }

    /** One link less; the inode goes when nothing names, opens or maps it. */
    public static void dropLink(Trap t, long number, int links) {
        Inode inode = get(t, number);
        t.put(inode.withLinks(inode.links() - links, t.realtime_ns()));
        if (!inode.isDirectory()) {
            Notifications.toSelf(t, number, Notifications.ATTRIBUTES);
        }
        collect(t, number);
    }

    /** Frees an inode that has no links, is not open and not mapped. */
    public static void collect(Trap t, long number) {
        Inode inode = t.findInode(number);
        if (inode == null || inode.links() > 0) {
            return;
        }
        boolean open = t.files().values().stream().anyMatch(file -> file.inode() == number)
                || t.processes().values().stream()
                        .anyMatch(process -> process.directory() == number || process.root() == number);
        if (open) {
            return;
        }
        for (AddressSpace space : t.spaces().values()) {
            for (Region region : space.regions().values()) {
                if (region.inode() == number) {
                    return;
                }
            }
        }
        if (inode.content() instanceof Inode.Data data) {
            data.pages().values().forEach(t::releaseKernelFrame);
        }
        Notifications.gone(t, number, Notifications.DELETE_SELF);
        t.removeInode(number);
        forget(t, number);
    }

    /** The segment or queue that the inode stood for goes with it. */
    private static void forget(Trap t, long number) {
        PosixQueue queue = t.ipc().posix().get(number);
        if (queue != null) {
            queue.messages().forEach(message -> message.frames().forEach(t::releaseKernelFrame));
            t.ipc(t.ipc().withoutPosix(number));
        }
        for (Segment segment : t.ipc().segments().values()) {
            if (segment.inode() == number) {
                t.ipc(t.ipc().withoutSegment(segment.id()));
                return;
            }
        }
    }

    /** A directory that the current process may change. */
    public static Inode writable(Trap t, long directory) {
        Inode parent = get(t, directory);
        if (ProcFiles.owns(directory)) {
            throw new LinuxError(Errno.EACCES);
        }
        if (parent.links() == 0) {
            throw new LinuxError(Errno.ENOENT);
        }
        Mounts.requireWritable(t, directory);
        require(t, parent, MAY_WRITE | MAY_EXECUTE);
        return parent;
    }

    /** Fails with EACCES unless the current process may access the inode in all ways of {@code mask}. */
    public static void require(Trap t, Inode inode, int mask) {
        boolean stored = inode.isRegular() || inode.isDirectory() || inode.isLink();
        if ((mask & MAY_WRITE) != 0 && stored && Mounts.readOnly(t, inode.number())) {
            throw new LinuxError(Errno.EROFS);
        }
        if (t.current() >= 0) {
            Credentials who = t.process().credentials();
            if (!allows(inode, who, mask)) {
                throw new LinuxError(Errno.EACCES);
            }
        }
    }

    /** Whether a user may access an inode in all ways of {@code mask}; with the capability, all but execute what nobody can. */
    public static boolean allows(Inode inode, Credentials who, int mask) {
        if (who.can(Capabilities.DAC_OVERRIDE)
                && ((mask & MAY_EXECUTE) == 0 || inode.isDirectory() || (inode.mode() & 0111) != 0)) {
            return true;
        }
        if (who.can(Capabilities.DAC_READ_SEARCH)
                && (mask == MAY_READ || inode.isDirectory() && (mask & MAY_WRITE) == 0)) {
            return true;
        }
        int shift = who.fsuid() == inode.uid() ? 6 : who.member(inode.gid()) ? 3 : 0;
        return ((inode.mode() >> shift) & mask) == mask;
    }

    /** Fails with EPERM unless the current process owns the inode. */
    public static void requireOwner(Trap t, Inode inode) {
        Credentials who = t.process().credentials();
        if (!who.can(Capabilities.FOWNER) && who.fsuid() != inode.uid()) {
            throw new LinuxError(Errno.EPERM);
        }
    }

    /** In a sticky directory only the owners of file or directory may remove names. */
    public static void requireRemovable(Trap t, Inode parent, Inode victim) {
        Credentials who = t.process().credentials();
        if ((parent.mode() & FileMode.S_ISVTX) != 0 && !who.can(Capabilities.FOWNER) && who.fsuid() != victim.uid()
                && who.fsuid() != parent.uid()) {
            throw new LinuxError(Errno.EPERM);
        }
    }

    /** An empty directory's content. */
    public static Inode.Directory emptyDirectory(long parent) {
        return new Inode.Directory(TreePMap.empty(), parent);
    }
}
