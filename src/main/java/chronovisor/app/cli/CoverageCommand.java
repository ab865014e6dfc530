package chronovisor.app.cli;

import chronovisor.analysis.coverage.Coverage;
import chronovisor.analysis.coverage.Lcov;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code chronovisor coverage}: which code ran. */
@Command(name = "coverage", mixinStandardHelpOptions = true, description = {
    "Tells which instructions, and which source lines where the guest's files tell them, ran in a journal, and how often.",
    "The files are the guest's own; for them the run is replayed once."})
final class CoverageCommand implements Callable<Integer> {

    /** What is made of it. */
    enum Format {
        /** Files and functions. */
        TABLE,
        /** A trace file of lcov. */
        LCOV
    }

    @Option(names = "--format", paramLabel = "F", defaultValue = "table", description = "table (the default), or lcov: a trace file for genhtml and lcov; "
            + "for files without source lines, listings of their instructions are written beside FILE.")
    private Format format = Format.TABLE;

    @Option(names = "--all", description = "Also functions that did not run.")
    private boolean all;

    @Option(names = "--json", description = "table as one JSON object a line: for each file, then for each of its functions.")
    private boolean json;

    @Mixin
    private ReportOutput output = new ReportOutput();

    @Mixin
    private ReportInput input = new ReportInput();

    @Override
    public Integer call() throws IOException {
        if (format == Format.LCOV && !output.named()) {
            throw Failure.usage("--format lcov wants --out");
        }
        if (format == Format.LCOV && json) {
            throw Failure.usage("--json is for table, and not for lcov");
        }
        Path folder = input.folder();
        Coverage coverage;
        try (ProgressLine line = input.progress("coverage")) {
            coverage = Coverage.of(folder, new Assembly(), line::update);
        }
        if (!coverage.trouble().isEmpty()) {
            throw new Failure(ExitCode.FAILURE, coverage.trouble());
        }
        output.text(out -> {
            switch (format) {
                case TABLE -> table(coverage, out);
                case LCOV -> Lcov.write(coverage, Path.of(output.path() + "-listings"), out);
            }
        });
        return ExitCode.FINE;
    }

    private void table(Coverage coverage, Writer out) throws IOException {
        if (!json) {
            out.append(String.format(Locale.ROOT, "%,d instructions retired, %,d of them outside of all files%n",
                    coverage.steps(), coverage.outside()));
        }
        for (Coverage.File file : coverage.files()) {
            if (json) {
                Map<String, Object> object = new LinkedHashMap<>();
                object.put("file", file.path());
                put(object, file.retired(), file.instructions(), file.lines());
                out.append(Output.json(object)).append('\n');
            } else {
                out.append(String.format(Locale.ROOT, "%n%s%n%s", file.path(),
                        "  instructions              lines                    retired        calls  function\n"));
                out.append(row(file.instructions(), file.lines(), file.retired(), "", "(all)"));
            }
            for (Coverage.Function function : file.functions()) {
                if (all || function.retired() > 0) {
                    function(file, function, out);
                }
            }
        }
    }

    private void function(Coverage.File file, Coverage.Function function, Writer out) throws IOException {
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("file", file.path());
            object.put("function", function.name());
            object.put("address", "0x" + Long.toHexString(function.address()));
            object.put("calls", function.calls());
            put(object, function.retired(), function.instructions(), function.lines());
            if (function.place() != null) {
                object.put("source", function.place().file() + ":" + function.place().number());
            }
            out.append(Output.json(object)).append('\n');
        } else {
            out.append(row(function.instructions(), function.lines(), function.retired(),
                    String.format(Locale.ROOT, "%,d", function.calls()), function.name()));
        }
    }

    private static void put(Map<String, Object> object, long retired, Coverage.Share instructions,
            Coverage.Share lines) {
        object.put("retired", retired);
        object.put("instructions", instructions.all());
        object.put("instructions_covered", instructions.covered());
        object.put("lines", lines.all());
        object.put("lines_covered", lines.covered());
    }

    private static String row(Coverage.Share instructions, Coverage.Share lines, long retired, String calls,
            String name) {
        return String.format(Locale.ROOT, "  %-24s  %-16s %,16d %12s  %s%n", share(instructions),
                lines.all() == 0 ? "" : share(lines), retired, calls, name);
    }

    private static String share(Coverage.Share share) {
        return String.format(Locale.ROOT, "%,d of %,d, %.0f%%", share.covered(), share.all(), share.percent());
    }
}
