package chronovisor.app.cli;

import chronovisor.analysis.Attempt;
import chronovisor.analysis.Bisection;
import chronovisor.analysis.Diagnostician;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.Position;
import chronovisor.timeline.Timeline;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chronovisor bisect}: the latest position from which a failure can still be avoided. */
@Command(name = "bisect", mixinStandardHelpOptions = true, description = {
    "Finds when a failure became inevitable: forks with other schedules and other random numbers, from earlier and earlier",
    "positions, until one avoids it. The answer is as good as the number of futures that are tried."})
final class BisectCommand implements Callable<Integer> {

    private static final int TRIES_MAX = 1000;

    @Option(names = "--until", paramLabel = "EVENT", description = "What is to be avoided: an event type, with components as 'events' prints them ('SignalSent signal=11'), or the position of an event like it (default: the way the run ended).")
    private @Nullable String until;

    @Option(names = "--tries", paramLabel = "N", defaultValue = "8", description = "So many schedules and so many seeds from each position (default: ${DEFAULT-VALUE}).")
    private int tries = 8;

    @Option(names = "--forks", paramLabel = "N", defaultValue = "1000", description = "At most so many forks (default: ${DEFAULT-VALUE}).")
    private int forks = 1000;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Parameters(index = "0", paramLabel = "JOURNAL", description = "A name under journals/, or a path.")
    private String journal = "";

    @Override
    public Integer call() {
        if (tries < 1 || tries > TRIES_MAX) {
            throw Failure.usage("--tries " + tries + ": 1 to " + TRIES_MAX + " expected");
        }
        if (forks < 1) {
            throw Failure.usage("--forks " + forks + ": at least 1 expected");
        }
        Path folder = JournalPlace.existing(journal);
        Assembly parts = new Assembly();
        try (Timeline timeline = Timeline.open(folder, parts); PrintWriter out = Output.standard()) {
            Diagnostician diagnostician = new Diagnostician(timeline, parts);
            Predicate<GuestEvent> event = until == null ? null : EventPattern.of(timeline, until);
            try {
                Bisection.Result result = diagnostician.bisect(event, tries, forks);
                tell(out, diagnostician, result);
                return result.avoidable() == null ? ExitCode.FAILURE : ExitCode.FINE;
            } catch (IllegalArgumentException e) {
                throw Failure.usage(String.valueOf(e.getMessage()));
            }
        }
    }

    private void tell(PrintWriter out, Diagnostician diagnostician, Bisection.Result result) {
        String what = until == null ? diagnostician.end() : "'" + until + "'";
        Position avoidable = result.avoidable();
        Attempt by = result.by();
        List<String> decision = diagnostician.decision(result);
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("failure", what);
            object.put("avoidable", avoidable == null ? "" : avoidable.toString());
            object.put("by", by == null ? "" : by.change());
            object.put("then", by == null ? "" : by.words());
            object.put("inevitable", result.inevitable().toString());
            object.put("futures", result.futures());
            object.put("forks", result.attempts());
            object.put("decision", decision);
            out.println(Output.json(object));
            return;
        }
        out.println("to be avoided: " + what);
        if (avoidable == null || by == null) {
            out.println("it came in all of " + result.attempts() + " forks, from " + result.inevitable()
                    + " on: no schedule and no seed that was tried avoids it");
            return;
        }
        out.println("from " + avoidable + " on it can still be avoided, by " + by.change() + ": " + by.words());
        out.println("from " + result.inevitable() + " on it came in every one of " + result.futures()
                + " futures that were tried (" + result.attempts() + " forks)");
        decision.forEach(line -> out.println("  " + line));
    }
}
