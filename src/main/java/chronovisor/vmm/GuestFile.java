package chronovisor.vmm;

/**
 * Something to be loaded at boot.
 *
 * @param data
 *            contents of a file or of the init_task's ELF, else empty
 */
public record GuestFile(String path, BootModule.Kind kind, int mode, byte[] data, String target) {

    /** The init_task's ELF. */
    public static GuestFile initTask(String path, byte[] elf) {
        return new GuestFile(path, BootModule.Kind.INIT_TASK, 0755, elf, "");
    }

    /** A kernel that the guest brings. */
    public static GuestFile kernel(String path, byte[] image) {
        return new GuestFile(path, BootModule.Kind.KERNEL, 0, image, "");
    }

    /** A module of a kernel that the guest brings; the path is the text that the kernel is told with it. */
    public static GuestFile module(String text, byte[] contents) {
        return new GuestFile(text, BootModule.Kind.FILE, 0, contents, "");
    }

    /** What a disk holds at first; the path is the disk's id. */
    public static GuestFile disk(String id, byte[] contents) {
        return new GuestFile(id, BootModule.Kind.DISK, 0, contents, "");
    }

    /** Files and folders in one, which the kernel expands at boot. */
    public static GuestFile blob(String name, byte[] data) {
        return new GuestFile(name, BootModule.Kind.BLOB, 0, data, "");
    }

    /** A plain file. */
    public static GuestFile file(String path, int mode, byte[] data) {
        return new GuestFile(path, BootModule.Kind.FILE, mode, data, "");
    }

    /** A directory. */
    public static GuestFile directory(String path, int mode) {
        return new GuestFile(path, BootModule.Kind.DIRECTORY, mode, new byte[0], "");
    }

    /** A symbolic link. */
    public static GuestFile symlink(String path, String target) {
        return new GuestFile(path, BootModule.Kind.SYMLINK, 0777, new byte[0], target);
    }
}
