package chronovisor.app.cli;

import chronovisor.analysis.report.Histogram;
import chronovisor.analysis.report.Profile;
import chronovisor.analysis.report.Statistics;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code chronovisor stats}: how much of what. */
@Command(name = "stats", mixinStandardHelpOptions = true, description = {
    "Counts what a journal holds: events by layer and type, system calls and exits with how long they took, interrupts, collections, "
            + "pipes, waits.",
    "Durations are ticks: retired instructions of the whole machine. An exit takes no virtual time of its own, but for the idle time that "
            + "a HLT skips; told is how far apart exits are."})
final class StatsCommand implements Callable<Integer> {

    private static final double MILLION = 1e6;

    @Option(names = "--functions", paramLabel = "N", defaultValue = "0", description = "Also the N functions with the most instructions; takes a pass over all steps, and a replay for their names.")
    private int functions;

    @Option(names = "--histograms", description = "Also how durations are spread, in powers of two.")
    private boolean histograms;

    @Option(names = "--json", description = "Print one JSON object with all of it.")
    private boolean json;

    @Mixin
    private ReportInput input = new ReportInput();

    @Override
    public Integer call() {
        if (functions < 0) {
            throw Failure.usage("--functions " + functions + ": a number that is not negative expected");
        }
        Path folder = input.folder();
        try (ProgressLine line = input.progress("stats")) {
            Statistics statistics = Statistics.of(folder, line::update);
            List<Profile.Function> hottest = functions == 0
                    ? List.of()
                    : Profile.of(folder, new Assembly(), line::update).functions();
            hottest = hottest.subList(0, Math.min(hottest.size(), functions));
            try (PrintWriter out = Output.standard()) {
                if (json) {
                    out.println(Output.json(object(statistics, hottest)));
                } else {
                    print(out, statistics, hottest);
                }
            }
        }
        return ExitCode.FINE;
    }

    private void print(PrintWriter out, Statistics statistics, List<Profile.Function> hottest) {
        double millions = Math.max(1, statistics.ticks()) / MILLION;
        out.printf(Locale.ROOT, "%,d ticks, %,d events, %,d ns of virtual time, of which %,d idle%n",
                statistics.ticks(),
                statistics.events(), statistics.virtual_ns(), statistics.idle_ns());
        heading(out, "events by layer", "count", "per million ticks");
        statistics.families()
                .forEach((family, count) -> out.printf(Locale.ROOT, "  %-24s %,14d %,18.1f%n", family, count,
                        count / millions));
        heading(out, "events by type", "count", "per million ticks");
        statistics.types().forEach((type, count) -> out.printf(Locale.ROOT, "  %-24s %,14d %,18.1f%n", type, count,
                count / millions));
        if (!statistics.calls().isEmpty()) {
            heading(out, "system calls", "count", "failed", "bytes", "total ticks", "longest");
            statistics.calls().forEach((name, use) -> {
                out.printf(Locale.ROOT, "  %-24s %,14d %,14d %,14d %,14d %,14d%n", name, use.count(), use.failures(),
                        use.bytes(), use.ticks().sum(), use.ticks().max());
                spread(out, use.ticks());
            });
        }
        if (!statistics.exits().isEmpty()) {
            heading(out, "exits", "count", "per million ticks", "mean ticks between");
            statistics.exits().forEach((reason, use) -> {
                out.printf(Locale.ROOT, "  %-24s %,14d %,18.1f %,18.1f%n", reason, use.count(), use.count() / millions,
                        mean(use.ticksBetween()));
                spread(out, use.ticksBetween());
            });
        }
        if (!statistics.telemetry().rows().isEmpty()) {
            heading(out, "exits as AMD-V names them", "by core and handler", "with the ticks run before them");
            statistics.telemetry().lines().forEach(line -> out.println("  " + line));
        }
        if (!statistics.interrupts().isEmpty()) {
            heading(out, "interrupts by vector", "count", "per million ticks");
            statistics.interrupts()
                    .forEach((vector, count) -> out.printf(Locale.ROOT, "  %-24d %,14d %,18.1f%n", vector,
                            count, count / millions));
        }
        durations(out, "collections by generation", statistics.pauses());
        durations(out, "waits by task", statistics.waits());
        Statistics.Pipes pipes = statistics.pipes();
        if (pipes.writes() + pipes.reads() > 0) {
            heading(out, "pipes", "calls", "bytes", "bytes per million ticks");
            out.printf(Locale.ROOT, "  %-24s %,14d %,18d %,22.1f%n", "written", pipes.writes(), pipes.written_bytes(),
                    pipes.written_bytes() / millions);
            out.printf(Locale.ROOT, "  %-24s %,14d %,18d %,22.1f%n", "read", pipes.reads(), pipes.read_bytes(),
                    pipes.read_bytes() / millions);
        }
        if (!hottest.isEmpty()) {
            heading(out, "functions", "instructions", "%", "calls");
            hottest.forEach(function -> out.printf(Locale.ROOT, "  %-40s %,14d %7.2f %,14d%n", function.name(),
                    function.self(), 100.0 * function.self() / Math.max(1, statistics.ticks()), function.calls()));
        }
    }

    private static void heading(PrintWriter out, String title, String... columns) {
        out.printf("%n%s: %s%n", title, String.join(", ", columns));
    }

    private <K> void durations(PrintWriter out, String title, Map<K, Histogram> all) {
        if (!all.isEmpty()) {
            heading(out, title, "count", "total ticks", "longest");
            all.forEach((name, ticks) -> {
                out.printf(Locale.ROOT, "  %-24s %,14d %,18d %,14d%n", name, ticks.count(), ticks.sum(), ticks.max());
                spread(out, ticks);
            });
        }
    }

    private void spread(PrintWriter out, Histogram ticks) {
        if (histograms) {
            ticks.buckets().forEach(bucket -> out.printf(Locale.ROOT, "      %,18d to %,18d %,14d%n", bucket.low(),
                    bucket.high(), bucket.count()));
        }
    }

    private static double mean(Histogram ticks) {
        return (double) ticks.sum() / Math.max(1, ticks.count());
    }

    private static Map<String, Object> object(Statistics statistics, List<Profile.Function> hottest) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("ticks", statistics.ticks());
        object.put("events", statistics.events());
        object.put("virtual_ns", statistics.virtual_ns());
        object.put("idle_ns", statistics.idle_ns());
        object.put("families", statistics.families());
        object.put("types", statistics.types());
        Map<String, Object> calls = new LinkedHashMap<>();
        statistics.calls().forEach((name, use) -> {
            Map<String, Object> call = new LinkedHashMap<>();
            call.put("count", use.count());
            call.put("failures", use.failures());
            call.put("bytes", use.bytes());
            call.put("ticks", object(use.ticks()));
            calls.put(name, call);
        });
        object.put("syscalls", calls);
        Map<String, Object> exits = new LinkedHashMap<>();
        statistics.exits().forEach((reason, use) -> exits.put(reason,
                Map.of("count", use.count(), "ticks_between", object(use.ticksBetween()))));
        object.put("exits", exits);
        object.put("telemetry", statistics.telemetry().rows());
        object.put("interrupts", statistics.interrupts());
        Map<String, Object> pauses = new LinkedHashMap<>();
        statistics.pauses().forEach((generation, ticks) -> pauses.put(generation, object(ticks)));
        object.put("collections", pauses);
        Map<String, Object> waits = new LinkedHashMap<>();
        statistics.waits().forEach((task, ticks) -> waits.put(Integer.toString(task), object(ticks)));
        object.put("waits", waits);
        object.put("pipes", statistics.pipes());
        object.put("functions", hottest);
        return object;
    }

    private static Map<String, Object> object(Histogram ticks) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("count", ticks.count());
        object.put("sum", ticks.sum());
        object.put("max", ticks.max());
        object.put("buckets", new ArrayList<>(ticks.buckets()));
        return object;
    }
}
