package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.FileMode;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.Inode;

/**
 * mkdir, open, write and lseek as the kernel itself calls them before init_task runs: the same paths, limits and memory pool
 * as a program's, without a task. They fail with {@link LinuxError}.
 */
public final class BootFiles {

    private final Trap t;

    BootFiles(Trap t) {
        this.t = t;
    }

    /** Makes a directory (mode 0755); one that is there stays. Its parent must be there. */
    public void mkdir(String path) {
        Paths.Place place = Paths.from(t, KernelState.ROOT, path, true);
        if (place.inode() != 0) {
            if (!Inodes.get(t, place.inode()).isDirectory()) {
                throw new LinuxError(Errno.EEXIST);
            }
            return;
        }
        Inodes.create(t, place.parent(), place.name(), FileMode.S_IFDIR | 0755, Inodes.emptyDirectory(place.parent()));
    }

    /**
     * open(O_CREAT | O_EXCL), mode 0644.
     *
     * @return the file, for {@link #write} and {@link #end}
     */
    public long open(String path) {
        Paths.Place place = Paths.from(t, KernelState.ROOT, path, false);
        if (place.inode() != 0) {
            throw new LinuxError(Errno.EEXIST);
        }
        Inode.Data data = t.options.has("vfs") ? Inode.Data.EMPTY : OriginalPaths.block(t);
        return Inodes.create(t, place.parent(), place.name(), FileMode.S_IFREG | 0644, data).number();
    }

    /**
     * Writes bytes at the end of a file; short when the kernel's memory pool is used up on the way. What would make the file larger than
     * files may be fails whole, with EFBIG.
     */
    public int write(long file, byte[] from, int at, int length) {
        if (end(file) + length > t.options.fileBytesMax()) {
            throw new LinuxError(Errno.EFBIG);
        }
        return length == 0 ? 0 : FileData.write(t, file, end(file), from, at, length);
    }

    /** lseek(0, SEEK_END): the size of a file. */
    public long end(long file) {
        return Inodes.get(t, file).size();
    }
}
