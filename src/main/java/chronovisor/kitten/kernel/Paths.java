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

    /** openat2(2): no other file system. */
    public static final int NO_CROSSING = 1;
    /** No links of /proc that lead to what no path names. */
    public static final int NO_MAGIC_LINKS = 2;
    public static final int NO_LINKS = 4;
    /** Nothing but what is below the directory it begins at. */
    public static final int BENEATH = 8;
    /** The directory it begins at is the root. */
    public static final int IN_ROOT = 0x10;

    private static final int CONFINED = BENEATH | IN_ROOT;

    /** One resolution: where it may go, and how many links it has followed. */
    private static final class Walk {
        private final int rules;
        private final long start;
        private final long root;
        private int links;

        Walk(Trap t, long start, int rules) {
            this.rules = rules;
            this.start = start;
            this.root = (rules & CONFINED) != 0 ? start : root(t);
        }

        boolean has(int any) {
            return (rules & any) != 0;
        }

        /** Where an absolute path begins. */
        long top() {
            if (has(BENEATH)) {
                throw new LinuxError(Errno.EXDEV);
            }
            return root;
        }

        /** Fails with EXDEV when it would leave the file system. */
        void arrive(long inode) {
            if (has(NO_CROSSING) && (ProcFiles.owns(inode) != ProcFiles.owns(start)
                    || Mount.systemOf(inode) != Mount.systemOf(start))) {
                throw new LinuxError(Errno.EXDEV);
            }
        }
    }

    private Paths() {}

    /** Resolves a path from a directory descriptor (or AT_FDCWD). */
    public static Place resolve(Trap t, int descriptor, String path, boolean followLast) {
        return resolve(t, descriptor, path, followLast, 0);
    }

    /** Resolves under rules, {@link #NO_CROSSING} and the others. */
    public static Place resolve(Trap t, int descriptor, String path, boolean followLast, int rules) {
        if (path.isEmpty()) {
            throw new LinuxError(Errno.ENOENT);
        }
        boolean absolute = path.charAt(0) == '/';
        boolean fromBase = !absolute || (rules & CONFINED) != 0;
        Walk walk = new Walk(t, fromBase ? base(t, descriptor) : root(t), rules);
        return walk(t, walk, absolute ? walk.top() : walk.start, path, followLast);
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
        Walk walk = new Walk(t, path.startsWith("/") ? root(t) : directory, 0);
        return walk(t, walk, walk.start, path, followLast);
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

    private static Place walk(Trap t, Walk walk, long start, String path, boolean followLast) {
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
            boolean above = name.equals("..") && directory.number() == walk.root;
            if (above && walk.has(BENEATH)) {
                throw new LinuxError(Errno.EXDEV);
            }
            long found = above ? directory.number() : Inodes.lookup(t, directory, name);
            boolean slash = end >= 0;
            if (found == 0) {
                if (last) {
                    return new Place(directory.number(), name, 0, slash);
                }
                throw new LinuxError(Errno.ENOENT);
            }
            found = Mounts.over(t, found);
            walk.arrive(found);
            Inode inode = Inodes.get(t, found);
            if (inode.isLink() && (!last || followLast || slash)) {
                if (walk.links++ >= LINKS_MAX || walk.has(NO_LINKS)) {
                    throw new LinuxError(Errno.ELOOP);
                }
                Place target = follow(t, walk, directory, inode);
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

    private static Place follow(Trap t, Walk walk, Inode directory, Inode link) {
        if (ProcFiles.owns(link.number())) {
            long target = ProcFiles.target(t, link.number());
            if (target != 0) {
                if (walk.has(NO_MAGIC_LINKS)) {
                    throw new LinuxError(Errno.ELOOP);
                }
                if (walk.has(CONFINED)) {
                    throw new LinuxError(Errno.EXDEV);
                }
                walk.arrive(target);
                return new Place(directory.number(), "", target, false);
            }
        }
        String target = ((Inode.Link) link.content()).target();
        if (target.isEmpty()) {
            throw new LinuxError(Errno.ENOENT);
        }
        return walk(t, walk, target.charAt(0) == '/' ? walk.top() : directory.number(), target, true);
    }

    /** Whether a directory is the process's root or below it. */
    public static boolean belowRoot(Trap t, long directory) {
        long at = directory;
        long root = root(t);
        for (int depth = 0; at != root && depth < 4096; depth++) {
            if (at == KernelState.ROOT) {
                return false;
            }
            at = Inodes.parent(Inodes.get(t, at));
        }
        return true;
    }

    /** The absolute path of a directory. */
    public static String nameOf(Trap t, long directory) {
        StringBuilder path = new StringBuilder();
        long at = directory;
        for (int depth = 0; at != KernelState.ROOT && at != root(t) && depth < 4096; depth++) {
            Inode inode = Inodes.get(t, at);
            if (ProcFiles.owns(at)) {
                path.insert(0, ProcFiles.nameOf(t, at));
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

    /** An absolute path of an inode: the first of its names. */
    public static String nameOf(Trap t, Inode inode) {
        if (inode.isDirectory()) {
            return nameOf(t, inode.number());
        }
        for (Inode directory : t.inodesOf(Mount.systemOf(inode.number())).values()) {
            if (directory.content() instanceof Inode.Directory content) {
                for (Map.Entry<String, Long> entry : content.entries().entrySet()) {
                    if (entry.getValue() == inode.number()) {
                        return nameOf(t, new Place(directory.number(), entry.getKey(), inode.number(), false));
                    }
                }
            }
        }
        return "/#" + inode.number() + " (deleted)";
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
