package chronovisor.app.cli;

import chronovisor.analysis.table.JournalTables;
import chronovisor.analysis.table.TableException;
import chronovisor.journal.JournalException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** A prompt for queries: line editing, completion of tables, columns and words of SQL, and a history that is kept. */
final class SqlPrompt {

    private static final List<String> WORDS = List.of("SELECT", "FROM", "WHERE", "GROUP BY", "ORDER BY", "LIMIT",
            "JOIN",
            "LEFT JOIN", "ON", "USING", "WITH", "AS", "AND", "OR", "NOT", "IN", "IS NULL", "BETWEEN", "LIKE",
            "DISTINCT",
            "HAVING", "UNION ALL", "CASE", "WHEN", "THEN", "ELSE", "END", "DESC", "count(*)", "sum", "min", "max",
            "avg",
            "quantile_cont", "DESCRIBE", "SHOW TABLES", "SUMMARIZE", "EXPLAIN", "exit");

    private final JournalTables tables;
    private final RowFormat format;

    SqlPrompt(JournalTables tables, RowFormat format) {
        this.tables = tables;
        this.format = format;
    }

    /** Where the history is kept: where the host keeps such things of a user. */
    private static Path history() throws IOException {
        String state = System.getenv("XDG_STATE_HOME");
        Path base = state != null && !state.isBlank()
                ? Path.of(state)
                : Path.of(System.getProperty("user.home", "."), ".local", "state");
        return Files.createDirectories(base.resolve("chronovisor")).resolve("sql_history");
    }

    void run() throws IOException {
        try (Terminal terminal = TerminalBuilder.builder().system(true).dumb(true).build()) {
            run(terminal, history());
        }
    }

    /** Asks until there is no more, or {@code exit}. */
    void run(Terminal terminal, Path history) {
        LineReader reader = LineReaderBuilder.builder().terminal(terminal).appName("chronovisor")
                .completer(completer(tables.tables())).parser(parser())
                .variable(LineReader.HISTORY_FILE, history)
                .variable(LineReader.SECONDARY_PROMPT_PATTERN, "  -> ").build();
        terminal.writer().println("A query ends with ';' or an empty line. SHOW TABLES, DESCRIBE table; exit ends.");
        StringBuilder query = new StringBuilder();
        while (true) {
            String line;
            try {
                line = reader.readLine(query.isEmpty() ? "sql> " : "  -> ");
            } catch (UserInterruptException e) {
                query.setLength(0);
                continue;
            } catch (EndOfFileException e) {
                return;
            }
            String said = line.strip();
            if (query.isEmpty() && isEnd(said)) {
                return;
            }
            query.append(line).append('\n');
            if (query.toString().isBlank()) {
                query.setLength(0);
            } else if (said.isEmpty() || said.endsWith(";")) {
                answer(terminal, query.toString());
                query.setLength(0);
            }
        }
    }

    private static boolean isEnd(String said) {
        String word = said.toLowerCase(Locale.ROOT).replace(";", "");
        return word.equals("exit") || word.equals("quit");
    }

    private void answer(Terminal terminal, String query) {
        RowPrinter printer = RowPrinter.of(format, terminal.writer());
        try {
            tables.query(query, printer);
            printer.end();
            terminal.writer().println("(" + printer.rows() + (printer.rows() == 1 ? " row)" : " rows)"));
        } catch (TableException | JournalException e) {
            terminal.writer().println(e.getMessage());
        }
        terminal.writer().flush();
    }

    /** Quotes and escapes are SQL's affair. */
    private static DefaultParser parser() {
        DefaultParser parser = new DefaultParser();
        parser.setQuoteChars(new char[0]);
        parser.setEscapeChars(new char[0]);
        return parser;
    }

    /** Offers tables, their columns, and words of SQL. */
    static Completer completer(List<JournalTables.Table> tables) {
        TreeSet<String> names = new TreeSet<>();
        TreeSet<String> columns = new TreeSet<>();
        for (JournalTables.Table table : tables) {
            names.add(table.name());
            columns.addAll(table.columns().keySet());
        }
        List<Candidate> candidates = new ArrayList<>();
        names.forEach(name -> candidates.add(candidate(name, "tables")));
        columns.forEach(name -> candidates.add(candidate(name, "columns")));
        WORDS.forEach(word -> candidates.add(candidate(word, "words")));
        return (LineReader reader, ParsedLine line, List<Candidate> into) -> {
            String begun = line.word().toLowerCase(Locale.ROOT);
            candidates.stream().filter(one -> one.value().toLowerCase(Locale.ROOT).startsWith(begun))
                    .forEach(into::add);
        };
    }

    private static Candidate candidate(String value, String group) {
        return new Candidate(value, value, group, null, null, null, true);
    }
}
