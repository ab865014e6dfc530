package chronovisor.kitten.file;

/**
 * A block device whose blocks are the bytes of a file, loop(4).
 *
 * @param number
 *            its minor number
 * @param file
 *            the open file behind it, which it holds
 * @param name
 *            what its user calls the file
 * @param flags
 *            LO_FLAGS_ bits
 * @param offset
 *            where in the file it begins, bytes
 * @param bytes_max
 *            its size at most; 0 for no limit
 */
public record LoopDevice(int number, long file, String name, int flags, long offset, long bytes_max) {

    public static final int READ_ONLY = 1;
    /** It goes when nobody has it open any more. */
    public static final int CLEARED_ON_CLOSE = 4;

    private static final int SECTOR_BYTES = 512;

    /** Its size, when the file has that many bytes. */
    public long size(long fileBytes) {
        long bytes = Math.max(0, fileBytes - offset);
        bytes = bytes_max > 0 ? Math.min(bytes, bytes_max) : bytes;
        return bytes & -SECTOR_BYTES;
    }
}
