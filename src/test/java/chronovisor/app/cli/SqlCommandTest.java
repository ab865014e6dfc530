package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.analysis.Runs;
import chronovisor.analysis.table.JournalTables;
import chronovisor.app.cli.Chronovisor.Result;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.ParsedLine;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.DumbTerminal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code sql}: its arguments, its outputs, its errors and its prompt. */
class SqlCommandTest {

    @TempDir
    Path folder;

    private Path journal = Path.of("");

    @BeforeEach
    void record() {
        journal = Runs.record(folder, "hello");
    }

    @Test
    void rowsComeAsATableAsCsvAndAsJson() {
        String query = "SELECT 1 AS one, 'a,\"b\"' AS text, NULL AS nothing FROM journals";
        Result table = Chronovisor.run(folder, "sql", "hello", query);
        assertThat(table.errors()).isEmpty();
        assertThat(table.output()).isEqualTo("""
                one  text   nothing
                ---  -----  -------
                  1  a,"b"
                """);
        assertThat(Chronovisor.run(folder, "sql", "--csv", "hello", query).output())
                .isEqualTo("one,text,nothing\r\n1,\"a,\"\"b\"\"\",\r\n");
        assertThat(Chronovisor.run(folder, "sql", "--json", journal.toString(), query).output())
                .isEqualTo("{\"one\":1,\"text\":\"a,\\\"b\\\"\",\"nothing\":null}\n");
    }

    @Test
    void theQueryMayComeFromAFileOrFromStandardInput() throws Exception {
        Path file = Files.writeString(folder.resolve("q.sql"), "-- how many?\nSELECT count(*) AS n FROM journals;\n");
        assertThat(Chronovisor.run(folder, "sql", "--csv", "--file", file.toString(), "hello").output())
                .isEqualTo("n\r\n1\r\n");
        byte[] typed = "SELECT reason FROM journals".getBytes(StandardCharsets.UTF_8);
        assertThat(Chronovisor.run(folder, typed, "sql", "--csv", "hello").output())
                .isEqualTo("reason\r\ninit_task ended with status 0\r\n");
    }

    @Test
    void whatIsWrongIsToldOnOneLine() {
        expect(Chronovisor.run(folder, "sql", "hello", "SELEC 1"), "syntax error", ExitCode.USAGE);
        expect(Chronovisor.run(folder, "sql", "hello", "SELECT * FROM nowhere"), "nowhere", ExitCode.USAGE);
        expect(Chronovisor.run(folder, "sql", "hello", "SELECT 'x'::INTEGER FROM events"), "x", ExitCode.USAGE);
        expect(Chronovisor.run(folder, "sql", "missing", "SELECT 1"), "no such journal", ExitCode.USAGE);
        Result none = Chronovisor.run(folder, "sql", "SELECT 1");
        assertThat(none.status()).isEqualTo(ExitCode.USAGE);
        assertThat(none.errors()).contains("no journal is named");
    }

    private static void expect(Result result, String part, int status) {
        assertThat(result.status()).isEqualTo(status);
        assertThat(result.output()).isEmpty();
        assertThat(result.errors()).startsWith("chronovisor: ").contains(part).hasLineCount(1);
    }

    @Test
    void thePromptAnswersGoesOnAfterErrorsAndKeepsAHistory() throws Exception {
        Path history = folder.resolve("history");
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        String typed = "SELECT count(*) AS n\nFROM journals;\nSELEC;\nSELECT 2 AS two;\nexit\n";
        try (JournalTables tables = JournalTables.open(List.of(journal), progress -> {});
                Terminal terminal = new DumbTerminal(new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)),
                        shown)) {
            new SqlPrompt(tables, RowFormat.TABLE).run(terminal, history);
        }
        assertThat(shown.toString(StandardCharsets.UTF_8)).contains("(1 row)").contains("syntax error")
                .containsSubsequence("n\n", "1\n", "two\n", "2\n");
        assertThat(history).content().contains("FROM journals;").contains("SELECT 2 AS two;");
    }

    @Test
    void tablesColumnsAndWordsAreCompleted() {
        List<Candidate> found = new ArrayList<>();
        try (JournalTables tables = JournalTables.open(List.of(journal), progress -> {})) {
            Completer completer = SqlPrompt.completer(tables.tables());
            ParsedLine line = new DefaultParser().parse("SELECT * FROM sys", 17);
            completer.complete(null, line, found);
        }
        assertThat(found).extracting(Candidate::value).contains("syscalls", "SyscallEntered", "SyscallReturned",
                "syscall_names").doesNotContain("events");
    }
}
