package chronovisor.analysis;

import chronovisor.analysis.table.JournalTables;
import chronovisor.analysis.table.Projection;
import chronovisor.journal.Folders;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalReader;
import chronovisor.journal.JournalRecord;
import chronovisor.journal.Position;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Questions about a large journal: one event by its type and position, and a group-by over all events, by the tables of {@code sql} and by DuckDB alone
 * over the same files. How large: {@code -Dbench.options="-p events=100000000"}, and for a journal of many bytes
 * {@code -p events=21000000 -p batch=64 -p padding=30000} (10 GB). Under a folder of {@code java.io.tmpdir}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 5)
public class LargeJournalBenchmark {

    private static final String GROUP_BY = "SELECT type, count(*), max(tick) FROM events GROUP BY type ORDER BY type";

    /** How many events. */
    @Param("1000000")
    private long events;

    /** In each batch. */
    @Param("4096")
    private int batch;

    /** Bytes that do not compress, in each batch. */
    @Param("0")
    private int padding;

    private Path root = Path.of("");
    private Path journal = Path.of("");
    private Position middle = Position.START;
    private String files = "";

    /** Makes the journal and, where it is not padded, its tables. */
    @Setup
    public void make() throws IOException {
        root = Files.createTempDirectory("large-bench");
        journal = root.resolve("journal");
        middle = LargeJournal.make(journal, Runs.record(root, "rows-process"), events, batch, padding);
        if (padding == 0) {
            files = Projection.of(journal, progress -> {}).files().getOrDefault("events", List.of()).stream()
                    .map(file -> "'" + file + "'").collect(Collectors.joining(", ", "[", "]"));
        }
    }

    /** Removes what was made. */
    @TearDown
    public void remove() throws IOException {
        Folders.remove(root);
    }

    /** Opens the journal and reads the event at a position in its middle. */
    @Benchmark
    public GuestEvent oneEvent() {
        try (JournalReader reader = JournalReader.openAt(journal, middle)) {
            JournalRecord record = reader.nextEvents(middle);
            if (record == null) {
                throw new IllegalStateException("no event at " + middle);
            }
            return record.events().stream().filter(event -> event.at().equals(middle)).findFirst().orElseThrow();
        }
    }

    /** By the tables of a journal, opened for it. */
    @Benchmark
    public int groupByTables() {
        int[] rows = {0};
        try (JournalTables tables = JournalTables.open(List.of(journal), progress -> {})) {
            tables.query(GROUP_BY, new JournalTables.Answer() {
                @Override
                public void columns(List<String> names) {
                    rows[0] = 0;
                }

                @Override
                public void row(List<@Nullable Object> values) {
                    rows[0]++;
                }
            });
        }
        return rows[0];
    }

    /** By DuckDB alone. */
    @Benchmark
    public int groupByDuckDb() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet rows = statement
                        .executeQuery(GROUP_BY.replace("FROM events", "FROM read_parquet(" + files + ")"))) {
            int count = 0;
            while (rows.next()) {
                count++;
            }
            return count;
        }
    }
}
