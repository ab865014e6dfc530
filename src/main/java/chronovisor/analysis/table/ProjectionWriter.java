package chronovisor.analysis.table;

import chronovisor.analysis.table.EventTable.Column;
import chronovisor.journal.EventFields;
import chronovisor.journal.EventJson;
import chronovisor.journal.EventType;
import chronovisor.journal.EventTypes;
import chronovisor.journal.GuestEvent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/** Writes events into the tables of a projection, in the order in which they come. */
final class ProjectionWriter implements AutoCloseable {

    /** Name of the table that has them all. */
    static final String EVENTS = "events";

    /** Rows that are held in memory before they are written; an event takes some hundred bytes there. */
    private static final int ROWS_MAX = 2_000_000;

    private static final String TASK = "task";

    /** A type's table, and where its events name the task that they concern. */
    private record Row(EventTable table, PartTable parts, EventFields.@Nullable Field task) {}

    private final DuckDBConnection connection;
    private final PartTable all;
    /** By the types' names, which are quicker found than types: there is a look-up for every event. */
    private final Map<String, Row> rows = new HashMap<>();
    private final List<PartTable> written = new ArrayList<>();
    private final EventDigest digest = new EventDigest();
    private int held;

    ProjectionWriter(Path folder) throws SQLException {
        connection = Sql.inMemory();
        all = new PartTable(connection, folder, EVENTS, columns());
        written.add(all);
        for (EventType<?> type : EventTypes.all()) {
            EventTable table = EventTable.of(type);
            PartTable parts = new PartTable(connection, folder, table.name(), table.columns());
            written.add(parts);
            rows.put(type.name(), new Row(table, parts, EventFields.of(type).named(TASK)));
        }
    }

    /** What changes when a table gets other columns. */
    static long columnsSum() {
        CRC32C sum = new CRC32C();
        add(sum, EVENTS, columns());
        EventTypes.all().forEach(type -> add(sum, type.name(), EventTable.of(type).columns()));
        return sum.getValue();
    }

    private static void add(CRC32C sum, String table, List<Column> columns) {
        sum.update((table + columns).getBytes(StandardCharsets.UTF_8));
    }

    /** The columns of the table of all events. */
    static List<Column> columns() {
        List<Column> columns = new ArrayList<>(EventTable.STAMP);
        columns.add(new Column("family", "VARCHAR"));
        columns.add(new Column("type", "VARCHAR"));
        columns.add(new Column(TASK, "INTEGER"));
        columns.add(new Column("fields", "VARCHAR"));
        return columns;
    }

    void add(GuestEvent event) throws SQLException {
        digest.add(event);
        EventType<?> type = EventTypes.of(event);
        Row row = rows.get(type.name());
        if (row == null) {
            throw new IllegalStateException("no table for " + type);
        }
        row.table.append(row.parts.rows(), event);
        DuckDBAppender line = all.rows();
        line.beginRow();
        EventTable.appendStamp(line, event);
        line.append(type.family().toString()).append(type.name());
        if (row.task == null) {
            line.appendNull();
        } else {
            line.append((int) row.task.number(event));
        }
        line.append(EventJson.fields(event)).endRow();
        if (++held == ROWS_MAX) {
            flush();
        }
    }

    private void flush() throws SQLException {
        held = 0;
        for (PartTable table : written) {
            table.flush();
        }
    }

    /** Writes what is left. */
    void finish() throws SQLException {
        flush();
    }

    long events() {
        return digest.events();
    }

    /** Of all events; once. */
    String digest() {
        return digest.finish();
    }

    /** The files of each table that has rows, by its name. */
    Map<String, List<String>> files() {
        Map<String, List<String>> files = new TreeMap<>();
        for (PartTable table : written) {
            if (!table.files().isEmpty()) {
                files.put(table.name(), table.files());
            }
        }
        return files;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
