package chronovisor.analysis.table;

import chronovisor.journal.Blob;
import chronovisor.journal.EventFields;
import chronovisor.journal.EventFields.Field;
import chronovisor.journal.EventType;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.Position;
import chronovisor.journal.Stamp;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.duckdb.DuckDBAppender;
import org.jspecify.annotations.Nullable;

/** The table of one type of event: where it stands, and the record's own components with their names and types. */
final class EventTable {

    /** What every event has. */
    static final List<Column> STAMP = List.of(new Column("tick", "BIGINT"), new Column("sequence", "INTEGER"),
            new Column("core", "INTEGER"), new Column("cause_tick", "BIGINT"),
            new Column("cause_sequence", "INTEGER"));

    /** A column: its name and its type in SQL. */
    record Column(String name, String type) {

        /** The name as SQL takes it whatever it is. */
        String quoted() {
            return '"' + name + '"';
        }

        String definition() {
            return quoted() + ' ' + type;
        }
    }

    private final EventType<?> type;
    private final EventFields fields;

    private EventTable(EventType<?> type) {
        this.type = type;
        this.fields = EventFields.of(type);
    }

    static EventTable of(EventType<?> type) {
        return new EventTable(type);
    }

    /** The type's name is the table's. */
    String name() {
        return type.name();
    }

    List<Column> columns() {
        List<Column> columns = new ArrayList<>(STAMP);
        for (Field field : fields.all()) {
            columns.add(new Column(field.name(), switch (field.kind()) {
                case LONG -> "BIGINT";
                case INT -> "INTEGER";
                case BOOLEAN -> "BOOLEAN";
                case TEXT -> "VARCHAR";
                case BYTES -> "BLOB";
            }));
        }
        return columns;
    }

    /** Appends the columns of {@link #STAMP}. */
    static void appendStamp(DuckDBAppender row, GuestEvent event) throws SQLException {
        Position at = event.at();
        Position cause = event.cause();
        row.append(at.tick()).append(at.sequence()).append(event.core());
        if (cause == null) {
            row.appendNull().appendNull();
        } else {
            row.append(cause.tick()).append(cause.sequence());
        }
    }

    void append(DuckDBAppender row, GuestEvent event) throws SQLException {
        row.beginRow();
        appendStamp(row, event);
        for (Field field : fields.all()) {
            switch (field.kind()) {
                case LONG -> row.append(field.number(event));
                case INT -> row.append((int) field.number(event));
                case BOOLEAN -> row.append(field.number(event) != 0);
                case TEXT -> row.append((String) field.value(event));
                case BYTES -> row.append(((Blob) field.value(event)).toByteArray());
            }
        }
        row.endRow();
    }

    /** The event of a row with the columns of this table. */
    GuestEvent read(ResultSet row) throws SQLException {
        long causeTick = row.getLong(4);
        @Nullable
        Position cause = row.wasNull() ? null : new Position(causeTick, row.getInt(5));
        Stamp stamp = new Stamp(new Position(row.getLong(1), row.getInt(2)), row.getInt(3), cause);
        List<Field> all = fields.all();
        Object[] values = new Object[all.size()];
        for (int i = 0; i < values.length; i++) {
            int column = STAMP.size() + 1 + i;
            values[i] = switch (all.get(i).kind()) {
                case LONG -> row.getLong(column);
                case INT -> row.getInt(column);
                case BOOLEAN -> row.getBoolean(column);
                case TEXT -> row.getString(column);
                case BYTES -> Blob.owning(row.getBytes(column));
            };
        }
        return fields.event(stamp, values);
    }
}
