package chronovisor.app.cli;

import chronovisor.analysis.table.JournalTables;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chronovisor sql}: questions in SQL to one or several journals. */
@Command(name = "sql", mixinStandardHelpOptions = true, description = {"Answers a question in SQL about journals.",
    "Without a query it is read from standard input, or asked for at a prompt. 'SHOW TABLES' and 'DESCRIBE table' tell what there is; "
            + "docs/analysis.md explains it, and replay-tools/queries/ has ready queries for --file."})
final class SqlCommand implements Callable<Integer> {

    @Option(names = "--csv", description = "Print comma-separated values with a heading line.")
    private boolean csv;

    @Option(names = "--json", description = "Print one JSON object a row.")
    private boolean json;

    @Option(names = "--file", paramLabel = "F", description = "Read the query from a file.")
    private String file = "";

    @Option(names = "--parents", description = "A fork's tables begin with what its parents recorded before it.")
    private boolean parents;

    @Option(names = {"-q", "--quiet"}, description = "No progress on standard error.")
    private boolean quiet;

    @Parameters(paramLabel = "JOURNAL... [QUERY]", arity = "1..*", description = "Journals, by name or path, and then the query.")
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        if (csv && json) {
            throw Failure.usage("--csv or --json, not both");
        }
        List<String> names = new ArrayList<>(arguments);
        String query = file.isEmpty() ? "" : Files.readString(Path.of(file));
        if (file.isEmpty() && isQuery(names.getLast())) {
            query = names.removeLast();
        }
        if (names.isEmpty()) {
            throw Failure.usage("no journal is named: chronovisor sql JOURNAL... \"SELECT ...\"");
        }
        List<Path> folders = names.stream().map(JournalPlace::existing).distinct().toList();
        try (JournalTables tables = open(folders)) {
            if (query.isEmpty() && Output.isTerminal(0)) {
                new SqlPrompt(tables, format()).run();
            } else {
                answer(tables, query.isEmpty() ? standardInput() : query);
            }
        }
        return ExitCode.FINE;
    }

    /** A query has blanks; a journal that is there, under whatever name, is one. */
    private static boolean isQuery(String argument) {
        return argument.chars().anyMatch(Character::isWhitespace) && !JournalPlace.isThere(argument);
    }

    private JournalTables open(List<Path> folders) {
        try (ProgressLine line = new ProgressLine("tables", !quiet)) {
            return JournalTables.open(folders, parents, line::update);
        }
    }

    private static String standardInput() throws IOException {
        return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    }

    private RowFormat format() {
        return csv ? RowFormat.CSV : json ? RowFormat.JSON : RowFormat.TABLE;
    }

    private void answer(JournalTables tables, String query) {
        try (PrintWriter out = Output.standard()) {
            RowPrinter printer = RowPrinter.of(format(), out);
            try {
                tables.query(query, printer);
                printer.end();
            } catch (RowPrinter.ReaderGone e) {
                // Nobody reads the rest.
                return;
            }
        }
    }
}
