package chronovisor.app.cli;

import chronovisor.app.bench.BenchException;
import chronovisor.app.bench.SpeedBench;
import chronovisor.app.bench.TimelineBench;
import chronovisor.app.scenario.Cache;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chronovisor bench timeline}: how long it takes to go anywhere in a long run. */
@Command(name = "timeline", mixinStandardHelpOptions = true, description = {
    "Records a program and measures its replay, seeks to random positions, steps back from there, and forks there.",
    "At scale 1 the usual program is one of more than three thousand million instructions."})
final class BenchTimelineCommand implements Callable<Integer> {

    @Option(names = "--engine", split = ",", defaultValue = Assembly.ENGINE, paramLabel = "NAME", description = "Measure on these engines: interpreter, jit, or both (default: ${DEFAULT-VALUE}).")
    private List<String> engines = new ArrayList<>();

    @Option(names = "--journal", paramLabel = "NAME", description = "Go around in this journal instead of recording a program.")
    private @Nullable String journal;

    @Option(names = "--places", paramLabel = "N", defaultValue = "200", description = "Random positions (default: ${DEFAULT-VALUE}).")
    private int places;

    @Option(names = "--scale", paramLabel = "X", defaultValue = "1", description = "How much work the program does (default: ${DEFAULT-VALUE}).")
    private double scale;

    @Option(names = "--limit", paramLabel = "SECONDS", defaultValue = "900", description = "End a recording or replay that takes longer (default: ${DEFAULT-VALUE}).")
    private long limit;

    @Option(names = "--json", description = "Print one JSON object an engine.")
    private boolean json;

    @Parameters(paramLabel = "PROGRAM", arity = "0..1", defaultValue = "integer", description = "What to record (default: ${DEFAULT-VALUE}; 'bench --list' lists them).")
    private String program = "integer";

    @Override
    public Integer call() throws IOException {
        engines.forEach(Assembly::engineNamed);
        BenchCommand.known("program", List.of(program), SpeedBench.programs());
        BenchCommand.checkScale(scale);
        BenchCommand.checkLimit(limit);
        if (places < 1 || places > 1_000_000) {
            throw Failure.usage("--places " + places + ": a number from 1 to 1000000 expected");
        }
        Path existing = journal == null ? null : JournalPlace.existing(journal);
        try (PrintWriter out = Output.standard();
                ScratchFolder scratch = ScratchFolder.make("bench");
                StatusLine status = new StatusLine()) {
            for (String engine : engines) {
                TimelineBench.Result result = new TimelineBench(
                        new TimelineBench.Plan(program, scale, existing, engine, places, limit), OwnCommand.words(),
                        JournalPlace.home(), Cache.of(JournalPlace.home()), new Assembly(), scratch.path())
                        .listen(status::show).run();
                status.clear();
                if (json) {
                    out.println(Output.json(result.object()));
                } else {
                    result.lines().forEach(out::println);
                }
                out.flush();
            }
        } catch (BenchException e) {
            throw new Failure(ExitCode.FAILURE, String.valueOf(e.getMessage()));
        }
        return ExitCode.FINE;
    }
}
