package chronovisor.environment;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The door to the real world: the host's clock at boot, the host's entropy or a seed, and a bounded queue that other
 * threads feed. A feeder waits while the queue is full, so a large standard input is read as the guest takes it.
 */
public final class LiveEnvironment implements Environment {

    /** Bytes queued before feeders wait: some rings of the character stream, so that the guest never starves. */
    private static final int QUEUED_BYTES_MAX = 64 * 1024;
    /** Bytes given at once; a ring of the character stream. */
    private static final int PART_BYTES_MAX = 4096;

    private final Clock clock;
    private final @Nullable SeededEntropy seeded;
    private final @Nullable SecureRandom random;
    private final ArrayDeque<Input> queue = new ArrayDeque<>();
    private final Set<String> held = new TreeSet<>();
    private int queuedBytes;
    private int feeders;
    private boolean closed;

    private LiveEnvironment(Clock clock, @Nullable SeededEntropy seeded) {
        this.clock = clock;
        this.seeded = seeded;
        this.random = seeded == null ? new SecureRandom() : null;
    }

    /** The host's clock and entropy. */
    public static LiveEnvironment ofHost() {
        return new LiveEnvironment(Clock.systemUTC(), null);
    }

    /** The host's clock, and entropy drawn from a seed. */
    public static LiveEnvironment seeded(long seed) {
        return new LiveEnvironment(Clock.systemUTC(), new SeededEntropy(seed));
    }

    /** A given clock, and entropy drawn from a seed. */
    public static LiveEnvironment seeded(long seed, Clock clock) {
        return new LiveEnvironment(clock, new SeededEntropy(seed));
    }

    @Override
    public long bootTime_ns() {
        Instant now = clock.instant();
        return Math.addExact(Math.multiplyExact(now.getEpochSecond(), 1_000_000_000L), now.getNano());
    }

    @Override
    public void entropy(byte[] destination) {
        if (seeded != null) {
            seeded.fill(destination);
        } else if (random != null) {
            random.nextBytes(destination);
        }
    }

    @Override
    public synchronized @Nullable Input poll() {
        for (Iterator<Input> inputs = queue.iterator(); inputs.hasNext();) {
            Input input = inputs.next();
            if (!isHeld(input)) {
                inputs.remove();
                if (input instanceof Input.StreamBytes bytes) {
                    queuedBytes -= bytes.bytes().length;
                }
                notifyAll();
                return input;
            }
        }
        return null;
    }

    private boolean isHeld(Input input) {
        return switch (input) {
            case Input.StreamBytes bytes -> held.contains(bytes.stream());
            case Input.StreamEnd end -> held.contains(end.stream());
            case Input.OperatorCommand command -> false;
        };
    }

    @Override
    public synchronized @Nullable Input await() {
        Input input = poll();
        while (input == null && feeders > 0 && !closed) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new Input.OperatorCommand("stop");
            }
            input = poll();
        }
        return input;
    }

    @Override
    public void output(String stream, byte[] bytes, long tick) {
        // Nothing here answers output.
    }

    @Override
    public void reached(long tick) {
        // Nothing here waits for a tick.
    }

    @Override
    public synchronized void holdBack(String stream, boolean hold) {
        if (hold) {
            held.add(stream);
        } else {
            held.remove(stream);
        }
    }

    // Called by other threads.

    /** Someone will feed input: until {@link #feederGone()} an idle machine waits. */
    public synchronized void feederComes() {
        feeders++;
    }

    /** A feeder will feed no more. */
    public synchronized void feederGone() {
        feeders--;
        notifyAll();
    }

    /** Queues bytes for a stream; waits while the queue is full. Returns false when the environment is closed. */
    public synchronized boolean feed(String stream, byte[] bytes, int offset, int length) throws InterruptedException {
        for (int done = 0; done < length;) {
            while (queuedBytes >= QUEUED_BYTES_MAX && !closed) {
                wait();
            }
            if (closed) {
                return false;
            }
            int part = Math.min(PART_BYTES_MAX, length - done);
            queue.add(new Input.StreamBytes(stream,
                    Arrays.copyOfRange(bytes, offset + done, offset + done + part)));
            queuedBytes += part;
            done += part;
            notifyAll();
        }
        return true;
    }

    /** Queues the end of a stream. */
    public synchronized void end(String stream) {
        queue.add(new Input.StreamEnd(stream));
        notifyAll();
    }

    /** Queues a command of the operator. */
    public synchronized void command(String command) {
        queue.add(new Input.OperatorCommand(command));
        notifyAll();
    }

    /** The machine is gone: feeders stop waiting. */
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}
