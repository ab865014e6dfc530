package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.Task;
import org.jspecify.annotations.Nullable;

/**
 * Priority inheritance (FUTEX_LOCK_PI of futex(2)): who holds a lock has the highest priority of those that wait for it, and so has the
 * holder of the lock that the holder waits for.
 */
public final class Inheritance {

    /** The bits of the word of such a lock that tell its owner. */
    public static final int OWNER = 0x3fff_ffff;

    /** The operations that wait for such a lock. */
    public static final int LOCK_PI = 6;
    public static final int LOCK_PI2 = 13;

    private static final int CALL = 202;
    private static final int COMMAND = 127;

    private Inheritance() {}

    /** Lends a priority to the owner of a lock that the current task is about to wait for. */
    public static void lend(Trap t, int owner) {
        lend(t, t.findTask(owner), Standing.rank(t, t.task()));
    }

    /** Ranks only rise on the way, so a ring of locks ends too. */
    private static void lend(Trap t, @Nullable Task owner, int rank) {
        Task holder = owner;
        while (holder != null && Standing.rank(t, holder) < rank) {
            Scheduler.change(t, holder, holder.scheduling().withLent(rank));
            Task changed = t.task(holder.id());
            Run.Blocked blocked = changed.blocked();
            holder = null;
            if (blocked != null) {
                Futexes.moveUp(t, changed, blocked);
                holder = t.findTask(ownerWaitedFor(t, changed));
            }
        }
    }

    /** Takes back from a task what nobody lends it any more, as one waits no longer or the lock is another's. */
    public static void settle(Trap t, int id) {
        Task task = t.findTask(id);
        if (task == null) {
            return;
        }
        int lent = 0;
        for (Task other : t.tasks().values()) {
            if (other.blocked() != null && Standing.rank(t, other) > lent && ownerWaitedFor(t, other) == id) {
                lent = Standing.rank(t, other);
            }
        }
        if (lent != task.scheduling().lent()) {
            Scheduler.change(t, task, task.scheduling().withLent(lent));
        }
    }

    /** Settles a task that had something lent. */
    public static void giveBack(Trap t, int id) {
        Task task = t.findTask(id);
        if (task != null && task.scheduling().lent() > 0) {
            settle(t, id);
        }
    }

    /** Who owns the lock that a task waits for; 0 when it waits for none. */
    private static int ownerWaitedFor(Trap t, Task task) {
        Run.Blocked blocked = task.blocked();
        if (blocked == null || blocked.call().number() != CALL) {
            return 0;
        }
        int command = (int) blocked.call().a1() & COMMAND;
        if (command != LOCK_PI && command != LOCK_PI2) {
            return 0;
        }
        byte[] word = new byte[4];
        try {
            UserMemory.read(t, t.process(task.process()).addressSpace(), blocked.call().a0(), word, 0, word.length);
        } catch (LinuxError e) {
            // The lock was unmapped under its waiter: it is nobody's.
            return 0;
        }
        return Bytes.get32(word, 0) & OWNER;
    }
}
