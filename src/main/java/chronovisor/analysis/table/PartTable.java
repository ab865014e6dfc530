package chronovisor.analysis.table;

import chronovisor.analysis.table.EventTable.Column;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/** A table that is written as one Parquet file after the other, in the order of its rows. */
final class PartTable {

    private final DuckDBConnection connection;
    private final Path folder;
    private final String name;
    private final List<Column> columns;
    private final List<String> files = new ArrayList<>();
    private @Nullable DuckDBAppender appender;

    PartTable(DuckDBConnection connection, Path folder, String name, List<Column> columns) {
        this.connection = connection;
        this.folder = folder;
        this.name = name;
        this.columns = columns;
    }

    String name() {
        return name;
    }

    /** What was written, in order. */
    List<String> files() {
        return files;
    }

    /** Takes the next row: begun, filled and ended by the caller. */
    DuckDBAppender rows() throws SQLException {
        DuckDBAppender open = appender;
        if (open == null) {
            execute("CREATE TABLE \"" + name + "\" ("
                    + columns.stream().map(Column::definition).collect(Collectors.joining(", ")) + ")");
            open = connection.createAppender(name);
            appender = open;
        }
        return open;
    }

    /** Writes what rows there are into a file and forgets them. */
    void flush() throws SQLException {
        DuckDBAppender open = appender;
        if (open != null) {
            appender = null;
            open.close();
            String file = name + "-" + files.size() + ".parquet";
            execute("COPY \"" + name + "\" TO " + Sql.text(folder.resolve(file).toString())
                    + " (FORMAT parquet, COMPRESSION zstd)");
            execute("DROP TABLE \"" + name + "\"");
            files.add(file);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
