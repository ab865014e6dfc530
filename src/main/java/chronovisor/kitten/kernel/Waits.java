package chronovisor.kitten.kernel;

import chronovisor.kitten.task.IntervalTimer;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;
import chronovisor.kitten.task.WaitKey;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * Who waits, by what for and until when: the index that makes waking and timing out logarithmic. It says nothing that
 * tasks, processes and timers do not say themselves, and changes with them in {@link Trap}.
 *
 * @param queues
 *            wait queue to the tasks in it, by the order in which they began to wait
 * @param deadlines
 *            what has to happen at which virtual time
 */
public record Waits(TreePMap<WaitKey, TreePMap<Long, Integer>> queues, TreePMap<Deadline, Boolean> deadlines) {

    /** Nobody waits. */
    public static final Waits NONE = new Waits(TreePMap.empty(), TreePMap.empty());

    /** What a deadline belongs to. */
    public enum Kind {
        /** A blocked task, by task. */
        TASK,
        /** ITIMER_REAL, by process. */
        ALARM,
        /** An interval timer, by its key. */
        TIMER
    }

    /** A moment of virtual time and what happens then. */
    public record Deadline(long at_ns, Kind kind, long id) implements Comparable<Deadline> {
        @Override
        public int compareTo(Deadline other) {
            int byTime = Long.compare(at_ns, other.at_ns);
            int byKind = byTime != 0 ? byTime : kind.compareTo(other.kind);
            return byKind != 0 ? byKind : Long.compare(id, other.id);
        }
    }

    /** The tasks in a queue, longest waiting first. */
    List<Integer> waiting(WaitKey key) {
        TreePMap<Long, Integer> queue = queues.get(key);
        return queue == null ? List.of() : List.copyOf(queue.values());
    }

    /** The first deadline, or null. */
    @Nullable
    Deadline first() {
        return deadlines.isEmpty() ? null : deadlines.firstKey();
    }

    /** Follows a task from one state to the next; null is no task. The same wait is the same object. */
    @SuppressWarnings("ReferenceEquality")
    Waits moved(@Nullable Task from, @Nullable Task to) {
        Run.Blocked before = from == null ? null : from.blocked();
        Run.Blocked after = to == null ? null : to.blocked();
        if (before == after) {
            return this;
        }
        Waits changed = this;
        if (before != null && from != null) {
            changed = changed.without(from.id(), before);
        }
        if (after != null && to != null) {
            changed = changed.with(to.id(), after);
        }
        return changed;
    }

    private Waits with(int task, Run.Blocked blocked) {
        TreePMap<WaitKey, TreePMap<Long, Integer>> changed = queues;
        for (WaitKey key : blocked.queues()) {
            TreePMap<Long, Integer> queue = changed.get(key);
            changed = changed.plus(key,
                    (queue == null ? TreePMap.<Long, Integer>empty() : queue).plus(blocked.order(), task));
        }
        return new Waits(changed, at(deadlines, blocked.deadline_ns(), Kind.TASK, task, true));
    }

    private Waits without(int task, Run.Blocked blocked) {
        TreePMap<WaitKey, TreePMap<Long, Integer>> changed = queues;
        for (WaitKey key : blocked.queues()) {
            TreePMap<Long, Integer> queue = changed.get(key);
            if (queue != null) {
                TreePMap<Long, Integer> rest = queue.minus(blocked.order());
                changed = rest.isEmpty() ? changed.minus(key) : changed.plus(key, rest);
            }
        }
        return new Waits(changed, at(deadlines, blocked.deadline_ns(), Kind.TASK, task, false));
    }

    /** Follows a process's alarm from one state to the next; null is no process. */
    Waits moved(@Nullable UserProcess from, @Nullable UserProcess to) {
        return moved(from == null ? 0 : from.alarm_ns(), to == null ? 0 : to.alarm_ns(), Kind.ALARM,
                from != null ? from.id() : to != null ? to.id() : 0);
    }

    /** Follows an interval timer from one state to the next; null is no timer. Timers of CPU time are not here. */
    Waits moved(@Nullable IntervalTimer from, @Nullable IntervalTimer to) {
        return moved(from == null ? 0 : from.rings_ns(), to == null ? 0 : to.rings_ns(), Kind.TIMER,
                from != null ? from.key() : to != null ? to.key() : 0);
    }

    private Waits moved(long before_ns, long after_ns, Kind kind, long id) {
        if (before_ns == after_ns) {
            return this;
        }
        TreePMap<Deadline, Boolean> changed = before_ns == 0 ? deadlines : at(deadlines, before_ns, kind, id, false);
        return new Waits(queues, after_ns == 0 ? changed : at(changed, after_ns, kind, id, true));
    }

    private static TreePMap<Deadline, Boolean> at(TreePMap<Deadline, Boolean> from, long at_ns, Kind kind, long id,
            boolean present) {
        if (at_ns == Long.MAX_VALUE) {
            return from;
        }
        Deadline deadline = new Deadline(at_ns, kind, id);
        return present ? from.plus(deadline, true) : from.minus(deadline);
    }

    /** The index of a whole table of tasks, processes and timers: what this one must always be equal to. */
    static Waits of(Map<Integer, Task> tasks, Map<Integer, UserProcess> processes, Map<Long, IntervalTimer> timers) {
        Waits waits = NONE;
        for (Task task : tasks.values()) {
            waits = waits.moved(null, task);
        }
        for (UserProcess process : processes.values()) {
            waits = waits.moved(null, process);
        }
        for (IntervalTimer timer : timers.values()) {
            waits = waits.moved(null, timer);
        }
        return waits;
    }
}
