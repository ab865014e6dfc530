package chronovisor.app.cli;

import chronovisor.analysis.report.Statistics;
import chronovisor.analysis.report.TaskStates;
import chronovisor.journal.GuestEvent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What the command {@code watch} shows: figures of the run so far, and how fast they grow. */
final class WatchTable {

    private static final int CALLS_SHOWN = 8;
    private static final int LINES_SHOWN = 6;
    private static final int SECTIONS_ROWS = 22;
    private static final int TASKS_SHOWN_MIN = 3;

    private final String title;
    private final Statistics statistics = new Statistics();
    private final TaskStates tasks = new TaskStates();
    private long lookedAt_ns = System.nanoTime();
    private long ticksThen;
    private long eventsThen;
    private double ticksPerSecond;
    private double eventsPerSecond;

    WatchTable(String title) {
        this.title = title;
    }

    /** Takes a batch of events. */
    void accept(List<GuestEvent> events) {
        events.forEach(event -> {
            statistics.accept(event);
            tasks.accept(event);
        });
    }

    /** Computes the rates since the last look. */
    void look(long now_ns) {
        double seconds = Math.max(1, now_ns - lookedAt_ns) / 1e9;
        ticksPerSecond = (statistics.ticks() - ticksThen) / seconds;
        eventsPerSecond = (statistics.events() - eventsThen) / seconds;
        lookedAt_ns = now_ns;
        ticksThen = statistics.ticks();
        eventsThen = statistics.events();
    }

    /** All in one line. */
    String summary() {
        return String.format(Locale.ROOT, "%s  %,d ticks (%.1f MIPS)  %,d events (%,.0f/s)  %s", title,
                statistics.ticks(),
                ticksPerSecond / 1e6, statistics.events(), eventsPerSecond,
                statistics.families().entrySet().stream()
                        .map(family -> String.format(Locale.ROOT, "%s %,d", family.getKey().name()
                                .toLowerCase(Locale.ROOT), family.getValue()))
                        .collect(Collectors.joining("  ")));
    }

    /** The table; no more than so many lines, and then fewer tasks. */
    List<String> lines(int linesMax) {
        List<String> lines = new ArrayList<>(List.of(summary()));
        lines.add(String.format(Locale.ROOT, "virtual time %,d ns, of which %,d idle", statistics.virtual_ns(),
                statistics.idle_ns()));
        Statistics.Pipes pipes = statistics.pipes();
        if (pipes.writes() > 0) {
            lines.add(String.format(Locale.ROOT, "pipes: %,d bytes written, %,d read", pipes.written_bytes(),
                    pipes.read_bytes()));
        }
        statistics.pauses()
                .forEach((generation, ticks) -> lines.add(String.format(Locale.ROOT,
                        "collections, %s: %,d, %,d ticks, longest %,d", generation, ticks.count(), ticks.sum(),
                        ticks.max())));
        lines.add("");
        calls(lines);
        tasks(lines, Math.max(TASKS_SHOWN_MIN, linesMax - SECTIONS_ROWS));
        List<String> console = tasks.lines();
        if (!console.isEmpty()) {
            lines.add("");
            console.subList(Math.max(0, console.size() - LINES_SHOWN), console.size())
                    .forEach(line -> lines.add("| " + line));
        }
        return lines.size() > linesMax ? lines.subList(0, linesMax) : lines;
    }

    private void calls(List<String> lines) {
        lines.add(
                String.format("%-24s %14s %10s %16s %14s", "system call", "count", "failed", "total ticks", "longest"));
        statistics.calls().entrySet().stream()
                .sorted(Comparator.<Map.Entry<String, Statistics.Calls>>comparingLong(call -> -call.getValue().count())
                        .thenComparing(Map.Entry::getKey))
                .limit(CALLS_SHOWN)
                .forEach(call -> lines.add(String.format(Locale.ROOT, "%-24s %,14d %,10d %,16d %,14d", call.getKey(),
                        call.getValue().count(), call.getValue().failures(), call.getValue().ticks().sum(),
                        call.getValue().ticks().max())));
    }

    private void tasks(List<String> lines, int shownMax) {
        lines.add("");
        lines.add(String.format("%6s %8s  %-18s %12s %16s  %s", "task", "process", "name", "calls", "since tick",
                "state"));
        // The latest first among those that have ended, and all that live before them.
        List<TaskStates.Task> shown = tasks.tasks().stream()
                .sorted(Comparator.<TaskStates.Task, Boolean>comparing(task -> ended(task))
                        .thenComparingLong(task -> ended(task) ? -task.since().tick() : task.id()))
                .toList();
        shown.stream().limit(shownMax).forEach(task -> lines.add(String.format(Locale.ROOT,
                "%6d %8d  %-18s %,12d %,16d  %s", task.id(), task.process(), task.name(), task.calls(),
                task.since().tick(), task.state())));
        if (shown.size() > shownMax) {
            lines.add(String.format(Locale.ROOT, "%6s and %,d more", "", shown.size() - shownMax));
        }
    }

    private static boolean ended(TaskStates.Task task) {
        return task.state().startsWith("exited") || task.state().startsWith("killed");
    }
}
