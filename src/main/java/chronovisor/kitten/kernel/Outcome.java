package chronovisor.kitten.kernel;

import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.WaitKey;
import java.util.List;

/** How a system call handler ends. */
public sealed interface Outcome {

    /** It returns a value ({@code -errno} on failure). */
    record Value(long value) implements Outcome {}

    /**
     * It waits, and is entered again with {@code progress} when woken.
     *
     * @param queues
     *            what wakes it
     * @param progress
     *            what it has to remember; its deadline is when it is woken at the latest
     * @param interrupted
     *            what it returns when a signal comes first: an errno, a count, or a restart result
     * @param uninterruptible
     *            whether signals leave it alone
     */
    record Block(List<WaitKey> queues, Call.Progress progress, long interrupted, boolean uninterruptible)
            implements
                Outcome {
        public Block {
            queues = List.copyOf(queues);
        }
    }

    /** There is nothing to return: the task ended, or its registers were replaced. */
    record Gone() implements Outcome {}

    /** Success with nothing to say. */
    Outcome ZERO = new Value(0);
    /** See {@link Gone}. */
    Outcome GONE = new Gone();

    /** A value. */
    static Outcome of(long value) {
        return value == 0 ? ZERO : new Value(value);
    }

    /** A failure. */
    static Outcome error(int errno) {
        return new Value(-errno);
    }

    /** Waits on one queue without a deadline; a signal restarts or breaks it off. */
    static Outcome block(WaitKey.Kind kind, long id) {
        return new Block(List.of(new WaitKey(kind, id)), new Call.Progress(true, 0, Call.Progress.NEVER, 0, false),
                SignalDelivery.RESTART, false);
    }
}
