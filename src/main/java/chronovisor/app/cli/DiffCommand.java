package chronovisor.app.cli;

import chronovisor.journal.Position;
import chronovisor.timeline.JournalDiff;
import chronovisor.timeline.StateDiff;
import chronovisor.timeline.Timeline;
import chronovisor.vmm.MachineState;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chronovisor diff}: two positions of one run, or two runs. */
@Command(name = "diff", mixinStandardHelpOptions = true, description = {
    "With one journal and --at twice: what is other at the second position: registers, kernel, memory.",
    "With two journals: the first event that is not the same, and what led to it in each."})
final class DiffCommand implements Callable<Integer> {

    private static final int LINES_MAX = 200;

    @Option(names = "--at", paramLabel = "P", description = "A position; twice.")
    private List<String> at = new ArrayList<>();

    @Option(names = "--effects", description = "Of two journals, compare only what happened and not what came in.")
    private boolean effects;

    @Option(names = "--all", description = "Print every change and not only the first of many.")
    private boolean all;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Parameters(index = "0", paramLabel = "JOURNAL", description = "A name under journals/, or a path.")
    private String journal = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "OTHER", description = "Another journal.")
    private @Nullable String other;

    @Override
    public Integer call() {
        if (other != null ? !at.isEmpty() : at.size() != 2) {
            throw Failure.usage("either two journals, or one and --at twice");
        }
        try (PrintWriter out = Output.standard()) {
            return other != null
                    ? journals(out, JournalPlace.existing(journal), JournalPlace.existing(other))
                    : states(out);
        }
    }

    private int journals(PrintWriter out, Path left, Path right) {
        Optional<JournalDiff.Difference> found = effects
                ? JournalDiff.firstEffect(left, right)
                : JournalDiff.first(left, right);
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("same", found.isEmpty());
            found.ifPresent(difference -> object.put("difference", Differences.object(difference)));
            out.println(Output.json(object));
        } else {
            found.ifPresentOrElse(
                    difference -> Differences.lines(difference, "first", "second").forEach(out::println),
                    () -> out.println("the same, event by event"));
        }
        return found.isEmpty() ? ExitCode.FINE : ExitCode.FAILURE;
    }

    private int states(PrintWriter out) {
        Path folder = JournalPlace.existing(journal);
        List<Position> places = at.stream().map(text -> PlaceInRun.of(folder, text)).toList();
        try (Timeline timeline = Timeline.open(folder, new Assembly())) {
            Position from = timeline.seek(places.get(0));
            try (MachineState before = timeline.freeze()) {
                Position to = timeline.seek(places.get(1));
                try (MachineState after = timeline.freeze()) {
                    StateDiff.Result result = StateDiff.of(before, after);
                    if (json) {
                        out.println(Output.json(object(from, to, result)));
                    } else {
                        tell(out, from, to, result);
                    }
                    return result.same() ? ExitCode.FINE : ExitCode.FAILURE;
                }
            }
        }
    }

    private void tell(PrintWriter out, Position from, Position to, StateDiff.Result result) {
        out.println("from " + from + " to " + to);
        List<String> lines = new ArrayList<>();
        result.registers().forEach(change -> lines.add("  " + text(change)));
        result.kernel().forEach(change -> lines.add("  kernel " + text(change)));
        result.memory().forEach(change -> lines.add("  memory 0x" + Long.toHexString(change.physical()) + ", "
                + change.bytes() + " bytes"
                + (change.places().isEmpty() ? "" : ", " + String.join(", ", change.places()))));
        int shown = all ? lines.size() : Math.min(lines.size(), LINES_MAX);
        lines.subList(0, shown).forEach(out::println);
        if (shown < lines.size()) {
            out.println("  and " + (lines.size() - shown) + " more (--all)");
        }
        if (result.same()) {
            out.println("the same");
        }
    }

    private static String text(StateDiff.Change change) {
        return change.path() + ": " + (change.before().isEmpty() ? "nothing" : change.before()) + " -> "
                + (change.after().isEmpty() ? "nothing" : change.after());
    }

    private static Map<String, Object> object(Position from, Position to, StateDiff.Result result) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("from", from.toString());
        object.put("to", to.toString());
        object.put("same", result.same());
        object.put("registers", result.registers());
        object.put("kernel", result.kernel());
        object.put("memory", result.memory());
        return object;
    }
}
