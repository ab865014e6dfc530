package chronovisor.kitten.kernel;

import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * What the scheduler keeps for one virtual core.
 *
 * @param current
 *            the task on the core, -1 when idle
 * @param queue
 *            tasks that are ready, next first
 * @param switched_ns
 *            virtual time from which on the current task's time is still to be counted
 * @param timer_ns
 *            deadline the local timer is programmed for, {@link Long#MAX_VALUE} when off
 * @param slice_ns
 *            end of the current task's time slice
 * @param fair_ns
 *            fair run time of the task that was chosen last: never goes back, and newcomers start from it
 */
public record CoreState(int current, PVector<Integer> queue, long switched_ns, long timer_ns, long slice_ns,
        long fair_ns) {

    /** A core with nothing to do. */
    public static final CoreState IDLE = new CoreState(-1, TreePVector.empty(), 0, Long.MAX_VALUE, Long.MAX_VALUE,
            0);

    public CoreState withCurrent(int task, long now_ns, long sliceEnd_ns) {
        return new CoreState(task, queue, now_ns, timer_ns, sliceEnd_ns, fair_ns);
    }

    public CoreState withQueue(PVector<Integer> changed) {
        return new CoreState(current, changed, switched_ns, timer_ns, slice_ns, fair_ns);
    }

    public CoreState withTimer(long deadline_ns) {
        return new CoreState(current, queue, switched_ns, deadline_ns, slice_ns, fair_ns);
    }

    public CoreState withFair(long ns) {
        return new CoreState(current, queue, switched_ns, timer_ns, slice_ns, ns);
    }
}
