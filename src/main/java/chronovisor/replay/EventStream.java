package chronovisor.replay;

import chronovisor.cpu.trace.StepBatch;
import chronovisor.journal.GuestEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/**
 * The events of a running machine, recorded or replayed, as a Reactor stream of batches: the same batches and operators as
 * {@link chronovisor.journal.JournalFlux} gives from a journal. For one subscriber. When it is slow the machine waits; what it
 * sees and when in its own time is not changed by that.
 */
public final class EventStream implements AutoCloseable {

    private static final int BATCH_EVENTS_MAX = 1024;
    private static final int QUEUED_BATCHES_MAX = 16;
    private static final long LOOK_MS = 50;

    private final ArrayBlockingQueue<List<GuestEvent>> queue = new ArrayBlockingQueue<>(QUEUED_BATCHES_MAX);
    private List<GuestEvent> batch = new ArrayList<>();
    private volatile boolean cancelled;
    private volatile boolean ended;

    /** A stream that nothing feeds yet. */
    public EventStream() {}

    /** The batches; completes when the run is over. The subscriber is served on a thread of its own. */
    public Flux<List<GuestEvent>> flux() {
        return Flux.<List<GuestEvent>>generate(sink -> {
            try {
                boolean last = ended;
                List<GuestEvent> next = queue.poll(LOOK_MS, TimeUnit.MILLISECONDS);
                while (next == null && !last) {
                    last = ended;
                    next = queue.poll(LOOK_MS, TimeUnit.MILLISECONDS);
                }
                if (next == null) {
                    sink.complete();
                } else {
                    sink.next(next);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                sink.complete();
            }
        }).doFinally(signal -> cancelled = true).subscribeOn(Schedulers.boundedElastic());
    }

    /** Hands everything on to {@code inner} first, and what that took into the stream. */
    RunSink tee(RunSink inner) {
        return new RunSink() {
            @Override
            public void accept(GuestEvent event) {
                inner.accept(event);
                batch.add(event);
                if (batch.size() >= BATCH_EVENTS_MAX) {
                    pass();
                }
            }

            @Override
            public void accept(StepBatch steps) {
                inner.accept(steps);
            }

            @Override
            public void flush() {
                inner.flush();
                pass();
            }
        };
    }

    private void pass() {
        List<GuestEvent> full = batch;
        batch = new ArrayList<>();
        try {
            while (!cancelled && !full.isEmpty() && !queue.offer(full, LOOK_MS, TimeUnit.MILLISECONDS)) {
                Thread.onSpinWait();
            }
        } catch (InterruptedException e) {
            // The machine's own waiting will see it; a stream may not lose the events of a run that goes on.
            cancelled = true;
            Thread.currentThread().interrupt();
        }
    }

    /** The run is over: what is left goes to the subscriber, then the stream completes. */
    @Override
    public void close() {
        pass();
        ended = true;
    }
}
