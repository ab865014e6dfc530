package chronovisor.kitten.kernel;

import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.Scheduling;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.WaitKey;
import java.util.List;

/**
 * What the scheduler compares tasks by with the {@code fair} patch (sched(7)): first their ranks, which are the priorities of the
 * real-time policies; then, of those that have none, how long they have run, which counts the less the higher their weight is. Without
 * the patch all are alike, as in Kitten.
 */
final class Standing {

    private static final long ROUND_ROBIN_NS = 100_000_000L;
    private static final int WEIGHT_OF_NICE_0 = 1024;
    private static final int WEIGHT_OF_IDLE = 3;
    /** A step of nice is a tenth of the processor, from one to the other. */
    private static final double NICE_STEP = 1.25;

    /** More tasks than will ever wait. */
    private static final int RANK_SHIFT = 48;

    private static final int[] WEIGHTS = weights();

    private Standing() {}

    private static int[] weights() {
        int[] weights = new int[Scheduling.NICE_MAX - Scheduling.NICE_MIN + 1];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (int) (WEIGHT_OF_NICE_0 / StrictMath.pow(NICE_STEP, i + Scheduling.NICE_MIN));
        }
        return weights;
    }

    /** Who may run at all while others are ready: the highest. 0 for all that are not real-time. */
    static int rank(Trap t, Task task) {
        Scheduling scheduling = task.scheduling();
        return t.options.has("fair") ? Math.max(scheduling.priority(), scheduling.lent()) : 0;
    }

    /** How long a task has run for its weight, against others of its core that have no rank. */
    static long fair_ns(Trap t, Task task) {
        long running_ns = Times.task_ns(t, task) - task.cpu_ns();
        return task.cpu_ns() + task.lag_ns() + weighted(task.scheduling(), running_ns);
    }

    /** What a newcomer to a core starts from: as much as those have run that are there, also one that has long been alone. */
    static long newcomer_ns(Trap t, int core) {
        CoreState state = t.coreState(core);
        return state.current() >= 0 && state.queue().isEmpty() && rank(t, t.task(state.current())) == 0
                ? Math.max(state.fair_ns(), fair_ns(t, t.task(state.current())))
                : state.fair_ns();
    }

    /** A task of which the time that it has run on its core is counted, as it leaves it. */
    static Task counted(Trap t, Task task) {
        long running_ns = Times.task_ns(t, task) - task.cpu_ns();
        long more_ns = weighted(task.scheduling(), running_ns) - running_ns;
        return task.withCpu(task.cpu_ns() + running_ns).withLag(task.lag_ns() + more_ns);
    }

    /** A task that is to be scheduled otherwise. The time that it has run by a rank is nothing to those that have none. */
    static Task changed(Trap t, Task task, Scheduling wanted) {
        Task changed = counted(t, task).withScheduling(wanted);
        return rank(t, task) > 0 && rank(t, changed) == 0
                ? changed.withLag(newcomer_ns(t, task.core()) - changed.cpu_ns())
                : changed;
    }

    private static long weighted(Scheduling scheduling, long ns) {
        int weight = scheduling.policy() == Scheduling.IDLE
                ? WEIGHT_OF_IDLE
                : WEIGHTS[scheduling.nice() - Scheduling.NICE_MIN];
        return weight == WEIGHT_OF_NICE_0 ? ns : ns * WEIGHT_OF_NICE_0 / weight;
    }

    /** How long a task that has a rank may run before its equals: for ever unless it is SCHED_RR. */
    static long rankedSlice_ns(Task task) {
        return task.scheduling().policy() == Scheduling.ROUND_ROBIN ? ROUND_ROBIN_NS : Long.MAX_VALUE;
    }

    /** Until when a task may run that gets a core now. */
    static long sliceEnd_ns(Trap t, Task task) {
        long slice_ns = Scheduler.slice_ns(t, task);
        return slice_ns == Long.MAX_VALUE ? slice_ns : t.now_ns() + slice_ns;
    }

    /** Where in the queue of a core a task belongs that was not on it: behind all of its standing. */
    static int place(Trap t, List<Integer> queue, Task task) {
        int at = queue.size();
        if (!t.options.has("fair")) {
            return at;
        }
        int rank = rank(t, task);
        while (at > 0) {
            Task before = t.task(queue.get(at - 1));
            int other = rank(t, before);
            if (other > rank || other == rank && (rank > 0 || fair_ns(t, before) <= fair_ns(t, task))) {
                break;
            }
            at--;
        }
        return at;
    }

    /** Where a task belongs that one of a higher rank takes the core from: before all of its own rank. */
    static int placeOfPreempted(Trap t, List<Integer> queue, Task task) {
        int rank = rank(t, task);
        int at = 0;
        while (at < queue.size() && rank(t, t.task(queue.get(at))) > rank) {
            at++;
        }
        return at;
    }

    /** How many at the head of a queue are equal to the scheduler when the order is left to chance; priorities leave none to it. */
    static int alike(Trap t, List<Integer> queue) {
        return rank(t, t.task(queue.get(0))) > 0 ? 1 : queue.size();
    }

    /** A place in wait queues: as they come, but waiters of a futex behind those of their rank only, which they have when they come. */
    static long order(Trap t, Task task, List<WaitKey> queues) {
        boolean ranked = queues.stream().anyMatch(key -> key.kind() == WaitKey.Kind.FUTEX);
        return t.nextOrder() - (ranked ? (long) rank(t, task) << RANK_SHIFT : 0);
    }

    /** A task on its way to another core, behind as much there as it was here. */
    static Task moved(Trap t, Task task, int core) {
        long between_ns = t.coreState(core).fair_ns() - t.coreState(task.core()).fair_ns();
        return task.withCore(core).withLag(task.lag_ns() + between_ns);
    }

    /** Whether a task runs on a core that is not its own (any more). */
    static boolean displaced(Task task) {
        return task.run() instanceof Run.Running on && on.core() != task.core();
    }
}
