package chronovisor.app.cli;

import chronovisor.analysis.Switches;
import chronovisor.journal.Folders;
import chronovisor.journal.Position;
import chronovisor.replay.CheckpointPlan;
import chronovisor.replay.Fork;
import chronovisor.replay.OutputListener;
import chronovisor.replay.Recording;
import chronovisor.timeline.JournalDiff;
import chronovisor.timeline.Timeline;
import chronovisor.vmm.RunResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chronovisor counterfactual}: what would have been if one thing had been otherwise. */
@Command(name = "counterfactual", mixinStandardHelpOptions = true, description = {
    "Edits one past input or one switch of the kernel, replays forward from there, and tells the first event that differs,",
    "with its chain of causes, and how it ended then."})
final class CounterfactualCommand implements Callable<Integer> {

    @Option(names = "--at", paramLabel = "P", description = "Where the future begins to be another (default: at the input that is edited, or before the first thing the switch is about).")
    private @Nullable String at;

    @Option(names = "--journal", paramLabel = "NAME", description = "Keep the other future in this journal (default: it is not kept).")
    private @Nullable String name;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Mixin
    private final ForkOptions options = new ForkOptions();

    @Parameters(index = "0", paramLabel = "JOURNAL", description = "A name under journals/, or a path.")
    private String journal = "";

    @Override
    public Integer call() {
        if (!options.any()) {
            throw Failure.usage("nothing is to be otherwise: --patch, --input, --type, --set or --seed expected");
        }
        Path parent = JournalPlace.existing(journal);
        Path folder = name == null ? scratch() : JournalPlace.fresh(name);
        try (Timeline timeline = Timeline.open(parent, new Assembly()); PrintWriter out = Output.standard()) {
            tell(out, timeline, parent, folder);
        } finally {
            if (name == null) {
                remove(folder);
            }
        }
        return ExitCode.FINE;
    }

    private void tell(PrintWriter out, Timeline timeline, Path parent, Path folder) {
        Fork.Changes changes = options.changes(timeline, 0, 1);
        timeline.seekBefore(place(timeline, parent, changes));
        if (timeline.atEnd()) {
            throw Failure.usage("the run is over at " + timeline.position());
        }
        Position from = timeline.position();
        RunResult result;
        Position to;
        try (Recording fork = timeline.fork(changes, folder, new Assembly(), OutputListener.NONE,
                new TreeMap<>(options.properties()), CheckpointPlan.DEFAULT)) {
            result = fork.run();
            to = fork.session().position();
        }
        Optional<JournalDiff.Difference> difference = JournalDiff.firstEffect(parent, folder);
        timeline.seek(timeline.last());
        String was = timeline.endReason();
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("from", from.toString());
            object.put("changed", String.join(", ", options.properties().values()));
            object.put("original_end", was);
            object.put("original_to", timeline.position().toString());
            object.put("end", result.reason());
            object.put("status", result.status());
            object.put("to", to.toString());
            object.put("journal", name == null ? "" : folder.toString());
            object.put("same", difference.isEmpty());
            difference.ifPresent(found -> object.put("difference", Differences.object(found)));
            out.println(Output.json(object));
            return;
        }
        out.println("with " + String.join(", ", options.properties().values()) + ", from " + from + ":");
        difference.ifPresentOrElse(found -> Differences.lines(found, "was", "would").forEach(out::println),
                () -> out.println("nothing would have been otherwise"));
        out.println("it ended:       " + was + ", at " + timeline.position());
        out.println("it would have:  " + result.reason() + ", at " + to);
    }

    private Position place(Timeline timeline, Path parent, Fork.Changes changes) {
        if (at != null) {
            return PlaceInRun.of(parent, at);
        }
        Position edit = options.firstEdit();
        return edit != null ? edit : Switches.firstUse(timeline, changes.setup().kernel());
    }

    private static Path scratch() {
        try {
            return Files.createTempDirectory("chronovisor").resolve("counterfactual");
        } catch (IOException e) {
            throw Failure.of(e);
        }
    }

    private static void remove(Path folder) {
        Path above = folder.toAbsolutePath().getParent();
        if (above == null) {
            return;
        }
        try {
            Folders.remove(above);
        } catch (IOException e) {
            throw Failure.of(e);
        }
    }
}
