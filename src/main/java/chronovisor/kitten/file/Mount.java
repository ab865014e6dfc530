package chronovisor.kitten.file;

import java.util.List;

/**
 * A file system mounted over a directory.
 *
 * @param system
 *            number of the file system: bits 40 and up of the numbers of its inodes
 * @param root
 *            inode of its root directory
 * @param point
 *            inode of the directory it covers
 * @param source
 *            what was given as its device
 * @param type
 *            file system type
 * @param flags
 *            MS_RDONLY and its like, as mount(2) numbers them
 */
public record Mount(long system, long root, long point, String source, String type, long flags) {

    public static final long READ_ONLY = 1;

    /** File system types, as sysfs(2) numbers them and /proc/filesystems lists them. */
    public static final List<String> TYPES = List.of("proc", "tmpfs", "ramfs");

    private static final int SYSTEM_SHIFT = 40;

    /** The file system that an inode belongs to; 0 is the first. */
    public static long systemOf(long inode) {
        return inode >>> SYSTEM_SHIFT & 0xFFFF;
    }

    /** The inode number with the file system in it. */
    public static long inSystem(long system, long inode) {
        return system << SYSTEM_SHIFT | inode;
    }

    public boolean readOnly() {
        return (flags & READ_ONLY) != 0;
    }

    public Mount withFlags(long changed) {
        return new Mount(system, root, point, source, type, changed);
    }
}
