package chronovisor.analysis.segment;

import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalReader;
import chronovisor.journal.JournalRecord;
import chronovisor.journal.Position;
import chronovisor.replay.MachineParts;
import chronovisor.replay.ReplaySession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Divides journals at their checkpoints, and executes segments. */
public final class Segments {

    private Segments() {}

    /**
     * Where the segments of a journal begin: where its machine has booted, or its fork begun, and at each checkpoint.
     *
     * @throws chronovisor.journal.JournalException
     *             when the run cannot be executed again
     */
    public static List<Position> starts(Path journal, MachineParts parts) {
        try (ReplaySession session = ReplaySession.open(journal, parts, null, 0)) {
            List<Position> found = new ArrayList<>(List.of(session.position()));
            session.checkpoints().stream().filter(at -> at.compareTo(found.getFirst()) > 0).forEach(found::add);
            return found;
        }
    }

    /** The segments of a journal. */
    public static List<SegmentUnit> of(Path journal, MachineParts parts) {
        List<Position> starts = starts(journal, parts);
        List<SegmentUnit> units = new ArrayList<>();
        for (int i = 0; i < starts.size(); i++) {
            Position from = starts.get(i);
            Position to = i + 1 < starts.size() ? starts.get(i + 1) : new Position(Long.MAX_VALUE, 0);
            units.add(new SegmentUnit(journal.toString(), i, starts.size(), from.tick(), from.sequence(), to.tick(),
                    to.sequence()));
        }
        return units;
    }

    /**
     * Executes a segment from its checkpoint, compares each event with the journal's, and counts them. The first one has also what happened
     * while the machine was put together, as the journal tells it.
     *
     * @throws chronovisor.journal.JournalException
     *             when the run diverges from the journal
     */
    public static SegmentCounts count(SegmentUnit unit, MachineParts parts) {
        SegmentCounts counts = new SegmentCounts();
        Path journal = Path.of(unit.journal());
        if (unit.index() == 0) {
            before(journal, unit.from(), counts::accept);
        }
        try (ReplaySession session = ReplaySession.open(journal, parts, null, 0)) {
            if (unit.index() > 0) {
                session.load(unit.from());
            }
            session.listen(counts::accept);
            if (unit.last()) {
                session.run(Long.MAX_VALUE);
            } else {
                session.runTo(unit.to());
            }
        }
        return counts;
    }

    private static void before(Path journal, Position end, Consumer<GuestEvent> taker) {
        try (JournalReader reader = JournalReader.open(journal)) {
            for (JournalRecord record = reader.nextEvents(); record != null
                    && record.first().compareTo(end) < 0; record = reader.nextEvents()) {
                record.events().stream().filter(event -> event.at().compareTo(end) < 0).forEach(taker);
            }
        }
    }
}
