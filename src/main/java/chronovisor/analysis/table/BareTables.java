package chronovisor.analysis.table;

import chronovisor.journal.JournalException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** DuckDB over the files of projections with nothing of ours around it: what {@link JournalTables} is measured by. */
public final class BareTables implements AutoCloseable {

    private final Connection connection;

    /**
     * Opens a database of its own with a view for each of the tables that are wanted.
     *
     * @throws JournalException
     *             when a file cannot be opened
     */
    public BareTables(List<Projection> projections, List<String> tables) {
        Map<String, List<Path>> files = new TreeMap<>();
        for (String table : tables) {
            for (Projection projection : projections) {
                files.computeIfAbsent(table, _ -> new ArrayList<>()).addAll(projection.files(table));
            }
        }
        try {
            connection = Sql.inMemory();
            try (Statement statement = connection.createStatement()) {
                for (Map.Entry<String, List<Path>> table : files.entrySet()) {
                    statement.execute(
                            "CREATE VIEW \"" + table.getKey() + "\" AS FROM " + Views.parquet(table.getValue()));
                }
            }
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /**
     * Answers a query, and forgets the answer.
     *
     * @return how many rows it has
     */
    public long query(String sql) {
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
            long count = 0;
            while (rows.next()) {
                count++;
            }
            return count;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private static JournalException failed(SQLException e) {
        return new JournalException("DuckDB alone: " + Sql.complaint(e), e);
    }
}
