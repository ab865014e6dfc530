package chronovisor.kitten.ipc;

/**
 * A shared memory segment (shmget(2)).
 *
 * @param inode
 *            the inode whose pages it is
 * @param made
 *            process that made it
 * @param last
 *            process that attached or detached it last
 */
public record Segment(int id, Permissions permissions, long bytes, long inode, int made, int last, long attached_s,
        long detached_s, long changed_s) {

    /** State bit: it goes with its last attachment. */
    public static final int REMOVED = 01000;
    /** State bit: its memory is locked. */
    public static final int LOCKED = 02000;

    public Segment withPermissions(Permissions changed, long now_s) {
        return new Segment(id, changed, bytes, inode, made, last, attached_s, detached_s, now_s);
    }

    public Segment attached(int process, long now_s) {
        return new Segment(id, permissions, bytes, inode, made, process, now_s, detached_s, changed_s);
    }

    public Segment detached(int process, long now_s) {
        return new Segment(id, permissions, bytes, inode, made, process, attached_s, now_s, changed_s);
    }
}
