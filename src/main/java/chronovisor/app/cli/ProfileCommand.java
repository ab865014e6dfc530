package chronovisor.app.cli;

import chronovisor.analysis.report.FlameGraph;
import chronovisor.analysis.report.Profile;
import chronovisor.analysis.report.ProfileFormats;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code chronovisor profile}: where the instructions went. */
@Command(name = "profile", mixinStandardHelpOptions = true, description = {
    "Tells where the instructions of a journal went: every one of them, by function and by who called whom.",
    "The names of functions come from the guest's own files; for them the run is replayed once."})
final class ProfileCommand implements Callable<Integer> {

    /** What is made of a profile. */
    enum Format {
        /** Functions by their instructions. */
        FLAT,
        /** The tree of calls. */
        TREE,
        /** A flame graph. */
        SVG,
        /** A flame graph in a page. */
        HTML,
        /** A line a stack, for flamegraph.pl and its kin. */
        COLLAPSED,
        /** A file for speedscope. */
        SPEEDSCOPE
    }

    @Option(names = "--format", paramLabel = "F", defaultValue = "flat", description = "flat (the default), tree, svg or html (a flame graph), collapsed, speedscope.")
    private Format format = Format.FLAT;

    @Option(names = "--top", paramLabel = "N", defaultValue = "30", description = "How many functions flat lists; 0 for all.")
    private int top = 30;

    @Option(names = "--min", paramLabel = "PERCENT", defaultValue = "1", description = "What the tree leaves out: what has less of all instructions.")
    private double percentMin = 1;

    @Option(names = "--no-symbols", description = "Addresses instead of names; nothing is replayed.")
    private boolean noSymbols;

    @Option(names = "--json", description = "flat and tree as one JSON object a line.")
    private boolean json;

    @Mixin
    private ReportOutput output = new ReportOutput();

    @Mixin
    private ReportInput input = new ReportInput();

    @Override
    public Integer call() throws IOException {
        if (top < 0 || percentMin < 0 || percentMin > 100) {
            throw Failure.usage("--top wants a number that is not negative, and --min one from 0 to 100");
        }
        if (json && format != Format.FLAT && format != Format.TREE) {
            throw Failure.usage("--json is for flat and tree, and not for " + format.name().toLowerCase(Locale.ROOT));
        }
        Path folder = input.folder();
        Profile profile = read(folder);
        warn(profile, noSymbols);
        output.text(out -> write(profile, folder, out));
        return ExitCode.FINE;
    }

    /** Says what a profile lacks. */
    static void warn(Profile profile, boolean noSymbols) {
        if (!profile.trouble().isEmpty() && !noSymbols) {
            System.err.println("chronovisor: " + profile.trouble());
        }
        if (profile.folded() > 0) {
            System.err.println(String.format(Locale.ROOT, "chronovisor: there are more than %,d contexts of calls: "
                    + "%,d calls are counted in the context that they were made from", Profile.CONTEXTS_MAX,
                    profile.folded()));
        }
    }

    private Profile read(Path folder) {
        try (ProgressLine line = input.progress("profile")) {
            return Profile.of(folder, noSymbols ? null : new Assembly(), line::update);
        }
    }

    private void write(Profile profile, Path folder, Writer out) throws IOException {
        String title = ReportInput.title(folder);
        switch (format) {
            case FLAT -> flat(profile, out);
            case TREE -> tree(profile, out);
            case SVG -> FlameGraph.svg(profile, title, out);
            case HTML -> FlameGraph.html(profile, title, out);
            case COLLAPSED -> ProfileFormats.collapsed(profile, out);
            case SPEEDSCOPE -> ProfileFormats.speedscope(profile, title, out);
        }
        out.flush();
    }

    private void flat(Profile profile, Writer out) throws IOException {
        List<Profile.Function> functions = profile.functions();
        List<Profile.Function> shown = functions.subList(0,
                top == 0 ? functions.size() : Math.min(top, functions.size()));
        if (!json) {
            out.append(String.format(Locale.ROOT, "%,d instructions in %,d functions%n", profile.steps(),
                    functions.size()));
            out.append(String.format("%16s %7s %16s %7s %12s  %s%n", "self", "%", "total", "%", "calls", "function"));
        }
        for (Profile.Function function : shown) {
            out.append(json
                    ? Output.json(object(function.name(), function.self(), function.total(), function.calls())) + "\n"
                    : String.format(Locale.ROOT, "%,16d %7.2f %,16d %7.2f %,12d  %s%n", function.self(),
                            percent(function.self(), profile), function.total(), percent(function.total(), profile),
                            function.calls(), function.name()));
        }
    }

    private void tree(Profile profile, Writer out) throws IOException {
        for (Profile.Line line : profile.lines(percentMin / 100)) {
            if (json) {
                Map<String, Object> object = new LinkedHashMap<>();
                object.put("depth", line.depth());
                object.putAll(object(line.name(), line.self(), line.total(), line.calls()));
                out.append(Output.json(object)).append('\n');
            } else {
                out.append(String.format(Locale.ROOT, "%7.2f%% %,16d  %s%s%n", percent(line.total(), profile),
                        line.total(),
                        "  ".repeat(line.depth()), line.name()));
            }
        }
    }

    private static Map<String, Object> object(String name, long self, long total, long calls) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("function", name);
        object.put("self", self);
        object.put("total", total);
        object.put("calls", calls);
        return object;
    }

    private static double percent(long part, Profile profile) {
        return 100.0 * part / Math.max(1, profile.steps());
    }
}
