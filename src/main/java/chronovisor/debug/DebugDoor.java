package chronovisor.debug;

import chronovisor.environment.Environment;
import chronovisor.environment.ForwardingEnvironment;
import chronovisor.environment.Input;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Another environment, of a machine that is debugged live: while the machine waits for input, the client can interrupt it and look
 * around. The machine stands between two instructions then, in the middle of a run that goes on when the input comes.
 *
 * <p>Belongs to the machine's thread. The waiting itself is done by a thread of its own, while the machine's only looks whether
 * the client wants something.
 */
public final class DebugDoor extends ForwardingEnvironment implements AutoCloseable {

    private static final int LOOK_MS = 20;

    private final ExecutorService waiting = Executors
            .newSingleThreadExecutor(Thread.ofPlatform().daemon().name("input").factory());
    private Runnable look = () -> {};
    private boolean stop;

    /** A door before another one. */
    public DebugDoor(Environment inner) {
        super(inner);
    }

    /** Is run now and then while the machine waits. */
    void whileWaiting(Runnable newLook) {
        look = newLook;
    }

    /** The operator stops the machine at the next opportunity. */
    void stopMachine() {
        stop = true;
    }

    @Override
    public @Nullable Input poll() {
        return stop ? stopOnce() : super.poll();
    }

    private Input stopOnce() {
        stop = false;
        return new Input.OperatorCommand("stop");
    }

    @Override
    public @Nullable Input await() {
        Future<@Nullable Input> input = waiting.submit(super::await);
        while (true) {
            if (stop) {
                return stopOnce();
            }
            try {
                return input.get(LOOK_MS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                look.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new Input.OperatorCommand("stop");
            } catch (ExecutionException e) {
                throw new IllegalStateException("waiting for input failed", e.getCause());
            }
        }
    }

    @Override
    public void close() {
        waiting.shutdownNow();
    }
}
