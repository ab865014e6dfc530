package chronovisor.analysis.table;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.analysis.Runs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The list of tables in docs/analysis.md is the one of the code. {@code -Ddocs=write} writes it:
 *
 * <pre>
 * mvn test -Dtest=TablesPageTest -Ddocs=write
 * </pre>
 */
class TablesPageTest {

    private static final Path PAGE = Path.of("docs/analysis.md");
    private static final String BEGIN = "<!-- tables: written by TablesPageTest -->\n";
    private static final String END = "<!-- end of tables -->\n";

    @TempDir
    Path folder;

    @Test
    void thePageListsTheTablesAndTheirColumns() throws IOException {
        String page = Files.readString(PAGE);
        String wanted = page.substring(0, page.indexOf(BEGIN) + BEGIN.length()) + list()
                + page.substring(page.indexOf(END));
        if ("write".equals(System.getProperty("docs"))) {
            Files.writeString(PAGE, wanted);
        }
        assertThat(Files.readString(PAGE)).isEqualTo(wanted);
    }

    private String list() {
        try (JournalTables tables = Asked.open(Runs.record(folder, "hello"))) {
            return tables.tables().stream()
                    .map(table -> "\n**`" + table.name() + "`**: " + table.purpose() + "\n: "
                            + table.columns().entrySet().stream()
                                    .map(column -> "`" + column.getKey() + "` " + column.getValue())
                                    .collect(Collectors.joining(", "))
                            + "\n")
                    .collect(Collectors.joining("", "", "\n"));
        }
    }
}
