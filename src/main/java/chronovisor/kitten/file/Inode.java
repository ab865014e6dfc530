package chronovisor.kitten.file;

import chronovisor.kitten.abi.FileMode;
import org.pcollections.TreePMap;

/**
 * A file, directory, link or device (inode(7)).
 *
 * @param number
 *            inode number, never reused
 * @param mode
 *            type and permission bits
 * @param links
 *            directory entries that name it
 * @param size
 *            bytes
 * @param device
 *            device number of a device file
 * @param content
 *            what it holds
 * @param accessed_ns
 *            times, nanoseconds since the epoch
 * @param attributes
 *            extended attributes, xattr(7): each value's bytes as the characters of a string
 */
public record Inode(long number, int mode, int uid, int gid, int links, long size, long device, Content content,
        long accessed_ns, long modified_ns, long changed_ns, long born_ns, TreePMap<String, String> attributes) {

    /** What an inode holds. */
    public sealed interface Content {}

    /**
     * Page number in the file to guest frame; pages that are missing read as zeros.
     *
     * @param seals
     *            what may not be done to the file any more (fcntl(2), F_ADD_SEALS)
     */
    public record Data(TreePMap<Long, Long> pages, int seals) implements Content {
        /** No more seals. */
        public static final int SEAL = 1;
        public static final int SHRINK = 2;
        public static final int GROW = 4;
        public static final int WRITE = 8;
        public static final int FUTURE_WRITE = 16;
        /** A file of no pages. */
        public static final Data EMPTY = new Data(TreePMap.empty(), SEAL);

        public Data withPages(TreePMap<Long, Long> changed) {
            return new Data(changed, seals);
        }

        /** Whether one of these seals is set. */
        public boolean sealed(int any) {
            return (seals & any) != 0;
        }
    }

    /** Names to inode numbers, without {@code .} and {@code ..}. */
    public record Directory(TreePMap<String, Long> entries, long parent) implements Content {}

    /** A symbolic link. */
    public record Link(String target) implements Content {}

    /** A character device; its number is the inode's. */
    public record Device() implements Content {}

    /** A pipe with a name, or the inode of an anonymous one. */
    public record Fifo(long pipe) implements Content {}

    /** The name of a socket that is bound to it ({@code socket} 0 for none), or the inode of one without a name. */
    public record SocketName(long socket) implements Content {}

    /** A file of /proc, whose text the kernel makes up when it is opened. */
    public record Generated() implements Content {}

    /** A new inode with one link. */
    public static Inode create(long number, int mode, int uid, int gid, Content content, long now_ns) {
        int links = content instanceof Directory ? 2 : 1;
        long size = content instanceof Link link ? link.target().length() : content instanceof Directory ? 40 : 0;
        return new Inode(number, mode, uid, gid, links, size, 0, content, now_ns, now_ns, now_ns, now_ns,
                TreePMap.empty());
    }

    /** The type bits of the mode. */
    public int type() {
        return mode & FileMode.S_IFMT;
    }

    public boolean isDirectory() {
        return type() == FileMode.S_IFDIR;
    }

    public boolean isRegular() {
        return type() == FileMode.S_IFREG;
    }

    public boolean isLink() {
        return type() == FileMode.S_IFLNK;
    }

    public Inode withDevice(long number) {
        return new Inode(this.number, mode, uid, gid, links, size, number, content, accessed_ns, modified_ns,
                changed_ns, born_ns, attributes);
    }

    public Inode withMode(int newMode, long now_ns) {
        return new Inode(number, newMode, uid, gid, links, size, device, content, accessed_ns, modified_ns, now_ns,
                born_ns, attributes);
    }

    public Inode withOwner(int newUid, int newGid, int newMode, long now_ns) {
        return new Inode(number, newMode, newUid, newGid, links, size, device, content, accessed_ns, modified_ns,
                now_ns, born_ns, attributes);
    }

    public Inode withLinks(int count, long now_ns) {
        return new Inode(number, mode, uid, gid, count, size, device, content, accessed_ns, modified_ns, now_ns,
                born_ns, attributes);
    }

    /** New content and size, modified now. */
    public Inode withContent(Content newContent, long newSize, long now_ns) {
        return new Inode(number, mode, uid, gid, links, newSize, device, newContent, accessed_ns, now_ns, now_ns,
                born_ns, attributes);
    }

    /** The same bytes or names kept in another place: no modification. */
    public Inode withPlace(Content moved, long newChanged_ns) {
        return new Inode(number, mode, uid, gid, links, size, device, moved, accessed_ns, modified_ns, newChanged_ns,
                born_ns, attributes);
    }

    public Inode withAccessed(long now_ns) {
        return new Inode(number, mode, uid, gid, links, size, device, content, now_ns, modified_ns, changed_ns,
                born_ns, attributes);
    }

    public Inode withTimes(long newAccessed_ns, long newModified_ns, long now_ns) {
        return new Inode(number, mode, uid, gid, links, size, device, content, newAccessed_ns, newModified_ns, now_ns,
                born_ns, attributes);
    }

    public Inode withAttributes(TreePMap<String, String> changed, long now_ns) {
        return new Inode(number, mode, uid, gid, links, size, device, content, accessed_ns, modified_ns, now_ns,
                born_ns, changed);
    }
}
