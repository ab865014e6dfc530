package chronovisor.replay;

import chronovisor.journal.Blob;
import chronovisor.journal.MachineCheckpoint;
import chronovisor.journal.Position;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Compares a replay's states with the journal's checkpoints, on a thread of its own, so that the replay does not wait for
 * digests. A difference is told at the next checkpoint, or at the end.
 */
final class StateChecks implements AutoCloseable {

    private record Work(@Nullable SessionState state, Blob digest) {}

    private record Difference(Position at, String expected, String actual) {}

    private final BlockingQueue<Work> queue = new ArrayBlockingQueue<>(1);
    private final AtomicReference<@Nullable Difference> difference = new AtomicReference<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final Thread thread = new Thread(this::work, "checkpoint-checks");
    private boolean ended;

    StateChecks() {
        thread.setDaemon(true);
        thread.start();
    }

    /** The session stands where the journal has its next checkpoint. */
    void check(Session session, @Nullable MachineCheckpoint expected, Checker checker) {
        tell(checker);
        Position here = session.position();
        if (expected == null || !expected.at().equals(here)) {
            throw checker.diverged(here, expected == null ? "no more checkpoints" : expected.toString(),
                    "a checkpoint is due at " + here);
        }
        put(new Work(session.divide(), expected.digest()));
    }

    /** Waits for what is under way. */
    void finish(Checker checker) {
        end();
        tell(checker);
    }

    private void tell(Checker checker) {
        Throwable failed = failure.get();
        if (failed != null) {
            throw new IllegalStateException("a checkpoint could not be checked", failed);
        }
        Difference found = difference.get();
        if (found != null) {
            throw checker.diverged(found.at, found.expected, found.actual);
        }
    }

    private void put(Work work) {
        boolean interrupted = false;
        boolean done = false;
        while (!done) {
            try {
                queue.put(work);
                done = true;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void work() {
        try (CheckpointMaker maker = new CheckpointMaker()) {
            while (true) {
                Work work = queue.take();
                SessionState state = work.state;
                if (state == null) {
                    return;
                }
                if (failure.get() != null) {
                    state.close();
                    continue;
                }
                compare(maker, state, work.digest);
            }
        } catch (InterruptedException e) {
            failure.compareAndSet(null, e);
        }
    }

    private void compare(CheckpointMaker maker, SessionState state, Blob expected) {
        try {
            Blob actual = maker.digest(state);
            if (!actual.equals(expected)) {
                difference.compareAndSet(null, new Difference(state.at(), "the state with digest " + expected.toHex(),
                        "the state with digest " + actual.toHex()));
            }
        } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
        }
    }

    private void end() {
        if (!ended) {
            ended = true;
            put(new Work(null, Blob.EMPTY));
            boolean interrupted = false;
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Must be closed before the session, whose frames the states hold. */
    @Override
    public void close() {
        end();
    }
}
