package chronovisor.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Writing and reading a journal, per event; and what beginning and sealing one costs. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
public class JournalBenchmark {

    private static final int BATCHES = 50;
    private static final int BATCH_EVENTS = 4096;
    private static final int EVENTS = BATCHES * BATCH_EVENTS;

    private Path root = Path.of("");
    private Path written = Path.of("");
    private int count;
    private final List<List<GuestEvent>> batches = new ArrayList<>();

    /** Makes the events, a system call and its return by turns, and one journal to read. */
    @Setup
    public void make() throws IOException {
        root = Files.createTempDirectory("journal-bench");
        long tick = 0;
        for (int i = 0; i < BATCHES; i++) {
            List<GuestEvent> batch = new ArrayList<>();
            for (int k = 0; k < BATCH_EVENTS; k += 2) {
                tick += 400;
                Stamp entry = Stamp.of(new Position(tick, 0), 0);
                batch.add(new KittenEvent.SyscallEntered(entry, 1, 1, 1, 0x7fff_0000L + tick, 40, 0, 0, 0));
                batch.add(new KittenEvent.SyscallReturned(new Stamp(new Position(tick, 1), 0, entry.at()), 1, 1, 40));
            }
            batches.add(batch);
        }
        written = append();
    }

    /** Removes what was written. */
    @TearDown
    public void remove() throws IOException {
        try (var files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private JournalWriter create(Path folder) {
        return JournalWriter.create(folder, new JournalHeader(new TreeMap<>(), "", List.of(), null));
    }

    private static void end(JournalWriter writer, Position at) {
        writer.end(new JournalEnd(at, Blob.EMPTY, 0, 0, "", 0));
        writer.close();
    }

    private Path append() {
        Path folder = root.resolve("journal" + count++);
        JournalWriter writer = create(folder);
        batches.forEach(writer::events);
        end(writer, batches.getLast().getLast().at());
        return folder;
    }

    /** Appends, compresses, chains and seals. */
    @Benchmark
    @OperationsPerInvocation(EVENTS)
    public Path write() {
        return append();
    }

    /** Reads, checks and decodes. */
    @Benchmark
    @OperationsPerInvocation(EVENTS)
    public long read() {
        return JournalVerifier.verify(written).events();
    }

    /** Begins a journal and seals it with nothing in it, as a command that does nothing pays it. */
    @Benchmark
    public Path beginAndSeal() {
        Path folder = root.resolve("journal" + count++);
        end(create(folder), Position.START);
        return folder;
    }
}
