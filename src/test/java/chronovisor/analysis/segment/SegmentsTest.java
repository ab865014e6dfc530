package chronovisor.analysis.segment;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.analysis.report.Statistics;
import chronovisor.journal.JournalWriter;
import chronovisor.replay.CheckpointPlan;
import chronovisor.replay.EmbeddedGuests;
import chronovisor.replay.Fidelity;
import chronovisor.replay.KittenParts;
import chronovisor.replay.OutputListener;
import chronovisor.replay.Recording;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The parts of a journal make up the whole. */
class SegmentsTest {

    @TempDir
    Path folder;

    private Path record(String name, long checkpointTicks) {
        EmbeddedGuests.Guest guest = EmbeddedGuests.all().stream().filter(one -> one.name().equals(name)).findFirst()
                .orElseThrow();
        Path journal = folder.resolve(name);
        try (Recording recording = Recording.start(journal, guest.setup(), new KittenParts(), Fidelity.STEPS,
                guest.environment(), OutputListener.NONE, new TreeMap<>(), JournalWriter.Limits.DEFAULT, null,
                CheckpointPlan.every(checkpointTicks))) {
            recording.run();
        }
        return journal;
    }

    @ParameterizedTest
    @CsvSource({"hello,200", "ipc,8000", "rows-process,60000", "posix-threads,100000", "timers,20000"})
    void theSumOverAllSegmentsIsWhatStatisticsCount(String guest, long checkpointTicks) {
        Path journal = record(guest, checkpointTicks);
        List<SegmentUnit> units = Segments.of(journal, new KittenParts());
        assertThat(units).hasSizeGreaterThan(1);
        List<SegmentCounts> parts = new java.util.ArrayList<>(
                units.stream().map(unit -> Segments.count(unit, new KittenParts())).toList());
        // In any order.
        Collections.reverse(parts);
        SegmentCounts sum = parts.stream().reduce(new SegmentCounts(), SegmentCounts::plus);
        Statistics statistics = Statistics.of(journal, progress -> {});
        assertThat(sum.events()).isEqualTo(statistics.events());
        assertThat(sum.types()).isEqualTo(statistics.types());
        TreeMap<String, SegmentCounts.Calls> calls = new TreeMap<>();
        statistics.calls().forEach((name, use) -> calls.put(name, new SegmentCounts.Calls(use.count(), use.failures(),
                use.bytes(), use.ticks().sum(), use.ticks().max())));
        assertThat(sum.calls()).isEqualTo(calls);
    }

    @Test
    void unitsAndCountsCanBeSent() throws Exception {
        SegmentUnit unit = Segments.of(record("hello", 200), new KittenParts()).getLast();
        SegmentCounts counts = Segments.count(unit, new KittenParts());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(unit);
            out.writeObject(counts);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat(in.readObject()).isEqualTo(unit);
            assertThat(((SegmentCounts) in.readObject()).types()).isEqualTo(counts.types());
        }
    }
}
