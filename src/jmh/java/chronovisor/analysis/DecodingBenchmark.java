package chronovisor.analysis;

import chronovisor.journal.Folders;
import chronovisor.journal.JournalReader;
import chronovisor.journal.JournalRecord;
import chronovisor.replay.EmbeddedGuests;
import chronovisor.replay.Fidelity;
import chronovisor.replay.StepQuery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How many steps and events a second one thread reads from a journal alone: read the counters {@code steps} and {@code events}, which are
 * per second, and not the calls. Steps come with their instruction, decoded.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
public class DecodingBenchmark {

    private static final int EVENTS = 1_000_000;

    /** A guest and its argument: a tight loop, branches on data, string instructions. */
    @Param({"checksum:1000000", "bench-quicksort:1", "bench-strings:20"})
    private String guest = "";

    private Path root = Path.of("");
    private Path journal = Path.of("");
    private Path large = Path.of("");

    /** What was read. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Read {
        /** Retired instructions. */
        public long steps;
        /** Events. */
        public long events;
    }

    /** Records the guest; and makes a journal of so many events that opening it does not count. */
    @Setup
    public void make() throws IOException {
        root = Files.createTempDirectory("decoding-bench");
        String[] words = guest.split(":", 2);
        journal = Runs.record(root, new EmbeddedGuests.Guest(words[0], words[0], List.of(words[1]), ""),
                Fidelity.STEPS);
        large = root.resolve("large");
        LargeJournal.make(large, Runs.record(root, "rows-process"), EVENTS, LargeJournal.BATCH_EVENTS, 0);
    }

    /** Removes what was written. */
    @TearDown
    public void remove() throws IOException {
        Folders.remove(root);
    }

    /** Every step. */
    @Benchmark
    public void steps(Read read) {
        read.steps += StepQuery.of(journal).forEach((tick, core, space, rip, bytes, instruction) -> {});
    }

    /** Every event of the other journal, whatever the guest is. */
    @Benchmark
    public void events(Read read) {
        try (JournalReader reader = JournalReader.open(large)) {
            for (JournalRecord record = reader.nextEvents(); record != null; record = reader.nextEvents()) {
                read.events += record.events().size();
            }
        }
    }
}
