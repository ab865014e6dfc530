package chronovisor.analysis.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chronovisor.analysis.Runs;
import chronovisor.journal.Blob;
import chronovisor.journal.EventTypes;
import chronovisor.journal.Folders;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalException;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.journal.SyntheticRun;
import chronovisor.replay.EmbeddedGuests;
import chronovisor.replay.Fidelity;
import chronovisor.replay.StepQuery;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the tables say is what the events say; and queries read the tables and nothing else. */
class JournalTablesTest {

    @TempDir
    Path folder;

    static List<EmbeddedGuests.Guest> guests() {
        return EmbeddedGuests.all().stream().filter(guest -> !guest.name().startsWith("rows-")).toList();
    }

    @ParameterizedTest
    @MethodSource("guests")
    void tablesAndEventsAgree(EmbeddedGuests.Guest guest) {
        Path journal = Runs.record(folder, guest, Fidelity.STEPS);
        List<GuestEvent> events = Runs.events(journal);
        Map<String, Long> counts = new TreeMap<>();
        events.forEach(event -> counts.merge(EventTypes.of(event).name(), 1L, Long::sum));
        try (JournalTables tables = Asked.open(journal)) {
            Map<String, Long> answered = new TreeMap<>();
            Asked.of(tables, "SELECT type, count(*) FROM events GROUP BY type").rows
                    .forEach(row -> answered.put(String.valueOf(row.get(0)), ((Number) row.get(1)).longValue()));
            assertThat(answered).isEqualTo(counts);
            counts.forEach((type, count) -> assertThat(Asked.number(tables, "SELECT count(*) FROM " + type))
                    .as(type).isEqualTo(count));
            assertThat(Asked.of(tables, "SELECT position FROM events").rows).as("the order of the journal")
                    .isEqualTo(events.stream().map(event -> List.of(event.at().toString())).toList());
            callsAgree(tables, events);
            assertThat(text(tables)).isEqualTo(written(events));
            assertThat(Asked.number(tables, "SELECT sum(steps) FROM steps_by_page"))
                    .isEqualTo(StepQuery.of(journal).forEach((tick, core, space, rip, bytes, instruction) -> {}));
        }
    }

    private static void callsAgree(JournalTables tables, List<GuestEvent> events) {
        long entered = events.stream().filter(KittenEvent.SyscallEntered.class::isInstance).count();
        long returned = events.stream().filter(KittenEvent.SyscallReturned.class::isInstance)
                .filter(event -> event.cause() != null).count();
        long results = events.stream().filter(KittenEvent.SyscallReturned.class::isInstance)
                .filter(event -> event.cause() != null)
                .mapToLong(event -> ((KittenEvent.SyscallReturned) event).result()).sum();
        assertThat(
                Asked.of(tables, "SELECT count(*), count(result), coalesce(sum(result), 0)::BIGINT FROM syscalls").rows)
                .isEqualTo(List.of(List.of(entered, returned, results)));
        assertThat(Asked.number(tables, "SELECT count(*) FROM syscalls WHERE name IS NULL AND number < 500")).isZero();
    }

    private static String text(JournalTables tables) {
        StringBuilder text = new StringBuilder();
        Asked.of(tables, "SELECT bytes FROM console WHERE what = 'written'").rows
                .forEach(row -> text.append(latin(row.getFirst())));
        return text.toString();
    }

    private static String written(List<GuestEvent> events) {
        StringBuilder text = new StringBuilder();
        events.forEach(event -> {
            if (event instanceof KittenEvent.ConsoleWritten written) {
                text.append(latin(written.bytes()));
            }
        });
        return text.toString();
    }

    private static String latin(Object blob) {
        return new String(((Blob) blob).toByteArray(), StandardCharsets.ISO_8859_1);
    }

    @Test
    void everyByteOfAPipeIsTransferredOnce() {
        Path journal = Runs.record(folder, "ipc");
        try (JournalTables tables = Asked.open(journal)) {
            long sent = Asked.number(tables, "SELECT sum(length) FROM PipeWritten");
            assertThat(sent).isPositive();
            assertThat(Asked.number(tables, "SELECT sum(bytes) FROM pipe_transfers")).isEqualTo(sent);
            assertThat(Asked.number(tables, "SELECT sum(bytes) FROM pipe_transfers WHERE reader IS NOT NULL"))
                    .isEqualTo(Asked.number(tables, "SELECT sum(length) FROM PipeRead"));
            assertThat(Asked.number(tables, "SELECT count(*) FROM pipe_transfers WHERE latency_ticks < 0")).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "SELECT * FROM SYSCALLS",
        "SELECT * FROM main.syscalls",
        "SELECT (SELECT count(*) FROM syscalls)",
        "SELECT 1 WHERE EXISTS (FROM syscalls)",
        "WITH one AS (SELECT * FROM syscalls) SELECT * FROM one",
        "WITH syscalls AS (SELECT * FROM syscalls) SELECT * FROM syscalls",
        "SELECT * FROM journals, LATERAL (SELECT * FROM syscalls)",
        "SELECT * FROM journals UNION ALL BY NAME SELECT * FROM syscalls",
        "FROM query('FROM syscalls')",
        "DESCRIBE syscalls",
        "DESCRIBE SELECT * FROM syscalls",
        "SUMMARIZE syscalls",
        "SHOW TABLES",
        "EXPLAIN SELECT * FROM syscalls",
        "SELECT * FROM information_schema.tables WHERE table_name = 'syscalls'",
        "SELECT * FROM duckdb_views() WHERE view_name = 'syscalls'"})
    void aTableIsThereHoweverAQueryNamesIt(String query) {
        Path journal = Runs.record(folder, "hello");
        try (JournalTables tables = Asked.open(journal)) {
            assertThat(Asked.of(tables, query).rows).isNotEmpty();
        }
    }

    @Test
    void aTableThatIsNotThereIsComparedWithThoseThatAre() {
        Path journal = Runs.record(folder, "hello");
        try (JournalTables tables = Asked.open(journal)) {
            assertThatThrownBy(() -> Asked.of(tables, "SELECT * FROM syscals")).isInstanceOf(TableException.class)
                    .hasMessageContaining("syscalls");
        }
    }

    @Test
    void severalJournalsAreToldApart() {
        Path a = Runs.record(folder, "hello");
        Path b = Runs.record(folder, "echo");
        try (JournalTables tables = Asked.open(a, b)) {
            assertThat(Asked.of(tables, "SELECT DISTINCT journal FROM events ORDER BY journal").rows)
                    .isEqualTo(List.of(List.of("echo"), List.of("hello")));
            assertThat(Asked.number(tables, "SELECT count(*) FROM events"))
                    .isEqualTo(Runs.events(a).size() + Runs.events(b).size());
            assertThat(Asked.of(tables, "SELECT journal, reason FROM journals ORDER BY ALL").rows.getFirst())
                    .isEqualTo(List.of("echo", "init_task ended with status 3"));
            assertThat(Asked.number(tables, "SELECT count(*) FROM tasks WHERE journal = 'hello'")).isEqualTo(1);
        }
    }

    /** Between calls, within one that waits, and at a tick with several events: the fork changes nothing. */
    @ParameterizedTest
    @CsvSource({"3000,0", "9000,0", "15000,1", "22000,3"})
    void aForkWithItsParentsIsTheWholeRun(long tick, int sequence) {
        Path journal = Runs.record(folder, "ipc");
        Position near = Runs.events(journal).stream().map(GuestEvent::at)
                .filter(at -> at.compareTo(new Position(tick, 0)) >= 0).skip(sequence).findFirst().orElseThrow();
        Path fork = Runs.fork(journal, near);
        Path second = Runs.fork(fork, new Position(near.tick() + 2000, 0));
        try (JournalTables whole = Asked.open(journal);
                JournalTables forks = JournalTables.open(List.of(second), true, progress -> {})) {
            for (String query : List.of("SELECT * EXCLUDE journal FROM events ORDER BY tick, sequence",
                    "SELECT * EXCLUDE journal FROM syscalls ORDER BY tick, sequence",
                    "SELECT * EXCLUDE journal FROM pipe_transfers ORDER BY ALL")) {
                assertThat(Asked.of(forks, query).rows).isEqualTo(Asked.of(whole, query).rows);
            }
            assertThat(Asked.of(forks, "SELECT DISTINCT journal FROM events").rows).hasSize(1);
        }
        try (JournalTables own = Asked.open(second)) {
            assertThat(Asked.number(own, "SELECT count(*) FROM events")).isEqualTo(Runs.events(second).size());
        }
    }

    @Test
    void aParentThatIsNotThereOrAnotherOneIsNamed() throws Exception {
        Path journal = Runs.record(folder, "hello");
        Path fork = Runs.fork(journal, new Position(500, 0));
        Folders.remove(journal);
        assertThatThrownBy(() -> JournalTables.open(List.of(fork), true, progress -> {}))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("is a fork of hello, which is not beside it");
        SyntheticRun.write(journal, 3, 2);
        assertThatThrownBy(() -> JournalTables.open(List.of(fork), true, progress -> {}))
                .isInstanceOf(JournalException.class).hasMessageContaining("is not the journal any more");
    }

    @Test
    void whereAForkComesFromIsTold() {
        Path journal = folder.resolve("fork");
        SyntheticRun.write(journal, 3, 2);
        try (JournalTables tables = Asked.open(journal)) {
            assertThat(Asked.of(tables, "SELECT journal, parent, parent_tick, parent_sequence FROM lineage").rows)
                    .isEqualTo(List.of(List.of("fork", "parent", 3L, 4)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'", "SELECT * FROM glob('/etc/*')", "COPY (SELECT 1) TO 'TARGET'",
        "ATTACH 'TARGET'", "INSTALL httpfs", "LOAD httpfs", "SET enable_external_access = true",
        "CREATE TABLE t AS SELECT 1", "INSERT INTO journals VALUES ('x')", "DROP VIEW events",
        "EXPORT DATABASE 'TARGET'", "SELECT 1; COPY (SELECT 1) TO 'TARGET'",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO 'TARGET'", "PRAGMA database_list", "CALL pragma_version()",
        "SELECT * FROM read_parquet('https://localhost/x.parquet')", "", ";", "-- nothing"})
    void nothingElseIsReadOrWritten(String statement) {
        Path journal = Runs.record(folder, "hello");
        Path target = folder.resolve("target");
        try (JournalTables tables = Asked.open(journal)) {
            assertThatThrownBy(() -> Asked.of(tables, statement.replace("TARGET", target.toString())))
                    .isInstanceOf(TableException.class).message().isNotBlank().doesNotContain("\n");
            assertThat(target).doesNotExist();
            assertThat(Asked.number(tables, "SELECT count(*) FROM events")).isPositive();
        }
    }

    @Test
    void theTablesThemselvesAreNotWrittenOver() throws Exception {
        Path journal = Runs.record(folder, "hello");
        try (JournalTables tables = Asked.open(journal)) {
            Path file = Projection.of(journal, progress -> {}).files("events").getFirst();
            byte[] before = Files.readAllBytes(file);
            assertThatThrownBy(() -> Asked.of(tables, "COPY (SELECT 1) TO '" + file + "'"))
                    .isInstanceOf(TableException.class);
            assertThat(Files.readAllBytes(file)).isEqualTo(before);
        }
    }

    @Test
    void aWrongQueryIsToldWhereItIsWrong() {
        try (JournalTables tables = Asked.open(Runs.record(folder, "hello"))) {
            assertThatThrownBy(() -> Asked.of(tables, "SELECT type\nFORM events"))
                    .hasMessageContaining("syntax error").hasMessageContaining("line 2");
            assertThatThrownBy(() -> Asked.of(tables, "SELECT nothing FROM events"))
                    .hasMessageContaining("nothing").hasMessageContaining("column 8");
            assertThatThrownBy(() -> Asked.of(tables, "SELECT 1; SELECT 2")).hasMessage("one query at a time");
        }
    }

    @Test
    void stepsAreNotThereWhereNoneWereRecorded() {
        EmbeddedGuests.Guest guest = guests().getFirst();
        try (JournalTables tables = Asked.open(Runs.record(folder, guest, Fidelity.INPUTS))) {
            assertThat(Asked.number(tables, "SELECT count(*) FROM events WHERE family <> 'INPUT'")).isZero();
            assertThatThrownBy(() -> Asked.of(tables, "SELECT * FROM steps_by_page"))
                    .isInstanceOf(JournalException.class).hasMessageContaining("without steps");
            assertThatThrownBy(() -> Asked.of(tables, "SELECT count(*) FROM query_table('steps_by' || '_page')"))
                    .isInstanceOf(TableException.class);
        }
    }

    @Test
    void readyQueriesAreAnsweredAndSayWhatTheyAnswer() throws Exception {
        List<Path> files;
        try (var list = Files.list(Path.of("replay-tools/queries"))) {
            files = list.filter(file -> file.toString().endsWith(".sql")).sorted().toList();
        }
        assertThat(files).hasSizeGreaterThan(8);
        try (JournalTables tables = Asked.open(Runs.record(folder, "ipc"), Runs.record(folder, "echo"))) {
            for (Path file : files) {
                String query = Files.readString(file);
                assertThat(query).as("the comment of %s", file).startsWith("-- ");
                assertThat(Asked.of(tables, query).columns).as(file.toString()).isNotEmpty();
            }
        }
    }
}
