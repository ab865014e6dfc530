package chronovisor.analysis.probe;

import chronovisor.analysis.segment.Segments;
import chronovisor.journal.JournalException;
import chronovisor.journal.Position;
import chronovisor.journal.ProbeEvent;
import chronovisor.replay.MachineParts;
import chronovisor.replay.Progress;
import chronovisor.replay.ReplaySession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Probes on a recorded run: it is executed again, in segments between its checkpoints, several at a time, each checked against the journal.
 *
 * <p>
 * Where returns are wanted the run is executed twice when it has several segments: a segment cannot know where calls return to that
 * were made in an earlier one, so these places are collected first.
 */
public final class Retrace {

    private final Path journal;
    private final MachineParts parts;
    private final List<ProbeSpec> specs;
    private final int threads;
    private final Consumer<Progress> progress;
    private final List<Position> starts;

    private Retrace(Path journal, MachineParts parts, List<ProbeSpec> specs, int threads,
            Consumer<Progress> progress) {
        this.journal = journal;
        this.parts = parts;
        this.specs = specs;
        this.progress = progress;
        this.starts = Segments.starts(journal, parts);
        this.threads = Math.min(threads, starts.size());
    }

    /**
     * Tells what probes see in a journal, in order, on the caller's thread.
     *
     * @param threads
     *            how many segments are executed at a time; the events do not depend on it
     * @return how many segments there were
     * @throws JournalException
     *             when the run cannot be executed again, or diverges
     */
    public static int run(Path journal, MachineParts parts, List<ProbeSpec> specs, int threads,
            Consumer<ProbeEvent> sink, Consumer<Progress> progress) {
        Retrace retrace = new Retrace(journal, parts, specs, threads, progress);
        Set<Long> known = ConcurrentHashMap.newKeySet();
        if (SegmentHits.wantsReturns(specs) && retrace.starts.size() > 1) {
            retrace.pass(known, hits -> {});
        }
        CallMatcher matcher = new CallMatcher(sink);
        retrace.pass(known, hits -> hits.tell(matcher));
        return retrace.starts.size();
    }

    /** Executes all segments and takes their hits in order. */
    private void pass(Set<Long> returns, Consumer<SegmentHits> taker) {
        List<CompletableFuture<SegmentHits>> results = new ArrayList<>();
        starts.forEach(_ -> results.add(new CompletableFuture<>()));
        AtomicInteger next = new AtomicInteger();
        // What is done and not yet taken is in memory: no more than this.
        Semaphore room = new Semaphore(2 * threads);
        List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            workers.add(Thread.ofPlatform().daemon().name("retrace-" + i)
                    .start(() -> work(results, next, room, returns)));
        }
        try {
            for (int i = 0; i < results.size(); i++) {
                taker.accept(results.get(i).get());
                room.release();
                Position end = i + 1 < starts.size() ? starts.get(i + 1) : starts.getLast();
                progress.accept(new Progress(end.tick(), 0, 0));
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new JournalException("cannot trace " + journal + ": " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JournalException("the trace of " + journal + " was interrupted", e);
        } finally {
            next.set(results.size());
            workers.forEach(Thread::interrupt);
            join(workers);
        }
    }

    private static void join(List<Thread> workers) {
        boolean interrupted = false;
        for (Thread worker : workers) {
            while (worker.isAlive()) {
                try {
                    worker.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** A worker has a machine of its own, and does one segment after the other. */
    private void work(List<CompletableFuture<SegmentHits>> results, AtomicInteger next, Semaphore room,
            Set<Long> returns) {
        int segment = -1;
        try (ReplaySession session = ReplaySession.open(journal, parts, null, 0)) {
            boolean fresh = true;
            room.acquire();
            for (segment = next.getAndIncrement(); segment < results.size(); segment = next.getAndIncrement()) {
                if (!fresh || segment > 0) {
                    session.load(starts.get(segment));
                }
                fresh = false;
                results.get(segment).complete(execute(session, segment, returns));
                room.acquire();
            }
        } catch (InterruptedException e) {
            // The others have failed, or all is done.
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            int failed = segment < 0 ? next.getAndIncrement() : segment;
            if (failed < results.size()) {
                results.get(failed).completeExceptionally(e);
            }
        }
    }

    private SegmentHits execute(ReplaySession session, int segment, Set<Long> returns) {
        SegmentHits hits = SegmentHits.execute(session, specs, returns,
                segment + 1 < starts.size() ? starts.get(segment + 1) : null);
        returns.addAll(hits.returns());
        return hits;
    }
}
