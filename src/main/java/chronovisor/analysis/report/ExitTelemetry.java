package chronovisor.analysis.report;

import chronovisor.journal.GuestEvent;
import chronovisor.journal.VmmEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Palacios's telemetry: exits by core, reason and who handled them, counted from a journal's events or from those of a machine that
 * runs. Exits take no virtual time of their own; what is told of each kind is how long the guest had run before them, in ticks since
 * the exit before on the same core, and how much idle time they skipped. Any thread may ask.
 */
public final class ExitTelemetry {

    /** Exits of a kind. */
    public record Row(int core, ExitReason reason, long count, long guest_ticks, long idle_ns, long lastRip,
            String lastQualification) {}

    private record Key(int core, ExitReason reason) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            return core != other.core ? Integer.compare(core, other.core) : reason.compareTo(other.reason);
        }
    }

    private static final class Count {
        private long count;
        private long guest_ticks;
        private long idle_ns;
        private GuestEvent last;

        Count(GuestEvent first) {
            last = first;
        }
    }

    // Guarded by this.
    private final SortedMap<Key, Count> counts = new TreeMap<>();
    private final SortedMap<Integer, Long> lastTicks = new TreeMap<>();

    /** Takes the next event, exit or not. */
    public synchronized void accept(GuestEvent event) {
        ExitReason reason = ExitReason.of(event);
        if (reason == null) {
            return;
        }
        long tick = event.at().tick();
        Count count = counts.computeIfAbsent(new Key(event.core(), reason), _ -> new Count(event));
        count.count++;
        count.guest_ticks += tick - lastTicks.getOrDefault(event.core(), tick);
        count.idle_ns += event instanceof VmmEvent.Halted halted ? halted.idle_ns() : 0;
        count.last = event;
        lastTicks.put(event.core(), tick);
    }

    /** All kinds that there were, by core, reason and handler. */
    public synchronized List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        counts.forEach((key, count) -> rows.add(new Row(key.core, key.reason, count.count, count.guest_ticks,
                count.idle_ns, ExitReason.rip(count.last), ExitReason.qualification(count.last))));
        return rows;
    }

    /** The rows as lines for people, with a heading. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("core exit        handler             count     guest ticks         idle ns  last at RIP");
        for (Row row : rows()) {
            lines.add(String.format(Locale.ROOT, "%4d %-11s %-12s %,12d %,15d %,15d  0x%x%s", row.core,
                    row.reason.name(), row.reason.handler(), row.count, row.guest_ticks, row.idle_ns, row.lastRip,
                    row.lastQualification.isEmpty() ? "" : " (" + row.lastQualification + ")"));
        }
        return lines;
    }
}
