package chronovisor.analysis.table;

import chronovisor.analysis.table.EventTable.Column;
import chronovisor.journal.EventType;
import chronovisor.journal.EventTypes;
import chronovisor.journal.Folders;
import chronovisor.journal.JournalException;
import chronovisor.replay.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.duckdb.DuckDBConnection;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * SQL over one or several journals.
 *
 * <pre>
 * try (JournalTables tables = JournalTables.open(List.of(folder), progress)) {
 *     tables.query("SELECT name, count(*) FROM syscalls GROUP BY name", answer);
 * }
 * </pre>
 *
 * A query reads; it reads these tables and no file. The table of executed pages is made when a query names it first, since that takes a
 * pass over all steps. One thread.
 */
public final class JournalTables implements AutoCloseable {

    private static final Pattern EXPLAIN = Pattern.compile("\\s*EXPLAIN\\s+(?:ANALYZE\\s+)?", Pattern.CASE_INSENSITIVE);

    /** A table, what its rows are, and its columns with their types, in order. */
    public record Table(String name, String purpose, Map<String, String> columns) {}

    /** Takes what a query answers. */
    public interface Answer {
        /** The columns, before any row. */
        void columns(List<String> names);

        /** A row: a value of Java's for each column, null for NULL, {@link chronovisor.journal.Blob} for bytes. */
        void row(List<@org.jspecify.annotations.Nullable Object> values);
    }

    private final List<JournalFacts> journals;
    private final Consumer<Progress> progress;
    private final Path scratch;
    private DuckDBConnection connection;
    private boolean withSteps;

    private JournalTables(List<JournalFacts> journals, Consumer<Progress> progress) throws SQLException, IOException {
        this.journals = journals;
        this.progress = progress;
        scratch = Files.createTempDirectory("chronovisor-sql-");
        withSteps = journals.stream().allMatch(facts -> facts.projection().stepPages() != null);
        connection = connect(true);
    }

    /**
     * Opens journals, each with what it has itself; makes their projections where they are missing or stale.
     *
     * @throws JournalException
     *             when one cannot be read, or is damaged
     */
    public static JournalTables open(List<Path> folders, Consumer<Progress> progress) {
        return open(folders, false, progress);
    }

    /**
     * Opens journals.
     *
     * @param parents
     *            whether a fork begins with what its parents recorded before it; what is counted of steps is its own in any case
     * @throws JournalException
     *             when one cannot be read, or is damaged, or a parent is not there
     */
    public static JournalTables open(List<Path> folders, boolean parents, Consumer<Progress> progress) {
        List<JournalFacts> facts = new ArrayList<>();
        for (Path folder : folders) {
            Projection projection = Projection.of(folder, progress);
            String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
            boolean taken = facts.stream().anyMatch(other -> other.name().equals(name));
            facts.add(JournalFacts.of(taken ? folder.toString() : name, projection,
                    parents ? Ancestor.of(projection, progress) : List.of()));
        }
        try {
            return new JournalTables(facts, progress);
        } catch (SQLException e) {
            throw new JournalException("cannot open the tables: " + Sql.complaint(e), e);
        } catch (IOException e) {
            throw new JournalException("cannot open the tables: " + e.getMessage(), e);
        }
    }

    /** The tables once more, by a connection of the caller's, which may write files. */
    DuckDBConnection unlocked() throws SQLException {
        return connect(false);
    }

    private DuckDBConnection connect(boolean locked) throws SQLException {
        DuckDBConnection opened = Sql.inMemory();
        try (Statement statement = opened.createStatement()) {
            // As one transaction: a hundred of them take longer than many a query.
            statement.execute("BEGIN; " + String.join("; ", statements()) + "; COMMIT");
            // What does not fit into memory goes to a folder of this process's own.
            statement.execute("SET temp_directory = " + Sql.text(scratch.toString()));
            if (locked) {
                statement.execute(String.join("; ", locks()));
            }
            return opened;
        } catch (SQLException e) {
            opened.close();
            throw e;
        }
    }

    private List<String> statements() {
        List<String> sql = new ArrayList<>();
        sql.add(eventView(ProjectionWriter.EVENTS, ProjectionWriter.columns()));
        for (EventType<?> type : EventTypes.all()) {
            EventTable table = EventTable.of(type);
            sql.add(eventView(table.name(), table.columns()));
        }
        sql.addAll(JournalFacts.tables(journals));
        sql.addAll(Names.tables());
        for (Views view : Views.values()) {
            sql.add(view.create());
        }
        sql.add(stepPages());
        return sql;
    }

    /** From here on nothing but the files of the tables can be opened, and nothing of this can be changed by a query. */
    private List<String> locks() {
        List<String> sql = new ArrayList<>();
        sql.add("SET allowed_paths = " + journals.stream()
                .flatMap(facts -> Stream.concat(Stream.of(facts.projection()),
                        facts.before().stream().map(Ancestor::projection)))
                .flatMap(JournalTables::paths).distinct().map(path -> Sql.text(path.toAbsolutePath().toString()))
                .collect(Collectors.joining(", ", "[", "]")));
        sql.add("SET enable_external_access = false");
        sql.add("SET lock_configuration = true");
        return sql;
    }

    private static Stream<Path> paths(Projection projection) {
        Path pages = projection.stepPages();
        return Stream.concat(projection.files().values().stream().flatMap(List::stream),
                pages == null ? Stream.of() : Stream.of(pages));
    }

    private String eventView(String name, List<Column> columns) {
        List<String> parts = new ArrayList<>();
        for (JournalFacts facts : journals) {
            facts.before().forEach(one -> add(parts, facts, one.projection(), name, " WHERE " + one.condition()));
            add(parts, facts, facts.projection(), name, "");
        }
        String query = parts.isEmpty()
                ? "SELECT CAST(NULL AS VARCHAR) AS journal, CAST(NULL AS VARCHAR) AS position, " + empty(columns)
                : String.join(" UNION ALL ", parts);
        return "CREATE VIEW \"" + name + "\" AS " + query;
    }

    private static void add(List<String> parts, JournalFacts facts, Projection projection, String table,
            String where) {
        List<Path> files = projection.files(table);
        if (!files.isEmpty()) {
            parts.add(
                    "SELECT " + Sql.text(facts.name()) + " AS journal, concat(tick, ':', sequence) AS position, * FROM "
                            + Views.parquet(files) + where);
        }
    }

    private static String empty(List<Column> columns) {
        return columns.stream().map(column -> "CAST(NULL AS " + column.type() + ") AS " + column.quoted())
                .collect(Collectors.joining(", ", "", " WHERE false"));
    }

    private String stepPages() {
        List<String> parts = new ArrayList<>();
        for (JournalFacts facts : journals) {
            Path file = facts.projection().stepPages();
            if (withSteps && file != null) {
                parts.add("SELECT " + Sql.text(facts.name()) + " AS journal, * FROM " + Views.parquet(List.of(file)));
            }
        }
        // What was not made is not empty: whoever gets at it by a way that is not seen here is told so.
        return "CREATE VIEW " + StepPages.TABLE + " AS " + (parts.isEmpty()
                ? "SELECT CAST(NULL AS VARCHAR) AS journal, " + empty(StepPages.COLUMNS).replace("WHERE false",
                        "WHERE error('write " + StepPages.TABLE
                                + " in the query: it is made when a query names it') IS NULL")
                : String.join(" UNION ALL ", parts));
    }

    /**
     * Answers a query.
     *
     * @throws TableException
     *             when it is no query, or cannot be answered
     */
    public void query(String sql, Answer answer) {
        check(sql);
        if (!withSteps && sql.toLowerCase(Locale.ROOT).contains(StepPages.TABLE)) {
            addSteps();
        }
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
            Rows.tell(rows, answer);
        } catch (SQLException e) {
            throw new TableException(Sql.complaint(e), e);
        }
    }

    private void addSteps() {
        journals.forEach(facts -> facts.projection().makeStepPages(progress));
        withSteps = true;
        try {
            connection.close();
            connection = connect(true);
        } catch (SQLException e) {
            throw new JournalException("cannot open the tables: " + Sql.complaint(e), e);
        }
    }

    /** DuckDB's own parser says whether it is one statement that only reads. */
    private void check(String sql) {
        Matcher explain = EXPLAIN.matcher(sql);
        String query = explain.lookingAt() ? sql.substring(explain.end()) : sql;
        try (PreparedStatement parse = connection.prepareStatement("SELECT json_serialize_sql(?)")) {
            parse.setString(1, query);
            try (ResultSet rows = parse.executeQuery()) {
                rows.next();
                JsonNode parsed = JsonMapper.shared().readTree(rows.getString(1));
                if (!parsed.path("error").asBoolean(true)) {
                    if (parsed.path("statements").size() != 1) {
                        throw new TableException(parsed.path("statements").isEmpty()
                                ? "no query"
                                : "one query at a time");
                    }
                } else if (parsed.path("error_type").asString("").equals("parser")) {
                    throw new TableException("Parser Error: " + parsed.path("error_message").asString("")
                            + place(query, parsed.path("position").asInt(-1)));
                } else {
                    throw new TableException(
                            "only queries are answered (SELECT, FROM, WITH, DESCRIBE, SHOW, SUMMARIZE, EXPLAIN)");
                }
            }
        } catch (SQLException e) {
            throw new TableException(Sql.complaint(e), e);
        }
    }

    private static String place(String query, int position) {
        if (position < 0 || position > query.length()) {
            return "";
        }
        String before = query.substring(0, position);
        int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
        return " (line " + line + ", column " + (position - before.lastIndexOf('\n')) + ")";
    }

    /** Whether the table of executed pages has been made. */
    boolean withSteps() {
        return withSteps;
    }

    /** All tables with their columns, the views first. */
    public List<Table> tables() {
        Map<String, Map<String, String>> tables = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
                                + " ORDER BY lower(table_name) <> table_name, table_name, column_index")) {
            while (rows.next()) {
                tables.computeIfAbsent(rows.getString(1), _ -> new LinkedHashMap<>()).put(rows.getString(2),
                        rows.getString(3));
            }
        } catch (SQLException e) {
            throw new JournalException("cannot list the tables: " + Sql.complaint(e), e);
        }
        return tables.entrySet().stream()
                .map(table -> new Table(table.getKey(), purpose(table.getKey()), table.getValue())).toList();
    }

    private static String purpose(String table) {
        for (Views view : Views.values()) {
            if (view.table().equals(table)) {
                return view.purpose();
            }
        }
        return switch (table) {
            case ProjectionWriter.EVENTS -> "all events in their order; fields has the rest of each as a JSON object";
            case StepPages.TABLE ->
                "instructions that each task retired on each 4 KiB page; made when a query names it first, by a pass over all steps";
            case "journals" -> "the journals, how long they are and how they ended";
            case "lineage" -> "where each journal was forked from";
            case "checkpoints" -> "where there are checkpoints, in the journal or in its index";
            case "syscall_names" -> "names of system calls; transfers: the result counts bytes that were moved";
            case "error_names" -> "names of errors";
            default -> EventTypes.named(table).map(type -> "events of the family " + type.family()).orElse("");
        };
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new JournalException("cannot close the tables: " + Sql.complaint(e), e);
        }
        try {
            Folders.remove(scratch);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
