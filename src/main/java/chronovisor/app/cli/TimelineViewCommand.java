package chronovisor.app.cli;

import chronovisor.analysis.export.Exports;
import chronovisor.journal.Position;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code chronovisor timeline-view}: a run as a page. */
@Command(name = "timeline-view", mixinStandardHelpOptions = true, description = {
    "Writes a page that shows a journal in a browser: lanes for processor, VMM, kernel and Racket, with zoom and search; an event that is "
            + "clicked tells its fields, what caused it and what it led to.",
    "The page is one file and loads nothing."})
final class TimelineViewCommand implements Callable<Integer> {

    @Option(names = "--from", paramLabel = "P", defaultValue = "0", description = "From this position or mark on (tick or tick:sequence).")
    private String fromText = "0";

    @Option(names = "--to", paramLabel = "P", defaultValue = "9223372036854775807", description = "Up to this position or mark, included; a tick alone means all its events.")
    private String toText = "9223372036854775807";

    @Option(names = "--events-max", paramLabel = "N", defaultValue = "200000", description = "How many events the page may hold (default: ${DEFAULT-VALUE}); it says so when there are more.")
    private int eventsMax;

    @Mixin
    private ReportOutput output = new ReportOutput();

    @Mixin
    private ReportInput input = new ReportInput();

    @Override
    public Integer call() throws IOException {
        if (eventsMax < 1) {
            throw Failure.usage("--events-max " + eventsMax + ": a number above zero expected");
        }
        Path folder = input.folder();
        Position from = PlaceInRun.of(folder, fromText);
        Position to = PlaceInRun.last(folder, toText);
        try (ProgressLine line = input.progress("timeline-view")) {
            output.text(out -> Exports.page(folder, ReportInput.title(folder), out, from, to, eventsMax, line::update));
        }
        return ExitCode.FINE;
    }
}
