package chronovisor.analysis.table;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.analysis.Runs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.duckdb.DuckDBConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DuckDB alone reads in exported tables what SQL over the journal answers. */
class ParquetExportTest {

    @TempDir
    Path folder;

    @Test
    void everyTableThatHasRowsIsAFileWithTheSameRows() throws Exception {
        Path journal = Runs.record(folder, "ipc");
        Path out = Files.createDirectory(folder.resolve("out"));
        ParquetExport.all(journal, out, progress -> {});
        try (JournalTables tables = Asked.open(journal)) {
            for (JournalTables.Table table : tables.tables()) {
                Path file = out.resolve(table.name() + ".parquet");
                if (table.name().equals(StepPages.TABLE)) {
                    assertThat(file).doesNotExist();
                    continue;
                }
                long rows = Asked.number(tables, "SELECT count(*) FROM \"" + table.name() + '"');
                if (rows == 0) {
                    assertThat(file).doesNotExist();
                } else {
                    assertThat(number("SELECT count(*) FROM '" + file + "'")).isEqualTo(rows);
                }
            }
            assertThat(number("SELECT sum(bytes)::BIGINT FROM '" + out.resolve("pipe_transfers.parquet") + "'"))
                    .isEqualTo(Asked.number(tables, "SELECT sum(bytes)::BIGINT FROM pipe_transfers")).isPositive();
        }
    }

    @Test
    void allEventsAreOneFileWhenThatIsAskedFor() throws Exception {
        Path journal = Runs.record(folder, "hello");
        Path file = folder.resolve("all's.parquet");
        ParquetExport.events(journal, file, progress -> {});
        assertThat(number("SELECT count(*) FROM " + Sql.text(file.toString()))).isEqualTo(Runs.events(journal).size());
    }

    private static long number(String query) throws SQLException {
        try (DuckDBConnection connection = Sql.inMemory();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
