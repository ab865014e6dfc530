package chronovisor.kitten.kernel;

import chronovisor.kitten.memory.Protection;
import chronovisor.kitten.memory.Region;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.WaitKey;
import java.util.List;

/**
 * Futex wait queues. A word in private memory is keyed by address space and address (its frame may change when it is
 * copied after a fork), one in a shared mapping by its frame, so that all who map it meet.
 */
public final class Futexes {

    /** Matches every waiter. */
    public static final int ANY = -1;

    private Futexes() {}

    /** The wait queue of a futex word. */
    public static WaitKey key(Trap t, int space, long address) {
        long gpa = UserMemory.translate(t, space, address, Protection.READ);
        Region region = t.space(space).find(address);
        boolean shared = region != null && region.shared();
        return new WaitKey(WaitKey.Kind.FUTEX, shared ? Long.MIN_VALUE | gpa : (long) space << 48 | address);
    }

    /** Wakes at most {@code max} waiters whose bits meet {@code bits}; returns how many. */
    public static int wake(Trap t, int space, long address, int max, int bits) {
        WaitKey key = key(t, space, address);
        int woken = 0;
        for (Task task : waiting(t, key)) {
            if (woken >= max) {
                break;
            }
            Run.Blocked blocked = task.blocked();
            if (blocked != null && ((int) blocked.call().progress().extra() & bits) != 0) {
                Scheduler.resume(t, told(t, task, blocked, key), true, key.toString());
                woken++;
            }
        }
        return woken;
    }

    /** Who waits for several futexes is told which of them it was, by its place. */
    private static Task told(Trap t, Task task, Run.Blocked blocked, WaitKey key) {
        if (blocked.queues().size() == 1) {
            return task;
        }
        Call.Progress p = blocked.call().progress();
        Call told = blocked.call().withProgress(
                new Call.Progress(p.entered(), blocked.queues().indexOf(key), p.deadline_ns(), p.extra(), p.woken()));
        Task changed = task.withRun(new Run.Blocked(told, blocked.queues(), blocked.deadline_ns(), blocked.order(),
                blocked.uninterruptible()));
        t.put(changed);
        return changed;
    }

    /**
     * Picks the next owner of a priority-inheritance futex and wakes it; returns the word that makes it the owner, or 0
     * when nobody waits.
     */
    public static int handOver(Trap t, int space, long address) {
        WaitKey key = key(t, space, address);
        List<Task> waiting = waiting(t, key);
        if (waiting.isEmpty()) {
            return 0;
        }
        Scheduler.resume(t, waiting.get(0), true, key.toString());
        return waiting.get(0).id() | (waiting.size() > 1 ? 0x8000_0000 : 0);
    }

    /** Moves at most {@code max} waiters from one queue to another; returns how many. */
    public static int requeue(Trap t, WaitKey from, WaitKey to, int max) {
        int moved = 0;
        for (Task task : waiting(t, from)) {
            Run.Blocked blocked = task.blocked();
            if (moved >= max || blocked == null) {
                break;
            }
            t.put(task.withRun(new Run.Blocked(blocked.call(), List.of(to), blocked.deadline_ns(),
                    Standing.order(t, task, List.of(to)), blocked.uninterruptible())));
            moved++;
        }
        return moved;
    }

    /** Gives a waiter whose rank has risen its place among its new equals. */
    static void moveUp(Trap t, Task task, Run.Blocked blocked) {
        t.put(task.withRun(new Run.Blocked(blocked.call(), blocked.queues(), blocked.deadline_ns(),
                Standing.order(t, task, blocked.queues()), blocked.uninterruptible())));
    }

    private static List<Task> waiting(Trap t, WaitKey key) {
        return t.waits().waiting(key).stream().map(t::task).toList();
    }
}
