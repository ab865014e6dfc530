package chronovisor.app.cli;

import chronovisor.analysis.Attempt;
import chronovisor.analysis.Diagnosis;
import chronovisor.analysis.Diagnostician;
import chronovisor.analysis.Finding;
import chronovisor.analysis.Suspect;
import chronovisor.journal.Position;
import chronovisor.timeline.Timeline;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chronovisor diagnose}: why a recorded run ended as it did. */
@Command(name = "diagnose", mixinStandardHelpOptions = true, description = {
    "Says why a run crashed, hung or failed: the cause, the evidence with its positions, and what forks that change",
    "one thing made of it."})
final class DiagnoseCommand implements Callable<Integer> {

    private static final int WIDTH = 118;
    private static final int SUSPECTS_SHOWN = 6;

    @Option(names = "--no-tests", description = "Test no suspects by forks.")
    private boolean noTests;

    @Option(names = "--all", description = "Print every suspect.")
    private boolean all;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Parameters(index = "0", paramLabel = "JOURNAL", description = "A name under journals/, or a path.")
    private String journal = "";

    @Override
    public Integer call() {
        Path folder = JournalPlace.existing(journal);
        Assembly parts = new Assembly();
        try (Timeline timeline = Timeline.open(folder, parts); PrintWriter out = Output.standard()) {
            Diagnosis diagnosis = new Diagnostician(timeline, parts).diagnose(!noTests);
            if (json) {
                out.println(Output.json(object(diagnosis)));
            } else {
                tell(out, diagnosis);
            }
        }
        return ExitCode.FINE;
    }

    private void tell(PrintWriter out, Diagnosis diagnosis) {
        out.println(capital(diagnosis.end()) + ", at " + diagnosis.at() + ".");
        out.println();
        wrapped(out, "Cause: ", diagnosis.cause() + ".", "       ");
        if (!diagnosis.attempts().isEmpty()) {
            out.println();
            out.println("Tested, by forks:");
            for (Attempt attempt : diagnosis.attempts()) {
                wrapped(out, "  ", attempt.change() + ", from " + attempt.from() + ": " + attempt.words(), "    ");
            }
        }
        for (Finding finding : diagnosis.findings()) {
            out.println();
            out.println(capital(finding.title()) + ":");
            finding.lines().forEach(line -> out.println("  " + line));
        }
        List<Suspect> others = diagnosis.suspects().stream().skip(1).toList();
        if (!others.isEmpty()) {
            out.println();
            out.println("Other suspects:");
            int shown = all ? others.size() : Math.min(others.size(), SUSPECTS_SHOWN);
            for (Suspect suspect : others.subList(0, shown)) {
                wrapped(out, "  ", suspect.at() + "  " + suspect.text(), "    ");
            }
            if (shown < others.size()) {
                out.println("  and " + (others.size() - shown) + " more (--all)");
            }
        }
    }

    private static String capital(String text) {
        return text.isEmpty() ? text : Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }

    /** Text in lines of a width that is easy to read. */
    private static void wrapped(PrintWriter out, String first, String text, String indent) {
        StringBuilder line = new StringBuilder(first);
        boolean empty = true;
        for (String word : text.split(" ", -1)) {
            if (!empty && line.length() + 1 + word.length() > WIDTH) {
                out.println(line.toString().stripTrailing());
                line = new StringBuilder(indent);
                empty = true;
            }
            line.append(empty ? "" : " ").append(word);
            empty = false;
        }
        out.println(line.toString().stripTrailing());
    }

    private static Map<String, Object> object(Diagnosis diagnosis) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("ending", diagnosis.ending());
        object.put("end", diagnosis.end());
        object.put("at", diagnosis.at().toString());
        object.put("kind", diagnosis.kind());
        object.put("cause", diagnosis.cause());
        object.put("cause_at", text(diagnosis.causeAt()));
        List<Object> suspects = new ArrayList<>();
        for (Suspect suspect : diagnosis.suspects()) {
            Map<String, Object> each = new LinkedHashMap<>();
            each.put("kind", suspect.kind());
            each.put("text", suspect.text());
            each.put("weight", suspect.weight());
            each.put("at", suspect.at().toString());
            each.put("evidence", suspect.evidence().stream().map(Position::toString).toList());
            each.put("switch", suspect.patch() == null ? "" : suspect.patch());
            suspects.add(each);
        }
        object.put("suspects", suspects);
        List<Object> attempts = new ArrayList<>();
        for (Attempt attempt : diagnosis.attempts()) {
            Map<String, Object> each = new LinkedHashMap<>();
            each.put("change", attempt.change());
            each.put("from", attempt.from().toString());
            each.put("outcome", attempt.outcome().name().toLowerCase(java.util.Locale.ROOT));
            each.put("words", attempt.words());
            attempts.add(each);
        }
        object.put("tests", attempts);
        List<Object> findings = new ArrayList<>();
        for (Finding finding : diagnosis.findings()) {
            Map<String, Object> each = new LinkedHashMap<>();
            each.put("title", finding.title());
            each.put("lines", finding.lines());
            findings.add(each);
        }
        object.put("findings", findings);
        return object;
    }

    private static String text(@Nullable Position position) {
        return position == null ? "" : position.toString();
    }
}
