package chronovisor.analysis.table;

import chronovisor.journal.EventType;
import chronovisor.journal.EventTypes;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/** The way back: the events of a projection, from its Parquet files alone, in their order. */
public final class EventsOfTables {

    private EventsOfTables() {}

    /** The next event of one type's table. */
    private static final class Cursor implements AutoCloseable {
        private final EventTable table;
        private final DuckDBConnection connection;
        private final Statement statement;
        private final ResultSet rows;
        private @Nullable GuestEvent next;

        Cursor(EventTable table, DuckDBConnection connection, List<Path> files) throws SQLException {
            this.table = table;
            this.connection = connection;
            this.statement = connection.createStatement();
            String columns = table.columns().stream().map(EventTable.Column::quoted).collect(Collectors.joining(", "));
            this.rows = statement.executeQuery("SELECT " + columns + " FROM " + Views.parquet(files));
        }

        boolean advance() throws SQLException {
            next = rows.next() ? table.read(rows) : null;
            return next != null;
        }

        GuestEvent event() {
            GuestEvent event = next;
            if (event == null) {
                throw new IllegalStateException("no event is there");
            }
            return event;
        }

        @Override
        public void close() throws SQLException {
            rows.close();
            statement.close();
            connection.close();
        }
    }

    /**
     * Tells every event of a projection.
     *
     * @throws JournalException
     *             when its files cannot be read
     */
    public static void forEach(Projection projection, Consumer<GuestEvent> consumer) {
        List<Cursor> open = new ArrayList<>();
        try (DuckDBConnection connection = Sql.inMemory(true)) {
            try {
                PriorityQueue<Cursor> queue = new PriorityQueue<>(Comparator.comparing(cursor -> cursor.event().at()));
                for (EventType<?> type : EventTypes.all()) {
                    List<Path> files = projection.files(type.name());
                    if (!files.isEmpty()) {
                        // A connection reads one result at a time.
                        Cursor cursor = new Cursor(EventTable.of(type), connection.duplicate(), files);
                        open.add(cursor);
                        if (cursor.advance()) {
                            queue.add(cursor);
                        }
                    }
                }
                for (Cursor first = queue.poll(); first != null; first = queue.poll()) {
                    consumer.accept(first.event());
                    if (first.advance()) {
                        queue.add(first);
                    }
                }
            } finally {
                for (Cursor cursor : open) {
                    cursor.close();
                }
            }
        } catch (SQLException e) {
            throw new JournalException("cannot read the tables in " + projection.folder() + ": " + Sql.complaint(e), e);
        }
    }
}
