package chronovisor.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.analysis.report.Statistics;
import chronovisor.analysis.segment.SegmentCounts;
import chronovisor.analysis.segment.Segments;
import chronovisor.analysis.table.EventDigest;
import chronovisor.analysis.table.EventsOfTables;
import chronovisor.analysis.table.JournalTables;
import chronovisor.analysis.table.Projection;
import chronovisor.journal.EventTypes;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalFlux;
import chronovisor.journal.KittenEvent;
import chronovisor.replay.MachineParts;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whoever is asked gives the same answer: the events themselves, statistics, SQL, and the sum over the segments of a replay; and the tables
 * hold every event as it was.
 */
public final class Agreement {

    private Agreement() {}

    /** A longer run is not executed once more for its segments. */
    private static final long SEGMENTS_TICKS_MAX = 20_000_000;

    /** Asks all of them about a journal. */
    public static void assertAgreed(Path journal, MachineParts parts) {
        assertAgreed(journal, parts, SEGMENTS_TICKS_MAX);
    }

    /**
     * Asks all of them about a journal.
     *
     * @param segmentsTicksMax
     *            a longer run is not executed once more for its segments
     */
    public static void assertAgreed(Path journal, MachineParts parts, long segmentsTicksMax) {
        SortedMap<String, Long> types = new TreeMap<>();
        SortedMap<String, Long> calls = new TreeMap<>();
        EventDigest digest = new EventDigest();
        JournalFlux.events(journal).doOnNext(batch -> batch.forEach(event -> {
            digest.add(event);
            types.merge(EventTypes.of(event).name(), 1L, Long::sum);
            call(event, calls);
        })).blockLast();
        Statistics statistics = Statistics.of(journal, progress -> {});
        assertThat(statistics.types()).isEqualTo(types);
        SortedMap<String, SegmentCounts.Calls> counted = new TreeMap<>();
        statistics.calls().forEach((name, use) -> counted.put(name, new SegmentCounts.Calls(use.count(),
                use.failures(), use.bytes(), use.ticks().sum(), use.ticks().max())));
        assertThat(counted.keySet()).isEqualTo(calls.keySet());
        if (statistics.ticks() <= segmentsTicksMax) {
            SegmentCounts segments = Segments.of(journal, parts).stream().map(unit -> Segments.count(unit, parts))
                    .reduce(new SegmentCounts(), SegmentCounts::plus);
            assertThat(segments.types()).isEqualTo(types);
            assertThat(segments.calls()).isEqualTo(counted);
        }
        try (JournalTables tables = JournalTables.open(List.of(journal), progress -> {})) {
            assertThat(pairs(tables, "SELECT type, count(*) FROM events GROUP BY type")).isEqualTo(types);
            assertThat(pairs(tables, "SELECT name, count(*) FROM syscalls GROUP BY name")).isEqualTo(calls);
        }
        assertThat(digestOfTables(journal)).isEqualTo(digest.finish());
    }

    /** Of the events as the Parquet files have them, and nothing else. */
    private static String digestOfTables(Path journal) {
        EventDigest digest = new EventDigest();
        EventsOfTables.forEach(Projection.of(journal, progress -> {}), digest::add);
        return digest.finish();
    }

    private static void call(GuestEvent event, SortedMap<String, Long> calls) {
        if (event instanceof KittenEvent.SyscallEntered entered) {
            calls.merge(Words.call(entered.number()), 1L, Long::sum);
        }
    }

    private static SortedMap<String, Long> pairs(JournalTables tables, String query) {
        SortedMap<String, Long> pairs = new TreeMap<>();
        tables.query(query, new JournalTables.Answer() {
            @Override
            public void columns(List<String> names) {
                assertThat(names).hasSize(2);
            }

            @Override
            public void row(List<@Nullable Object> values) {
                pairs.put(String.valueOf(values.getFirst()),
                        values.getLast() instanceof Number number ? number.longValue() : -1L);
            }
        });
        return pairs;
    }
}
