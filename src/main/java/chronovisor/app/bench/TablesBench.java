package chronovisor.app.bench;

import chronovisor.analysis.table.BareTables;
import chronovisor.analysis.table.JournalTables;
import chronovisor.analysis.table.Projection;
import chronovisor.replay.Progress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Measures questions to journals' tables against DuckDB alone over the same Parquet files, in turn, in one process: with tables that are open, as
 * at the prompt, and with everything that a question of its own needs opened first.
 */
public final class TablesBench {

    /** What is asked: a name, a table, and the query. */
    private record Question(String name, String table, String sql) {}

    private static final List<Question> QUESTIONS = List.of(
            new Question("events by type", "events",
                    "SELECT type, count(*), max(tick) FROM events GROUP BY type ORDER BY type"),
            new Question("events by layer, core and task", "events",
                    "SELECT family, core, task, count(*), min(tick) FROM events GROUP BY ALL ORDER BY ALL"),
            new Question("results by call and task", "SyscallReturned",
                    "SELECT number, task, count(*), sum(result) FROM SyscallReturned GROUP BY ALL ORDER BY ALL"));

    /** How long one way took: medians. */
    private record Ways(double bare_ms, double open_ms, double whole_ms, double bareWhole_ms) {}

    /**
     * What came of it.
     *
     * @param projection_s how long it took to make the tables; null when they were there
     * @param questions medians by question
     */
    public record Result(long events, long files, @Nullable Double projection_s,
            Map<String, Map<String, Double>> questions, String load) {

        /** For people. */
        public List<String> lines() {
            List<String> lines = new ArrayList<>();
            lines.add(String.format(Locale.ROOT, "%,d events in %,d files%s", events, files,
                    projection_s == null ? "" : String.format(Locale.ROOT, ", made in %.1f s", projection_s)));
            lines.add(String.format(Locale.ROOT, "  %-32s %12s %12s %6s   %12s %12s %6s", "medians, ms", "DuckDB alone",
                    "tables", "x", "with opening", "tables", "x"));
            questions.forEach((name, took) -> lines.add(String.format(Locale.ROOT,
                    "  %-32s %12.1f %12.1f %6.2f   %12.1f %12.1f %6.2f", name, took.get("bare_ms"),
                    took.get("tables_ms"), took.get("times_bare"), took.get("opened_bare_ms"),
                    took.get("opened_tables_ms"), took.get("opened_times_bare"))));
            lines.add("  load " + load + " (1, 5 and 15 minutes)");
            return lines;
        }

        /** The same with names as programs like them. */
        public Map<String, @Nullable Object> object() {
            Map<String, @Nullable Object> object = new LinkedHashMap<>();
            object.put("events", events);
            object.put("files", files);
            object.put("projection_s", projection_s);
            object.put("questions", questions);
            object.put("load", load);
            return object;
        }
    }

    private final List<Path> journals;
    private final int rounds;
    private Consumer<String> progress = text -> {};

    /**
     * A bench.
     *
     * @param rounds how often everything is asked
     */
    public TablesBench(List<Path> journals, int rounds) {
        this.journals = List.copyOf(journals);
        this.rounds = rounds;
    }

    /** Is told what is being done. */
    public TablesBench listen(Consumer<String> listener) {
        progress = listener;
        return this;
    }

    /**
     * Measures.
     *
     * @throws BenchException
     *             when the two do not answer alike
     * @throws chronovisor.journal.JournalException
     *             when a journal cannot be read
     */
    public Result run() throws BenchException {
        long[] told = {0};
        long start_ns = System.nanoTime();
        List<Projection> projections = new ArrayList<>();
        for (Path journal : journals) {
            projections.add(Projection.of(journal, at -> {
                told[0]++;
                progress.accept("making tables: " + at.events() + " events");
            }));
        }
        double projection_s = (System.nanoTime() - start_ns) / 1e9;
        Map<String, Map<String, Double>> figures = new LinkedHashMap<>();
        for (Question question : QUESTIONS) {
            figures.put(question.name, figures(measure(question, projections)));
        }
        return new Result(projections.stream().mapToLong(Projection::events).sum(),
                projections.stream().flatMap(one -> one.files().values().stream()).mapToLong(List::size).sum(),
                told[0] == 0 ? null : projection_s, figures, Host.load());
    }

    private Ways measure(Question question, List<Projection> projections) throws BenchException {
        List<Double> bare_ms = new ArrayList<>();
        List<Double> open_ms = new ArrayList<>();
        List<Double> whole_ms = new ArrayList<>();
        List<Double> bareWhole_ms = new ArrayList<>();
        try (BareTables bare = new BareTables(projections, List.of(question.table));
                JournalTables open = JournalTables.open(journals, TablesBench::ignore)) {
            // The first round finds code and files cold; it is not counted.
            for (int round = 0; round <= rounds; round++) {
                progress.accept(question.name + ", round " + round + " of " + rounds);
                long[] rows = new long[4];
                double[] took_ms = new double[4];
                List<Runnable> turns = List.of(
                        () -> took_ms[0] = took_ms(() -> rows[0] = bare.query(question.sql)),
                        () -> took_ms[1] = took_ms(() -> rows[1] = ask(open, question.sql)),
                        () -> took_ms[2] = took_ms(() -> rows[2] = opened(question, projections)),
                        () -> took_ms[3] = took_ms(() -> rows[3] = opened(question.sql)));
                // Who comes later finds the host as who was before left it: so each round another one is first, and they go round either way.
                for (int turn = 0; turn < turns.size(); turn++) {
                    turns.get(Math.floorMod(round % 2 == 0 ? round / 2 + turn : round / 2 - turn, turns.size())).run();
                }
                if (rows[0] != rows[1] || rows[0] != rows[2] || rows[0] != rows[3]) {
                    throw new BenchException(question.name + ": DuckDB alone answers " + rows[0]
                            + " rows, the tables answer " + rows[1]);
                }
                if (round > 0) {
                    bare_ms.add(took_ms[0]);
                    open_ms.add(took_ms[1]);
                    bareWhole_ms.add(took_ms[2]);
                    whole_ms.add(took_ms[3]);
                }
            }
        }
        return new Ways(Medians.of(bare_ms), Medians.of(open_ms), Medians.of(whole_ms), Medians.of(bareWhole_ms));
    }

    private static Map<String, Double> figures(Ways ways) {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("bare_ms", ways.bare_ms);
        figures.put("tables_ms", ways.open_ms);
        figures.put("times_bare", ways.open_ms / ways.bare_ms);
        figures.put("opened_bare_ms", ways.bareWhole_ms);
        figures.put("opened_tables_ms", ways.whole_ms);
        figures.put("opened_times_bare", ways.whole_ms / ways.bareWhole_ms);
        return figures;
    }

    private static long opened(Question question, List<Projection> projections) {
        try (BareTables bare = new BareTables(projections, List.of(question.table))) {
            return bare.query(question.sql);
        }
    }

    private long opened(String sql) {
        try (JournalTables tables = JournalTables.open(journals, TablesBench::ignore)) {
            return ask(tables, sql);
        }
    }

    private static long ask(JournalTables tables, String sql) {
        long[] rows = {0};
        tables.query(sql, new JournalTables.Answer() {
            @Override
            public void columns(List<String> names) {
                // Only rows are counted.
            }

            @Override
            public void row(List<@Nullable Object> values) {
                rows[0]++;
            }
        });
        return rows[0];
    }

    private static void ignore(Progress at) {
        // The tables are there by now.
    }

    private static double took_ms(Runnable work) {
        long start_ns = System.nanoTime();
        work.run();
        return (System.nanoTime() - start_ns) / 1e6;
    }
}
