package chronovisor.analysis.segment;

import chronovisor.analysis.Words;
import chronovisor.journal.EventType;
import chronovisor.journal.EventTypes;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import java.io.Serializable;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What happened how often in a part of a run. All of it are sums and greatest values, so that parts can be put together in any order: a call
 * that began in one segment and returned in another is counted by its return, which names where it began.
 */
public final class SegmentCounts implements Serializable {

    /** A system call's figures, as in {@link chronovisor.analysis.report.Statistics}. */
    public record Calls(long count, long failures, long bytes, long ticks, long longest) implements Serializable {

        private static final Calls NONE = new Calls(0, 0, 0, 0, 0);

        private Calls plus(Calls other) {
            return new Calls(count + other.count, failures + other.failures, bytes + other.bytes, ticks + other.ticks,
                    Math.max(longest, other.longest));
        }
    }

    private final TreeMap<String, Long> types = new TreeMap<>();
    private final TreeMap<String, Long> families = new TreeMap<>();
    private final TreeMap<String, Calls> calls = new TreeMap<>();
    private long events;

    /** Takes an event of the part. */
    public void accept(GuestEvent event) {
        events++;
        EventType<?> type = EventTypes.of(event);
        types.merge(type.name(), 1L, Long::sum);
        families.merge(type.family().name(), 1L, Long::sum);
        if (event instanceof KittenEvent.SyscallEntered entered) {
            add(entered.number(), new Calls(1, 0, 0, 0, 0));
        } else if (event instanceof KittenEvent.SyscallReturned returned) {
            returned(returned);
        }
    }

    private void returned(KittenEvent.SyscallReturned returned) {
        Position cause = returned.cause();
        if (cause != null) {
            long ticks = returned.at().tick() - cause.tick();
            boolean failed = Words.isError(-returned.result());
            boolean moved = !failed && returned.result() > 0 && Words.transfers(Words.call(returned.number()));
            add(returned.number(), new Calls(0, failed ? 1 : 0, moved ? returned.result() : 0, ticks, ticks));
        }
    }

    private void add(int number, Calls more) {
        calls.merge(Words.call(number), more, Calls::plus);
    }

    /** Both parts together. */
    public SegmentCounts plus(SegmentCounts other) {
        SegmentCounts sum = new SegmentCounts();
        for (SegmentCounts part : new SegmentCounts[]{this, other}) {
            part.types.forEach((type, count) -> sum.types.merge(type, count, Long::sum));
            part.families.forEach((family, count) -> sum.families.merge(family, count, Long::sum));
            part.calls.forEach((call, use) -> sum.calls.merge(call, use, Calls::plus));
            sum.events += part.events;
        }
        return sum;
    }

    /** All events. */
    public long events() {
        return events;
    }

    /** Events by type. */
    public SortedMap<String, Long> types() {
        return Collections.unmodifiableSortedMap(types);
    }

    /** Events by layer. */
    public SortedMap<String, Long> families() {
        return Collections.unmodifiableSortedMap(families);
    }

    /** System calls by name. */
    public SortedMap<String, Calls> calls() {
        return Collections.unmodifiableSortedMap(calls);
    }

    /** A system call's figures; zeros when it was not made. */
    public Calls calls(String name) {
        return calls.getOrDefault(name, Calls.NONE);
    }
}
