package chronovisor.vmm;

/**
 * Something given to the kernel at boot, in guest-physical memory.
 *
 * @param path
 *            absolute path in the guest
 * @param mode
 *            permission bits
 * @param address
 *            guest-physical address, page aligned; 0 when the size is 0
 * @param size
 *            bytes
 * @param target
 *            of a symbolic link, else empty
 */
public record BootModule(String path, Kind kind, int mode, long address, long size, String target) {

    /** What it is. */
    public enum Kind {
        FILE, DIRECTORY, SYMLINK, INIT_TASK,
        /** A kernel that the guest brings, instead of the built-in one. */
        KERNEL,
        /** What a disk holds at first: it is in the storage, not in memory. */
        DISK,
        /** Files and folders in one; the kernel expands it, and its path is only what it is called. */
        BLOB
    }
}
