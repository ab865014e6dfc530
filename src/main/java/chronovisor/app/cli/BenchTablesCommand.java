package chronovisor.app.cli;

import chronovisor.app.bench.BenchException;
import chronovisor.app.bench.TablesBench;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chronovisor bench tables}: what SQL over journals costs beside DuckDB alone. */
@Command(name = "tables", mixinStandardHelpOptions = true, description = {
    "Asks journals questions in SQL, and DuckDB alone the same over the same Parquet files, in turn.",
    "Makes the tables first where they are missing, and tells how long that took."})
final class BenchTablesCommand implements Callable<Integer> {

    private static final int ROUNDS_MAX = 1000;

    @Option(names = "--repeat", paramLabel = "N", defaultValue = "5", description = "Rounds that are counted (default: ${DEFAULT-VALUE}).")
    private int repeat;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Parameters(paramLabel = "JOURNAL", arity = "1..*", description = "Journals, by name or path.")
    private List<String> journals = new ArrayList<>();

    @Override
    public Integer call() {
        if (repeat < 1 || repeat > ROUNDS_MAX) {
            throw Failure.usage("--repeat " + repeat + ": a number from 1 to " + ROUNDS_MAX + " expected");
        }
        List<Path> folders = journals.stream().map(JournalPlace::existing).distinct().toList();
        try (PrintWriter out = Output.standard(); StatusLine status = new StatusLine()) {
            TablesBench.Result result = new TablesBench(folders, repeat).listen(status::show).run();
            status.clear();
            if (json) {
                out.println(Output.json(result.object()));
            } else {
                result.lines().forEach(out::println);
            }
        } catch (BenchException e) {
            throw new Failure(ExitCode.FAILURE, String.valueOf(e.getMessage()));
        }
        return ExitCode.FINE;
    }
}
