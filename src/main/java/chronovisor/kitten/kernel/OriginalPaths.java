package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.FileMode;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.Inode;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * Paths as kfs walks them: always from the root, whatever the path begins with; {@code .} and {@code ..} are names like
 * others; links are always followed; names are cut to 127 bytes when they are made, missing parents are made, and a new
 * file takes all the kernel memory that it can ever need.
 */
public final class OriginalPaths {

    /** A name's bytes, without the NUL. */
    private static final int NAME_MAX = 127;
    /** A path's bytes; what is longer is cut. */
    public static final int PATH_MAX = 1024;
    private static final int LINKS_MAX = 40;
    /** What the allocator of kernel memory keeps before a block; sizes are powers of two. */
    private static final int BLOCK_HEADER_BYTES = 16;

    private OriginalPaths() {}

    /** A path from user memory. */
    public static String read(Trap t, long address) {
        return UserMemory.prefix(t, address, PATH_MAX - 1);
    }

    /** What a path names, or null. */
    public static @Nullable Inode find(Trap t, String path) {
        Inode at = Inodes.get(t, KernelState.ROOT);
        for (String name : path.split("/", -1)) {
            if (name.isEmpty()) {
                continue;
            }
            if (!at.isDirectory()) {
                return null;
            }
            long number = child(t, at, name);
            if (number == 0) {
                return null;
            }
            at = followed(t, Inodes.get(t, number));
        }
        return at;
    }

    private static long child(Trap t, Inode directory, String name) {
        return name.equals(".") || name.equals("..") ? 0 : Inodes.lookup(t, directory, name);
    }

    private static Inode followed(Trap t, Inode inode) {
        Inode at = inode;
        for (int i = 0; at.content() instanceof Inode.Link link; i++) {
            Inode target = i < LINKS_MAX ? find(t, link.target()) : null;
            if (target == null) {
                return at;
            }
            at = target;
        }
        return at;
    }

    /** Makes a directory, or hands out the one that is there. */
    public static Inode makeDirectory(Trap t, String path, int mode) {
        Inode parent = parent(t, path);
        String name = cut(last(path));
        long there = child(t, parent, name);
        if (there != 0 || name.isEmpty()) {
            Consoles.print(t, "kfs_mkdirent: '" + name + "' already exists");
            return there == 0 ? parent : Inodes.get(t, there);
        }
        return Inodes.create(t, parent.number(), name, FileMode.S_IFDIR | mode & 07777,
                Inodes.emptyDirectory(parent.number()));
    }

    /** Makes a file, with its kernel memory. */
    public static Inode makeFile(Trap t, String path) {
        Inode parent = parent(t, path);
        return Inodes.create(t, parent.number(), cut(last(path)), FileMode.S_IFREG | 0777, block(t));
    }

    /** The kernel memory of a new file: as much as the largest may have, at once. */
    static Inode.Data block(Trap t) {
        long bytes = Long.highestOneBit(t.options.fileBytesMax() + BLOCK_HEADER_BYTES - 1) << 1;
        TreePMap<Long, Long> pages = TreePMap.empty();
        for (long page = 0; page << 12 < bytes; page++) {
            pages = pages.plus(page, t.allocateKernelFrame());
        }
        return new Inode.Data(pages, 0);
    }

    /** The directory of a path's last name; what is missing on the way is made. */
    private static Inode parent(Trap t, String path) {
        int slash = path.lastIndexOf('/');
        if (slash < 0) {
            Consoles.print(t, "kfs_create: Non-absolute path name! '" + path + "'");
            throw new LinuxError(Errno.EFAULT);
        }
        Inode at = Inodes.get(t, KernelState.ROOT);
        for (String name : path.substring(0, slash).split("/", -1)) {
            if (name.isEmpty()) {
                continue;
            }
            if (!at.isDirectory()) {
                throw new LinuxError(Errno.EFAULT);
            }
            long number = child(t, at, name);
            at = number == 0
                    ? Inodes.create(t, at.number(), cut(name), FileMode.S_IFDIR | 0777,
                            Inodes.emptyDirectory(at.number()))
                    : followed(t, Inodes.get(t, number));
        }
        if (!at.isDirectory()) {
            throw new LinuxError(Errno.EFAULT);
        }
        return at;
    }

    /** The last name of a path. */
    public static String last(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static String cut(String name) {
        return name.substring(0, Math.min(NAME_MAX, name.length()));
    }
}
