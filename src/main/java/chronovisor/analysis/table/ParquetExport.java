package chronovisor.analysis.table;

import chronovisor.journal.JournalException;
import chronovisor.replay.Progress;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.function.Consumer;
import org.duckdb.DuckDBConnection;

/** Tables of a journal as Parquet files for others, compressed by Zstandard. Each has the columns that it has in SQL. */
public final class ParquetExport {

    private ParquetExport() {}

    /**
     * Writes a file for each table that has rows, by its name. That of executed pages is among them when it has been made.
     *
     * @param folder
     *            where the files go
     * @throws JournalException
     *             when the journal cannot be read, or a file cannot be written
     */
    public static void all(Path journal, Path folder, Consumer<Progress> progress) {
        try (JournalTables tables = JournalTables.open(List.of(journal), progress);
                DuckDBConnection connection = tables.unlocked()) {
            for (JournalTables.Table table : tables.tables()) {
                if (!table.name().equals(StepPages.TABLE) || tables.withSteps()) {
                    copy(connection, table.name(), folder.resolve(table.name() + ".parquet"), false);
                }
            }
        } catch (SQLException e) {
            throw failed(folder, e);
        }
    }

    /** Writes the table of all events into one file. */
    public static void events(Path journal, Path file, Consumer<Progress> progress) {
        try (JournalTables tables = JournalTables.open(List.of(journal), progress);
                DuckDBConnection connection = tables.unlocked()) {
            copy(connection, ProjectionWriter.EVENTS, file, true);
        } catch (SQLException e) {
            throw failed(file, e);
        }
    }

    private static void copy(DuckDBConnection connection, String table, Path file, boolean always)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            String from = "FROM \"" + table + "\"";
            if (always || hasRows(statement, from)) {
                statement.execute("COPY (" + from + ") TO " + Sql.text(file.toAbsolutePath().toString())
                        + " (FORMAT parquet, COMPRESSION zstd)");
            }
        }
    }

    private static boolean hasRows(Statement statement, String from) throws SQLException {
        try (ResultSet rows = statement.executeQuery("SELECT 1 " + from + " LIMIT 1")) {
            return rows.next();
        }
    }

    private static JournalException failed(Path target, SQLException e) {
        return new JournalException("cannot write " + target + ": " + Sql.complaint(e), e);
    }
}
