package chronovisor.analysis.coverage;

import chronovisor.analysis.coverage.Coverage.Counted;
import chronovisor.timeline.SourceLines;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Coverage as a trace file of lcov (geninfo(1), "FILES"), which genhtml and lcov read. Where a file tells its source lines, those are
 * counted; where it does not, a listing of its disassembly is written and its lines are.
 */
public final class Lcov {

    private Lcov() {}

    /**
     * Writes the trace file.
     *
     * @param listings
     *            a folder for listings; it is made when one is needed
     */
    public static void write(Coverage coverage, Path listings, Writer out) throws IOException {
        Set<String> names = new HashSet<>();
        SortedMap<String, Source> sources = new TreeMap<>();
        for (Counted file : coverage.counted()) {
            if (file.code().lines().isEmpty()) {
                listing(file, listings, names, out);
            } else {
                collect(file, sources);
            }
        }
        for (var source : sources.entrySet()) {
            source.getValue().write(source.getKey(), out);
        }
        out.flush();
    }

    /** The lines of one source file, of however many programs. */
    private static final class Source {
        private final SortedMap<Integer, Long> lines = new TreeMap<>();
        private final SortedMap<String, Function> functions = new TreeMap<>();

        private record Function(int line, long calls) {}

        void function(String name, int line, long calls) {
            functions.merge(name, new Function(line, calls),
                    (one, other) -> new Function(one.line, one.calls + other.calls));
        }

        void write(String path, Writer out) throws IOException {
            // A test's name is empty: all of a journal is one.
            out.append("TN:\nSF:").append(path).append('\n');
            for (var function : functions.entrySet()) {
                out.append("FN:" + function.getValue().line + ',' + function.getKey() + '\n');
            }
            for (var function : functions.entrySet()) {
                out.append("FNDA:" + function.getValue().calls + ',' + function.getKey() + '\n');
            }
            out.append("FNF:" + functions.size() + '\n');
            out.append("FNH:" + functions.values().stream().filter(function -> function.calls > 0).count() + '\n');
            for (var line : lines.entrySet()) {
                out.append("DA:" + line.getKey() + ',' + line.getValue() + '\n');
            }
            out.append("LF:" + lines.size() + '\n');
            out.append("LH:" + lines.values().stream().filter(count -> count > 0).count() + "\nend_of_record\n");
        }
    }

    private static void collect(Counted file, SortedMap<String, Source> sources) {
        Coverage.lineCounts(file, Long.MIN_VALUE, Long.MAX_VALUE)
                .forEach((path, counts) -> counts.forEach((line, count) -> sources
                        .computeIfAbsent(path, _ -> new Source()).lines.merge(line, count, Long::sum)));
        for (CodeFile.Function function : file.code().functions()) {
            SourceLines.Line place = file.code().lines().at(function.start()).orElse(null);
            if (place != null) {
                sources.computeIfAbsent(place.file(), _ -> new Source()).function(function.name(), place.number(),
                        file.executed().at(function.start()));
            }
        }
    }

    private static void listing(Counted file, Path folder, Set<String> names, Writer out) throws IOException {
        Files.createDirectories(folder);
        String base = file.code().path().replaceAll("[^A-Za-z0-9._-]+", "_").replaceAll("^_+", "");
        String name = base;
        for (int n = 2; !names.add(name); n++) {
            name = base + "-" + n;
        }
        Path path = folder.resolve(name + ".asm");
        Source source = new Source();
        try (Writer text = Files.newBufferedWriter(path)) {
            Listing listing = new Listing(file.code(), text);
            for (long address : file.code().instructions().keySet()) {
                source.lines.put(listing.lineOf(address), file.executed().at(address));
            }
            for (CodeFile.Function function : file.code().functions()) {
                if (listing.lineOf(function.start()) > 0) {
                    source.function(function.name(), listing.lineOf(function.start()),
                            file.executed().at(function.start()));
                }
            }
        }
        source.write(path.toAbsolutePath().normalize().toString(), out);
    }
}
