package chronovisor.kitten.file;

/**
 * A lock on a file (fcntl(2), flock(2)).
 *
 * @param kind
 *            locks of different kinds do not see each other, but for record locks of processes and open files
 * @param owner
 *            process for {@link Kind#PROCESS}, else open file
 * @param exclusive
 *            write lock
 * @param start
 *            first byte
 * @param end
 *            last byte
 */
public record FileLock(Kind kind, long owner, boolean exclusive, long start, long end) {

    /** Who holds a lock. */
    public enum Kind {
        PROCESS, OPEN_FILE, FLOCK
    }

    /** Whether this lock keeps another from being taken. */
    public boolean conflictsWith(FileLock other) {
        boolean sameWorld = (kind == Kind.FLOCK) == (other.kind == Kind.FLOCK);
        return sameWorld && !sameOwner(other) && (exclusive || other.exclusive) && start <= other.end
                && other.start <= end;
    }

    public boolean sameOwner(FileLock other) {
        return kind == other.kind && owner == other.owner;
    }
}
