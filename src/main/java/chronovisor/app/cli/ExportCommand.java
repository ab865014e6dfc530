package chronovisor.app.cli;

import chronovisor.analysis.export.Exports;
import chronovisor.analysis.export.TraceTime;
import chronovisor.analysis.report.Profile;
import chronovisor.analysis.report.ProfileFormats;
import chronovisor.analysis.table.ParquetExport;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code chronovisor export}: a journal for other tools. */
@Command(name = "export", mixinStandardHelpOptions = true, description = {
    "Writes a journal in the formats of other tools.",
    "perfetto and chrome show cores and tasks over time; parquet, json and ctf hold all events; speedscope and collapsed are profiles."})
final class ExportCommand implements Callable<Integer> {

    /** The formats. */
    enum Format {
        /** Tables. */
        PARQUET,
        /** Perfetto's own traces. */
        PERFETTO,
        /** Chrome's trace event format. */
        CHROME,
        /** A profile for speedscope. */
        SPEEDSCOPE,
        /** A profile, a line a stack. */
        COLLAPSED,
        /** An event a line. */
        JSON,
        /** The Common Trace Format. */
        CTF
    }

    @Option(names = "--format", required = true, paramLabel = "F", description = "parquet, perfetto, chrome, speedscope, collapsed, json or ctf. "
            + "ctf writes a folder; parquet, too, with a file a table, or one file of all events where FILE ends in .parquet.")
    private Format format = Format.JSON;

    @Option(names = "--time", defaultValue = "spread", paramLabel = "T", description = "perfetto and chrome: spread shows a nanosecond of the guest as a "
            + "microsecond, with all that happened at one instruction in its order within it; guest shows the guest's own times (default: ${DEFAULT-VALUE}).")
    private TraceTime time = TraceTime.SPREAD;

    @Option(names = "--no-symbols", description = "speedscope and collapsed: addresses instead of names; nothing is replayed.")
    private boolean noSymbols;

    @Mixin
    private ReportOutput output = new ReportOutput();

    @Mixin
    private ReportInput input = new ReportInput();

    @Override
    public Integer call() throws IOException {
        Path folder = input.folder();
        String title = ReportInput.title(folder);
        try (ProgressLine line = input.progress("export")) {
            switch (format) {
                case PERFETTO -> output.bytes(out -> Exports.perfetto(folder, time, out, line::update));
                case CHROME -> output.text(out -> Exports.chrome(folder, time, title, out, line::update));
                case JSON -> output.text(out -> Exports.json(folder, out, line::update));
                case SPEEDSCOPE -> profile(folder, line, (profile, out) -> ProfileFormats.speedscope(profile, title,
                        out));
                case COLLAPSED -> profile(folder, line, ProfileFormats::collapsed);
                case CTF -> {
                    Path target = target();
                    Exports.emptyFolder(target);
                    Exports.ctf(folder, title, target, line::update);
                }
                case PARQUET -> {
                    Path target = target();
                    if (String.valueOf(target.getFileName()).toLowerCase(Locale.ROOT).endsWith(".parquet")) {
                        ParquetExport.events(folder, target, line::update);
                    } else {
                        Exports.emptyFolder(target);
                        ParquetExport.all(folder, target, line::update);
                    }
                }
            }
        }
        return ExitCode.FINE;
    }

    /** A format that is no stream of text or bytes wants a name. */
    private Path target() {
        if (!output.named()) {
            throw Failure.usage("--format " + format.name().toLowerCase(Locale.ROOT) + " wants --out");
        }
        return output.path();
    }

    private interface Shape {
        void write(Profile profile, Writer out) throws IOException;
    }

    private void profile(Path folder, ProgressLine line, Shape shape) throws IOException {
        Profile profile = Profile.of(folder, noSymbols ? null : new Assembly(), line::update);
        ProfileCommand.warn(profile, noSymbols);
        output.text(out -> shape.write(profile, out));
    }
}
