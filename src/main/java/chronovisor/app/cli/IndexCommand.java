package chronovisor.app.cli;

import chronovisor.replay.CheckpointPlan;
import chronovisor.replay.Indexer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chronovisor index}: checkpoints for a journal that was recorded without, or with too few. */
@Command(name = "index", mixinStandardHelpOptions = true, description = {
    "Replays a journal once and keeps checkpoints beside it, so that going anywhere in it is quick.",
    "The journal itself is not changed: they go into a folder 'index' in its own."})
final class IndexCommand implements Callable<Integer> {

    @Option(names = "--every", paramLabel = "N", description = "A checkpoint every so many instructions (default: 50 million).")
    private @Nullable Long every;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Parameters(index = "0", paramLabel = "JOURNAL", description = "A name under journals/, or a path.")
    private String journal = "";

    @Override
    public Integer call() {
        if (every != null && every < 1) {
            throw Failure.usage("--every " + every + ": a number of instructions expected");
        }
        Path folder = JournalPlace.existing(journal);
        CheckpointPlan plan = ExecCommand.plan(every);
        int count;
        try (ProgressLine line = new ProgressLine("indexing " + journal, true)) {
            count = Indexer.index(folder, new Assembly(), plan, line::update);
        }
        try (PrintWriter out = Output.standard()) {
            if (json) {
                Map<String, Object> object = new LinkedHashMap<>();
                object.put("journal", folder.toString());
                object.put("checkpoints", count);
                out.println(Output.json(object));
            } else {
                out.println(journal + ": " + count + " checkpoints in its index");
            }
        }
        return ExitCode.FINE;
    }
}
