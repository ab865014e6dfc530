package chronovisor.analysis.coverage;

import chronovisor.analysis.steps.GuestPrograms;
import chronovisor.analysis.steps.GuestPrograms.Program;
import chronovisor.analysis.steps.TaskSteps;
import chronovisor.isa.Instruction;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.replay.MachineParts;
import chronovisor.replay.Progress;
import chronovisor.timeline.SourceLines;
import chronovisor.timeline.Symbols;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Which instructions and source lines of the guest's programs ran in a journal, and how often. */
public final class Coverage {

    /** How much of something ran. */
    public record Share(long covered, long all) {

        Share plus(Share other) {
            return new Share(covered + other.covered, all + other.all);
        }

        /** In percent. */
        public double percent() {
            return all == 0 ? 0 : 100.0 * covered / all;
        }
    }

    /**
     * A function.
     *
     * @param calls
     *            how often its first instruction ran
     * @param retired
     *            how many instructions ran in it
     * @param instructions
     *            how many of its instructions ran at least once
     * @param lines
     *            how many of its source lines did; of none where the file does not tell lines
     * @param place
     *            the line of its first instruction, where it is known
     */
    public record Function(String name, long address, long calls, long retired, Share instructions, Share lines,
            SourceLines.@Nullable Line place) {}

    /**
     * A file of the guest.
     *
     * @param retired
     *            how many instructions ran in it
     */
    public record File(String path, long retired, Share instructions, Share lines, List<Function> functions) {}

    /** A file with its counts, for the writers. */
    record Counted(CodeFile code, Executed executed) {}

    private final List<Counted> counted;
    private final long steps;
    private final String trouble;

    private Coverage(List<Counted> counted, long steps, String trouble) {
        this.counted = counted;
        this.steps = steps;
        this.trouble = trouble;
    }

    /**
     * Counts.
     *
     * @param parts
     *            to replay the run with, since the files are in the guest's memory
     * @throws chronovisor.journal.JournalException
     *             when the journal was recorded without steps
     */
    public static Coverage of(Path journal, MachineParts parts, Consumer<Progress> progress) {
        GuestPrograms programs = GuestPrograms.of(journal, parts);
        Counter counter = new Counter(programs);
        long steps = TaskSteps.forEach(journal, counter, progress);
        return new Coverage(counter.files(), steps, programs.trouble());
    }

    /** Counts the steps of each task in the files of its program. */
    private static final class Counter implements TaskSteps.Visitor {

        private record Mapped(Symbols.Image image, Executed executed) {}

        private final GuestPrograms programs;
        /** The same file at another place, as a library is, is one. */
        private final Map<CodeKey, Counted> files = new HashMap<>();
        private final List<Counted> inOrder = new ArrayList<>();
        private final Map<Integer, List<Mapped>> mapped = new HashMap<>();
        private int lastTask = Integer.MIN_VALUE;
        private @Nullable Mapped last;

        private record CodeKey(String path, long bytes, List<String> symbols) {}

        Counter(GuestPrograms programs) {
            this.programs = programs;
        }

        @Override
        public void step(int task, long tick, int core, long rip, Instruction instruction) {
            Mapped file = last;
            if (file == null || task != lastTask || rip < file.image.start() || rip >= file.image.end()) {
                file = find(task, rip);
                last = file;
                lastTask = task;
            }
            if (file != null) {
                file.executed.count(rip - file.image.bias());
            }
        }

        private @Nullable Mapped find(int task, long rip) {
            for (Mapped file : mapped.computeIfAbsent(task, number -> files(number, Position.START))) {
                if (rip >= file.image.start() && rip < file.image.end()) {
                    return file;
                }
            }
            return null;
        }

        private List<Mapped> files(int task, Position at) {
            Program program = programs.from(programs.processOf(task), at);
            if (program == null) {
                return List.of();
            }
            return program.images().stream().map(image -> new Mapped(image, counted(image, program).executed)).toList();
        }

        private Counted counted(Symbols.Image image, Program program) {
            List<Symbols.Range> ranges = program.functions().all().stream()
                    .filter(range -> range.file().equals(image.path()) && range.bias() == image.bias()).toList();
            CodeKey key = new CodeKey(image.path(), image.end() - image.start(),
                    ranges.stream().map(range -> range.name() + ' ' + (range.start() - range.bias())).toList());
            return files.computeIfAbsent(key, _ -> {
                Counted file = new Counted(new CodeFile(image, ranges), new Executed());
                inOrder.add(file);
                return file;
            });
        }

        @Override
        public void event(GuestEvent event) {
            if (event instanceof KittenEvent.TaskStarted started) {
                replace(started.task(), started.at());
            } else if (event instanceof KittenEvent.ProgramLoaded loaded) {
                replace(loaded.task(), loaded.at());
            }
        }

        private void replace(int task, Position at) {
            mapped.put(task, files(task, at));
            last = null;
        }

        List<Counted> files() {
            return inOrder;
        }
    }

    /** All instructions that retired. */
    public long steps() {
        return steps;
    }

    /** Those that no file has: made by the program while it ran, or of the kernel's own pages. */
    public long outside() {
        return steps - counted.stream().mapToLong(file -> file.executed.total()).sum();
    }

    /** Why there are no files; empty when there are. */
    public String trouble() {
        return trouble;
    }

    List<Counted> counted() {
        return counted;
    }

    /** The files, in the order in which they were first mapped. */
    public List<File> files() {
        return counted.stream().map(Coverage::file).toList();
    }

    private static File file(Counted file) {
        Share all = share(file, Long.MIN_VALUE, Long.MAX_VALUE);
        List<Function> functions = file.code.functions().stream().map(function -> function(file, function)).toList();
        return new File(file.code.path(), file.executed.total(), all, lines(file, Long.MIN_VALUE, Long.MAX_VALUE),
                functions);
    }

    private static Function function(Counted file, CodeFile.Function function) {
        long retired = 0;
        for (long address : file.code.instructions().subMap(function.start(), function.end()).keySet()) {
            retired += file.executed.at(address);
        }
        return new Function(function.name(), function.start(), file.executed.at(function.start()), retired,
                share(file, function.start(), function.end()), lines(file, function.start(), function.end()),
                file.code.lines().at(function.start()).orElse(null));
    }

    private static Share share(Counted file, long from, long to) {
        long covered = 0;
        long all = 0;
        for (long address : file.code.instructions().subMap(from, to).keySet()) {
            all++;
            covered += file.executed.at(address) > 0 ? 1 : 0;
        }
        return new Share(covered, all);
    }

    private static Share lines(Counted file, long from, long to) {
        long covered = 0;
        long all = 0;
        for (SortedMap<Integer, Long> counts : lineCounts(file, from, to).values()) {
            all += counts.size();
            covered += counts.values().stream().filter(count -> count > 0).count();
        }
        return new Share(covered, all);
    }

    /**
     * How often each source line ran, by source file: as often as that of its instructions which ran most.
     */
    static SortedMap<String, SortedMap<Integer, Long>> lineCounts(Counted file, long from, long to) {
        SortedMap<String, SortedMap<Integer, Long>> counts = new TreeMap<>();
        if (file.code.lines().isEmpty()) {
            return counts;
        }
        for (long address : file.code.instructions().subMap(from, to).keySet()) {
            file.code.lines().at(address).ifPresent(line -> counts.computeIfAbsent(line.file(), _ -> new TreeMap<>())
                    .merge(line.number(), file.executed.at(address), Math::max));
        }
        return counts;
    }
}
