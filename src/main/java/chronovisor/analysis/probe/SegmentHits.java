package chronovisor.analysis.probe;

import chronovisor.analysis.segment.SegmentUnit;
import chronovisor.journal.Position;
import chronovisor.journal.ProbeEvent;
import chronovisor.replay.MachineParts;
import chronovisor.replay.ReplaySession;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What probes see in one segment of a journal, as something that can be sent to where the segments are put together.
 *
 * <p>
 * A segment cannot know where calls return to that were made in an earlier one. Where returns are wanted ({@link #wantsReturns}) all segments are
 * executed twice: first to collect these places from all of them, then with the places of all.
 */
public final class SegmentHits implements Serializable {

    private static final long serialVersionUID = 1;

    private final ProbeHit[] hits;
    private final long[] returns;

    private SegmentHits(List<ProbeHit> hits, Set<Long> returns) {
        this.hits = hits.toArray(ProbeHit[]::new);
        this.returns = returns.stream().mapToLong(Long::longValue).toArray();
    }

    /** Whether a probe wants to know where calls return. */
    public static boolean wantsReturns(List<ProbeSpec> specs) {
        return specs.stream().anyMatch(spec -> spec instanceof ProbeSpec.Function function && function.exit());
    }

    /**
     * Executes a segment, checked against the journal.
     *
     * @param returns
     *            where calls are known to return to
     * @throws chronovisor.journal.JournalException
     *             when the run diverges from the journal
     */
    public static SegmentHits of(SegmentUnit unit, MachineParts parts, List<ProbeSpec> specs, Set<Long> returns) {
        try (ReplaySession session = ReplaySession.open(Path.of(unit.journal()), parts, null, 0)) {
            if (unit.index() > 0) {
                session.load(unit.from());
            }
            return execute(session, specs, returns, unit.last() ? null : unit.to());
        }
    }

    /**
     * Executes from where a machine is.
     *
     * @param end
     *            where the segment ends; null for the end of the run
     */
    static SegmentHits execute(ReplaySession session, List<ProbeSpec> specs, Set<Long> returns,
            @Nullable Position end) {
        List<ProbeHit> hits = new ArrayList<>();
        Set<Long> own = new HashSet<>(returns);
        try (ProbeWatcher watcher = new ProbeWatcher(session.vm(), specs, own, hits::add)) {
            session.listen(watcher::event);
            if (end != null) {
                session.runTo(end);
            } else {
                session.run(Long.MAX_VALUE);
            }
            watcher.settleAll();
        } finally {
            session.listen(event -> {});
        }
        return new SegmentHits(hits, own);
    }

    /** Where calls return to, as far as this segment and those who made it know. */
    public Set<Long> returns() {
        return Arrays.stream(returns).boxed().collect(Collectors.toUnmodifiableSet());
    }

    /** Makes events of all segments of a journal, in their order. */
    public static void merge(Iterator<SegmentHits> segments, Consumer<ProbeEvent> sink) {
        CallMatcher matcher = new CallMatcher(sink);
        segments.forEachRemaining(segment -> segment.tell(matcher));
    }

    void tell(CallMatcher matcher) {
        for (ProbeHit hit : hits) {
            matcher.accept(hit);
        }
    }
}
