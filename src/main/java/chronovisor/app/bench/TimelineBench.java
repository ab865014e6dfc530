package chronovisor.app.bench;

import chronovisor.app.scenario.Cache;
import chronovisor.journal.JournalException;
import chronovisor.journal.Position;
import chronovisor.replay.CheckpointPlan;
import chronovisor.replay.Fork;
import chronovisor.replay.MachineParts;
import chronovisor.replay.OutputListener;
import chronovisor.timeline.Timeline;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Measures how long it takes to go anywhere in a long recorded run, to go back from there, and to fork there. */
public final class TimelineBench {

    /** A place in ten is gone to anew; from there the steps go back one by one. */
    private static final int STEPS_A_PLACE = 10;
    private static final long RANDOM_SEED = 3;

    private final Plan plan;
    private final List<String> command;
    private final Path home;
    private final Cache cache;
    private final MachineParts parts;
    private final Path scratch;
    private Consumer<String> progress = text -> {};

    /**
     * What to measure.
     *
     * @param program that is recorded; one of {@link SpeedBench#programs}
     * @param scale how much work it does
     * @param journal to go around in, instead of a program's; null for the program's
     * @param places random positions that are gone to; as many steps back, and a tenth of it forks of each kind
     * @param seconds_max for the recording, and for its replay
     */
    public record Plan(String program, double scale, @Nullable Path journal, String engine, int places,
            long seconds_max) {}

    /** Milliseconds. */
    public record Quantiles(int count, double p50_ms, double p99_ms, double most_ms) {

        static Quantiles of(List<Double> took_ms) {
            return new Quantiles(took_ms.size(), Medians.percentile(took_ms, 50), Medians.percentile(took_ms, 99),
                    Medians.percentile(took_ms, 100));
        }
    }

    /**
     * What came of it.
     *
     * @param record_s the recording, as a command; null when the journal was there
     * @param replay_s the replay, as a command; likewise
     * @param figures by what was done
     */
    public record Result(String what, String engine, long ticks, @Nullable Double record_s, @Nullable Double replay_s,
            Map<String, Quantiles> figures, String load) {

        /** For people. */
        public List<String> lines() {
            List<String> lines = new ArrayList<>();
            lines.add(String.format(Locale.ROOT, "%s on %s: %,d instructions%s", what, engine, ticks,
                    record_s == null || replay_s == null
                            ? ""
                            : String.format(Locale.ROOT,
                                    "; recorded in %.1f s, replayed and checked in %.1f s (x %.2f)",
                                    record_s, replay_s, replay_s / record_s)));
            figures.forEach((name, taken) -> lines.add(String.format(Locale.ROOT,
                    "  %-44s %5d times: p50 %8.1f ms   p99 %8.1f ms   most %8.1f ms", name, taken.count,
                    taken.p50_ms, taken.p99_ms, taken.most_ms)));
            lines.add("  load " + load + " (1, 5 and 15 minutes)");
            return lines;
        }

        /** The same with names as programs like them. */
        public Map<String, @Nullable Object> object() {
            Map<String, @Nullable Object> object = new LinkedHashMap<>();
            object.put("what", what);
            object.put("engine", engine);
            object.put("instructions", ticks);
            object.put("record_s", record_s);
            object.put("replay_s", replay_s);
            object.put("figures", figures);
            object.put("load", load);
            return object;
        }
    }

    /** A bench; see {@link SpeedBench} for what it takes. */
    public TimelineBench(Plan plan, List<String> command, Path home, Cache cache, MachineParts parts, Path scratch) {
        this.plan = plan;
        this.command = List.copyOf(command);
        this.home = home;
        this.cache = cache;
        this.parts = parts;
        this.scratch = scratch;
    }

    /** Is told what is being done. */
    public TimelineBench listen(Consumer<String> listener) {
        progress = listener;
        return this;
    }

    /**
     * Measures.
     *
     * @throws BenchException
     *             when something cannot be made ready, or fails
     * @throws JournalException
     *             when the journal is damaged, or its replay differs
     */
    public Result run() throws BenchException {
        Path given = plan.journal;
        if (given != null) {
            return around(given, String.valueOf(given.getFileName()), null, null);
        }
        HostMeter meter = new HostMeter(scratch, plan.seconds_max);
        Program program = new Programs(home, cache, scratch, plan.scale).make(plan.program);
        Chronovisor own = new Chronovisor(command, meter, scratch);
        Path journal = scratch.resolve("timeline");
        try {
            progress.accept("recording " + program.name() + " on " + plan.engine);
            Chronovisor.Run recorded = own.recorded(program, plan.engine, "steps", journal);
            progress.accept("replaying it");
            Chronovisor.Run replayed = own.replayed(journal, plan.engine);
            return around(journal, program.name(), recorded.process().seconds(), replayed.process().seconds());
        } finally {
            Chronovisor.remove(journal);
        }
    }

    private Result around(Path journal, String what, @Nullable Double record_s, @Nullable Double replay_s) {
        Map<String, Quantiles> figures = new LinkedHashMap<>();
        SplittableRandom random = new SplittableRandom(RANDOM_SEED);
        try (Timeline timeline = Timeline.open(journal, parts, plan.engine, Timeline.SNAPSHOT_BYTES)) {
            long ticks = timeline.last().tick();
            if (ticks < 2) {
                throw new JournalException(journal + " has nothing to go around in");
            }
            figures.put("seek to a random position", timed("seeking", plan.places, i -> random(timeline, random)));
            List<Double> back_ms = new ArrayList<>();
            for (int i = 0; i < plan.places; i++) {
                if (i % STEPS_A_PLACE == 0) {
                    progress.accept("stepping back, " + i + " of " + plan.places);
                    random(timeline, random);
                }
                // From the first position there is no way back.
                if (timeline.position().tick() == 0) {
                    timeline.seek(new Position(1, 0));
                }
                back_ms.add(took_ms(() -> timeline.reverseStep(1)));
            }
            figures.put("step back by one instruction from there", Quantiles.of(back_ms));
            forks(timeline, random, figures);
            return new Result(what, plan.engine, ticks, record_s, replay_s, figures, Host.load());
        }
    }

    /** Positions before the last, where a run still goes on. */
    private static void random(Timeline timeline, SplittableRandom random) {
        timeline.seek(new Position(random.nextLong(timeline.last().tick()), 0));
    }

    private void forks(Timeline timeline, SplittableRandom random, Map<String, Quantiles> figures) {
        List<Double> attempt_ms = new ArrayList<>();
        List<Double> recorded_ms = new ArrayList<>();
        Fork.Changes none = Fork.Changes.none(timeline.setup());
        for (int i = 0; i < Math.max(1, plan.places / STEPS_A_PLACE); i++) {
            progress.accept("forking, " + i);
            random(timeline, random);
            attempt_ms.add(took_ms(() -> timeline.attempt(none, parts).close()));
            Path folder = scratch.resolve("fork");
            recorded_ms.add(took_ms(() -> timeline
                    .fork(none, folder, parts, OutputListener.NONE, new TreeMap<>(), CheckpointPlan.DEFAULT).close()));
            Chronovisor.remove(folder);
        }
        figures.put("fork there, and let it go", Quantiles.of(attempt_ms));
        figures.put("fork there into a journal, and close that", Quantiles.of(recorded_ms));
    }

    private interface Going {
        void go(int i);
    }

    private Quantiles timed(String doing, int count, Going going) {
        List<Double> took = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            progress.accept(doing + ", " + i + " of " + count);
            int number = i;
            took.add(took_ms(() -> going.go(number)));
        }
        return Quantiles.of(took);
    }

    private static double took_ms(Runnable work) {
        long start_ns = System.nanoTime();
        work.run();
        return (System.nanoTime() - start_ns) / 1e6;
    }
}
