package chronovisor.app.cli;

import chronovisor.journal.Position;
import chronovisor.replay.CheckpointPlan;
import chronovisor.replay.OutputListener;
import chronovisor.replay.Recording;
import chronovisor.timeline.JournalDiff;
import chronovisor.timeline.Timeline;
import chronovisor.vmm.RunResult;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chronovisor fork}: a recorded run goes on from a position with another future. */
@Command(name = "fork", mixinStandardHelpOptions = true, description = {
    "Continues a recorded run from a position, recorded into a journal of its own.",
    "With nothing changed it does what its parent did. Inputs that the parent got later come to the fork, too."})
final class ForkCommand implements Callable<Integer> {

    private static final int CLONES_MAX = 1000;

    @Option(names = "--at", required = true, paramLabel = "P", description = "Where it begins.")
    private String at = "";

    @Option(names = "-n", paramLabel = "N", defaultValue = "1", description = "So many forks; of several each has a seed of its own.")
    private int clones = 1;

    @Option(names = "--journal", paramLabel = "NAME", description = "Record into this journal; of several NAME-1, NAME-2 and so on (default: the parent's name, fork and a number).")
    private @Nullable String name;

    @Option(names = "--output", description = "Show what the guest writes on standard output.")
    private boolean output;

    @Option(names = "--checkpoint-ticks", paramLabel = "N", description = "A checkpoint every so many instructions (default: 50 million); 0 for none but the first.")
    private @Nullable Long checkpointTicks;

    @Option(names = "--json", description = "Print one JSON object a line.")
    private boolean json;

    @Mixin
    private final ForkOptions options = new ForkOptions();

    @Parameters(index = "0", paramLabel = "JOURNAL", description = "A name under journals/, or a path.")
    private String journal = "";

    @Override
    public Integer call() {
        if (clones < 1 || clones > CLONES_MAX) {
            throw Failure.usage("-n " + clones + ": 1 to " + CLONES_MAX + " expected");
        }
        CheckpointPlan plan = ExecCommand.plan(checkpointTicks);
        Path parent = JournalPlace.existing(journal);
        Position place = PlaceInRun.of(parent, at);
        try (Timeline timeline = Timeline.open(parent, new Assembly()); PrintWriter out = Output.standard()) {
            timeline.seek(place);
            if (timeline.atEnd()) {
                throw Failure.usage("--at " + at + ": the run is over at " + timeline.position());
            }
            for (int clone = 0; clone < clones; clone++) {
                tell(out, parent, run(timeline, clone, plan));
                out.flush();
            }
        }
        return ExitCode.FINE;
    }

    private record Ran(Path folder, Position from, Position to, RunResult result, String digest) {}

    private Ran run(Timeline timeline, int clone, CheckpointPlan plan) {
        Path folder = name == null
                ? JournalPlace.unused(String.valueOf(timeline.map().folder().getFileName()) + "-fork")
                : JournalPlace.fresh(clones == 1 ? name : name + "-" + (clone + 1));
        GuestOutput sink = new GuestOutput();
        if (output) {
            sink.pass(ExecCommand.STDIO, GuestOutput.standardOutput()).pass(ExecCommand.CONSOLE,
                    GuestOutput.standardOutput());
        }
        try (Recording fork = timeline.fork(options.changes(timeline, clone, clones), folder, new Assembly(),
                output ? sink : OutputListener.NONE, new TreeMap<>(options.properties()), plan)) {
            RunResult result = fork.run();
            sink.flush();
            return new Ran(folder, timeline.position(), fork.session().position(), result, fork.digest());
        }
    }

    private void tell(PrintWriter out, Path parent, Ran ran) {
        // What was put in differs by intent: the first effect of it is what is asked for.
        Optional<JournalDiff.Difference> difference = JournalDiff.firstEffect(parent, ran.folder);
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("journal", ran.folder.toString());
            object.put("from", ran.from.toString());
            object.put("to", ran.to.toString());
            object.put("result", ran.result.kind().name());
            object.put("status", ran.result.status());
            object.put("reason", ran.result.reason());
            object.put("digest", ran.digest);
            object.put("same", difference.isEmpty());
            difference.ifPresent(found -> object.put("difference", Differences.object(found)));
            out.println(Output.json(object));
            return;
        }
        out.println("fork " + ran.folder + ": from " + ran.from + " to " + ran.to + ", " + ran.result.reason()
                + ", digest " + ran.digest);
        List<String> lines = new ArrayList<>();
        difference.ifPresentOrElse(found -> lines.addAll(Differences.lines(found, "parent", "fork")),
                () -> lines.add("its future is its parent's"));
        lines.forEach(line -> out.println("  " + line));
    }
}
