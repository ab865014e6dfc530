package chronovisor.analysis.table;

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
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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
 * A query reads; it reads these tables and no file. A table is made when a query names it first; that of executed pages takes a pass over
 * all steps then. One thread.
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
    private final Set<String> made = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    private Definitions definitions;
    private DuckDBConnection connection;
    private boolean withSteps;

    private JournalTables(List<JournalFacts> journals, Consumer<Progress> progress) throws SQLException, IOException {
        this.journals = journals;
        this.progress = progress;
        scratch = Files.createTempDirectory("chronovisor-sql-");
        withSteps = journals.stream().allMatch(facts -> facts.projection().stepPages() != null);
        definitions = new Definitions(journals, withSteps);
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

    /** The tables once more, all of them, by a connection of the caller's, which may write files. */
    DuckDBConnection unlocked() throws SQLException {
        DuckDBConnection opened = connect(false);
        try {
            make(opened, definitions.making(definitions.names(), new TreeSet<>(String.CASE_INSENSITIVE_ORDER)));
            return opened;
        } catch (SQLException e) {
            opened.close();
            throw e;
        }
    }

    private DuckDBConnection connect(boolean locked) throws SQLException {
        DuckDBConnection opened = Sql.inMemory();
        try (Statement statement = opened.createStatement()) {
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

    private static void make(DuckDBConnection where, List<String> statements) throws SQLException {
        if (!statements.isEmpty()) {
            try (Statement statement = where.createStatement()) {
                // As one transaction: one for each would take longer than they do.
                statement.execute("BEGIN; " + String.join("; ", statements) + "; COMMIT");
            }
        }
    }

    private void make(Collection<String> tables) throws SQLException {
        make(connection, definitions.making(tables, made));
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

    /**
     * Answers a query.
     *
     * @throws TableException
     *             when it is no query, or cannot be answered
     */
    public void query(String sql, Answer answer) {
        TableNames named = TableNames.of(parsed(sql));
        if (!withSteps && named.names().contains(StepPages.TABLE)) {
            addSteps();
        }
        makeFor(named);
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
            Rows.tell(rows, answer);
        } catch (SQLException e) {
            throw new TableException(Sql.complaint(e), e);
        }
    }

    /** What is no table of ours may be the catalog's, or a mistake: then all are made, so that DuckDB can tell what there is. */
    private void makeFor(TableNames named) {
        try {
            make(named.within(definitions.names()) ? named.names() : definitions.names());
        } catch (SQLException e) {
            throw new JournalException("cannot open the tables: " + Sql.complaint(e), e);
        }
    }

    private void addSteps() {
        journals.forEach(facts -> facts.projection().makeStepPages(progress));
        withSteps = true;
        try {
            connection.close();
            made.clear();
            definitions = new Definitions(journals, withSteps);
            connection = connect(true);
        } catch (SQLException e) {
            throw new JournalException("cannot open the tables: " + Sql.complaint(e), e);
        }
    }

    /** DuckDB's own parser says whether it is one statement that only reads. */
    private JsonNode parsed(String sql) {
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
                    return parsed;
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
        makeFor(new TableNames(Set.of(), Set.of(), true));
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
