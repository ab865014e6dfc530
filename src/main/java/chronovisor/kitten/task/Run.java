package chronovisor.kitten.task;

import java.util.List;

/** Whether and how a task runs. */
public sealed interface Run {

    /** In a run queue. */
    record Ready() implements Run {}

    /** In a run queue; its call is entered again before it returns to user mode. */
    record Resuming(Call call) implements Run {}

    /** On a core. */
    record Running(int core) implements Run {}

    /**
     * Waiting.
     *
     * @param call
     *            the call that waits
     * @param queues
     *            any of these wakes it
     * @param deadline_ns
     *            so does this virtual time
     * @param order
     *            when it began to wait, for first-come-first-served queues
     * @param uninterruptible
     *            whether signals leave it alone
     */
    record Blocked(Call call, List<WaitKey> queues, long deadline_ns, long order, boolean uninterruptible)
            implements
                Run {
        public Blocked {
            queues = List.copyOf(queues);
        }
    }

    /** Stopped for its tracer; {@code before} is what it goes on with. */
    record Held(Run before) implements Run {}

    /** Stopped by a signal; {@code before} is what it goes on with. */
    record Stopped(Run before) implements Run {}
}
