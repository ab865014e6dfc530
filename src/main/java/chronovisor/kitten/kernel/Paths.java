package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.Mount;
import java.util.Map;

/** Path resolution (path_resolution(7)). */
public final class Paths {

    private static final int NAME_MAX = 255;
    private static final int LINKS_MAX = 40;

    /**
     * Where a path leads.
     *
     * @param parent
     *            directory of the last component
     * @param name
     *            the last component; empty for the root, {@code .} and {@code ..} stay as they are
     * @param inode
     *            what it names, or 0 when there is nothing
     * @param directoryOnly
     *            whether the path ended in a slash
     */
    public record Place(long parent, String name, long inode, boolean directoryOnly) {}

    private Paths() {}

    /** Resolves a path from a directory descriptor (or AT_FDCWD). */
    public static Place resolve(Trap t, int descriptor, String path, boolean followLast) {
        if (path.isEmpty()) {
            throw new LinuxError(Errno.ENOENT);
        }
        return walk(t, path.charAt(0) == '/' ? root(t) : base(t, descriptor), path, followLast, new int[1]);
    }

    /** Resolves a path that must exist. */
    public static Inode existing(Trap t, int descriptor, String path, boolean followLast) {
        Place place = resolve(t, descriptor, path, followLast);
        if (place.inode() == 0) {
            throw new LinuxError(Errno.ENOENT);
        }
        return Inodes.get(t, place.inode());
    }

    /** Resolves from a directory inode. */
    public static Place from(Trap t, long directory, String path, boolean followLast) {
        return walk(t, path.startsWith("/") ? root(t) : directory, path, followLast, new int[1]);
    }

    /** Where absolute paths start: the process's root, the kernel's own at boot. */
    private static long root(Trap t) {
        return t.current() < 0 ? KernelState.ROOT : t.process().root();
    }

    /** The directory that *at calls start from. */
    public static long base(Trap t, int descriptor) {
        if (descriptor == OpenFlags.AT_FDCWD) {
            return t.process().directory();
        }
        Inode inode = Inodes.get(t, Descriptors.get(t, descriptor).inode());
        if (!inode.isDirectory()) {
            throw new LinuxError(Errno.ENOTDIR);
        }
        return inode.number();
    }

    private static Place walk(Trap t, long start, String path, boolean followLast, int[] links) {
        Inode directory = Inodes.get(t, start);
        int at = 0;
        while (true) {
            while (at < path.length() && path.charAt(at) == '/') {
                at++;
            }
            if (at == path.length()) {
                return new Place(Inodes.parent(directory), "", directory.number(), true);
            }
            int end = path.indexOf('/', at);
            String name = end < 0 ? path.substring(at) : path.substring(at, end);
            int rest = end < 0 ? path.length() : end;
            while (rest < path.length() && path.charAt(rest) == '/') {
                rest++;
            }
            boolean last = rest == path.length();
            if (!directory.isDirectory()) {
                throw new LinuxError(Errno.ENOTDIR);
            }
            Inodes.require(t, directory, Inodes.MAY_EXECUTE);
            if (name.length() > NAME_MAX) {
                throw new LinuxError(Errno.ENAMETOOLONG);
            }
            boolean above = name.equals("..") && directory.number() == root(t);
            long found = above ? directory.number() : Inodes.lookup(t, directory, name);
            boolean slash = end >= 0;
            if (found == 0) {
                if (last) {
                    return new Place(directory.number(), name, 0, slash);
                }
                throw new LinuxError(Errno.ENOENT);
            }
            found = Mounts.over(t, found);
            Inode inode = Inodes.get(t, found);
            if (inode.isLink() && (!last || followLast || slash)) {
                if (links[0]++ >= LINKS_MAX) {
                    throw new LinuxError(Errno.ELOOP);
                }
                Place target = follow(t, directory, inode, links);
                if (last) {
                    return slash ? new Place(target.parent(), target.name(), target.inode(), true) : target;
                }
                if (target.inode() == 0) {
                    throw new LinuxError(Errno.ENOENT);
                }
                inode = Inodes.get(t, target.inode());
            } else if (last) {
                if (slash && !inode.isDirectory()) {
                    throw new LinuxError(Errno.ENOTDIR);
                }
                return new Place(directory.number(), name, found, slash);
            }
            directory = inode;
            at = rest;
        }
    }

    private static Place follow(Trap t, Inode directory, Inode link, int[] links) {
        if (ProcFiles.owns(link.number())) {
            long target = ProcFiles.target(t, link.number());
            if (target != 0) {
                return new Place(directory.number(), "", target, false);
            }
        }
        String target = ((Inode.Link) link.content()).target();
        if (target.isEmpty()) {
            throw new LinuxError(Errno.ENOENT);
        }
        return walk(t, target.charAt(0) == '/' ? root(t) : directory.number(), target, true, links);
    }

    /** The absolute path of a directory. */
    public static String nameOf(Trap t, long directory) {
        StringBuilder path = new StringBuilder();
        long at = directory;
        for (int depth = 0; at != KernelState.ROOT && at != root(t) && depth < 4096; depth++) {
            Inode inode = Inodes.get(t, at);
            if (ProcFiles.owns(at)) {
                path.insert(0, ProcFiles.nameOf(at));
                break;
            }
            long parent = Inodes.parent(inode);
            Mount mount = Mounts.rootedAt(t, at);
            long covered = mount == null ? at : mount.point();
            String name = null;
            for (Map.Entry<String, Long> entry : Inodes.entries(t, Inodes.get(t, parent)).entrySet()) {
                if (entry.getValue() == covered) {
                    name = entry.getKey();
                    break;
                }
            }
            if (name == null) {
                return path + " (deleted)";
            }
            path.insert(0, name).insert(0, '/');
            at = parent;
        }
        return path.isEmpty() ? "/" : path.toString();
    }

    /** The absolute path of a place. */
    public static String nameOf(Trap t, Place place) {
        if (place.name().isEmpty() || place.name().equals(".") || place.name().equals("..")) {
            return place.inode() != 0 && Inodes.get(t, place.inode()).isDirectory() ? nameOf(t, place.inode()) : "/";
        }
        String parent = nameOf(t, place.parent());
        return parent.equals("/") ? "/" + place.name() : parent + "/" + place.name();
    }
}
