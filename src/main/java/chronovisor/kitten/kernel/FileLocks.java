package chronovisor.kitten.kernel;

import chronovisor.kitten.file.FileLock;
import chronovisor.kitten.task.WaitKey;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/** Advisory locks, kept by inode in the order of their ranges; adjacent ones of one owner are one. */
public final class FileLocks {

    private FileLocks() {}

    /** A lock that keeps {@code wanted} from being taken, or null. */
    public static @Nullable FileLock conflict(Trap t, long inode, FileLock wanted) {
        for (FileLock held : t.locks(inode)) {
            if (held.conflictsWith(wanted)) {
                return held;
            }
        }
        return null;
    }

    /** Takes a lock that conflicts with none, replacing what its owner held in the range. */
    public static void take(Trap t, long inode, FileLock wanted) {
        FileLock joined = wanted;
        PVector<FileLock> others = TreePVector.empty();
        for (FileLock held : without(t.locks(inode), wanted)) {
            boolean adjacent = held.sameOwner(wanted) && held.exclusive() == wanted.exclusive()
                    && (held.end() == joined.start() - 1 || joined.end() == held.start() - 1);
            if (adjacent) {
                joined = new FileLock(joined.kind(), joined.owner(), joined.exclusive(),
                        Math.min(joined.start(), held.start()), Math.max(joined.end(), held.end()));
            } else {
                others = others.plus(held);
            }
        }
        int at = 0;
        while (at < others.size() && others.get(at).start() <= joined.start()) {
            at++;
        }
        t.locks(inode, others.plus(at, joined));
        wake(t, inode);
    }

    /** Gives back what the owner of {@code range} holds in it. */
    public static void release(Trap t, long inode, FileLock range) {
        PVector<FileLock> held = t.locks(inode);
        if (!held.isEmpty()) {
            t.locks(inode, without(held, range));
            wake(t, inode);
        }
    }

    private static void wake(Trap t, long inode) {
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.LOCK, inode), Integer.MAX_VALUE);
    }

    private static PVector<FileLock> without(PVector<FileLock> held, FileLock range) {
        PVector<FileLock> left = TreePVector.empty();
        for (FileLock lock : held) {
            if (!lock.sameOwner(range) || lock.end() < range.start() || lock.start() > range.end()) {
                left = left.plus(lock);
                continue;
            }
            if (lock.start() < range.start()) {
                left = left.plus(new FileLock(lock.kind(), lock.owner(), lock.exclusive(), lock.start(),
                        range.start() - 1));
            }
            if (lock.end() > range.end()) {
                left = left.plus(new FileLock(lock.kind(), lock.owner(), lock.exclusive(), range.end() + 1,
                        lock.end()));
            }
        }
        return left;
    }
}
