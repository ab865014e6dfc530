package chronovisor.kitten.file;

/**
 * A lease on a file, fcntl(2): its holder is told before somebody else opens or truncates the file, and has a while to
 * give it up.
 *
 * @param file
 *            the open file that holds it
 * @param inode
 *            the file that it is on
 * @param write
 *            whether nobody else may have the file open, or only nobody for writing
 * @param descriptor
 *            what its holder calls the open file
 * @param deadline_ns
 *            virtual time at which what it stands in the way of happens all the same; 0 as long as it is in nobody's way
 * @param keepsRead
 *            whether, in somebody's way, it may stay as a read lease
 */
public record Lease(long file, long inode, boolean write, int descriptor, long deadline_ns, boolean keepsRead) {

    /** Whether its holder has been told to give it up. */
    public boolean breaking() {
        return deadline_ns != 0;
    }

    /** In somebody's way: until then. */
    public Lease withBreaking(long until_ns, boolean mayKeepRead) {
        return new Lease(file, inode, write, descriptor, until_ns, mayKeepRead);
    }
}
