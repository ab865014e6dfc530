package chronovisor.app.cli;

import chronovisor.analysis.probe.ProbeSpec;
import chronovisor.analysis.probe.Retrace;
import chronovisor.analysis.probe.SideJournal;
import chronovisor.journal.EventJson;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code chronovisor trace}: probes on a run that was recorded without them. */
@Command(name = "trace", mixinStandardHelpOptions = true, description = {
    "Tells what probes see in a recorded run, without recording it anew: calls of functions with their arguments and results, writes to "
            + "memory and reads of it.",
    "The run is executed again, in segments between its checkpoints, on all processors. The events are those that a recording with the same "
            + "--probe has."})
final class TraceCommand implements Callable<Integer> {

    private static final int THREADS_MAX = 256;

    @Mixin
    private ProbeOption probes = new ProbeOption();

    @Option(names = "--out", paramLabel = "SIDE", description = "The journal for the events (default: JOURNAL-probes).")
    private String side = "";

    @Option(names = "--print", description = "Print the events, too.")
    private boolean print;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "0", description = "Segments that are executed at a time (default: as many as there are processors). Each takes the guest's memory.")
    private int threads;

    @Option(names = "--json", description = "Print events, and what came of it, as one JSON object a line.")
    private boolean json;

    @Mixin
    private ReportInput input = new ReportInput();

    @Override
    public Integer call() {
        if (!probes.any()) {
            throw Failure.usage("no probe: --probe 'function NAME', --probe 'write ADDRESS+BYTES', ...");
        }
        if (threads < 0 || threads > THREADS_MAX) {
            throw Failure.usage("--threads " + threads + ": a number up to " + THREADS_MAX + " expected");
        }
        List<ProbeSpec> specs = probes.specs();
        Path folder = input.folder();
        Path target = side.isEmpty() ? ProbeOption.beside(folder) : JournalPlace.fresh(side);
        int many = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
        try (PrintWriter out = Output.standard();
                SideJournal journal = new SideJournal(target, ReportInput.title(folder), specs)) {
            int segments;
            try (ProgressLine line = input.progress("trace")) {
                segments = Retrace.run(folder, new Assembly(), specs, many, event -> {
                    journal.accept(event);
                    if (print) {
                        out.println(json ? EventJson.line(event) : EventJson.text(event));
                    }
                }, line::update);
            }
            journal.end();
            if (json) {
                Map<String, Object> object = new LinkedHashMap<>();
                object.put("journal", target.toString());
                object.put("events", journal.events());
                object.put("segments", segments);
                out.println(Output.json(object));
            } else {
                out.println(String.format(Locale.ROOT, "%,d events from %d %s, journal %s", journal.events(), segments,
                        segments == 1 ? "segment" : "segments", target));
            }
        }
        return ExitCode.FINE;
    }
}
