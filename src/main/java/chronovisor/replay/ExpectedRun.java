package chronovisor.replay;

import chronovisor.journal.DamagedJournalException;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalEnd;
import chronovisor.journal.JournalMap;
import chronovisor.journal.JournalReader;
import chronovisor.journal.JournalRecord;
import chronovisor.journal.MachineCheckpoint;
import chronovisor.journal.Position;
import chronovisor.journal.Problem;
import chronovisor.journal.RecordType;
import chronovisor.journal.StepRun;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** What a journal tells of a run, as two queues: events and step batches, read as they are asked for. */
final class ExpectedRun {

    private final @Nullable JournalReader reader;
    private final boolean withSteps;
    private final ArrayDeque<GuestEvent> events = new ArrayDeque<>();
    private final ArrayDeque<StepRun> steps = new ArrayDeque<>();
    private final ArrayDeque<MachineCheckpoint> states = new ArrayDeque<>();
    private @Nullable JournalEnd end;
    private @Nullable Problem damage;
    private boolean exhausted;

    /** Goes on after the header and the first checkpoint. */
    ExpectedRun(JournalReader reader) {
        this(reader, true);
    }

    private ExpectedRun(@Nullable JournalReader reader, boolean withSteps) {
        this.reader = reader;
        this.withSteps = withSteps;
    }

    /** What is told from a position on, without steps. */
    static ExpectedRun from(JournalMap map, Position from) {
        int at = map.find(0, entry -> entry.type() == RecordType.END
                || entry.type() == RecordType.EVENTS && entry.last().compareTo(from) >= 0);
        if (at == map.entries().size()) {
            return nothing();
        }
        ExpectedRun expected = new ExpectedRun(map.readFrom(map.entries().get(at)), false);
        for (GuestEvent next = expected.peekEvent(); next != null
                && next.at().compareTo(from) < 0; next = expected.peekEvent()) {
            expected.removeEvent();
        }
        return expected;
    }

    /** Nothing. */
    static ExpectedRun nothing() {
        return new ExpectedRun(null, false);
    }

    /** Stops reading. */
    void close() {
        exhausted = true;
        if (reader != null) {
            reader.close();
        }
    }

    @Nullable
    GuestEvent peekEvent() {
        while (events.isEmpty() && !exhausted) {
            read();
        }
        return events.peek();
    }

    void removeEvent() {
        events.remove();
    }

    @Nullable
    StepRun pollSteps() {
        while (steps.isEmpty() && !exhausted) {
            read();
        }
        return steps.poll();
    }

    /** The next checkpoint. */
    @Nullable
    MachineCheckpoint pollState() {
        while (states.isEmpty() && !exhausted) {
            read();
        }
        return states.poll();
    }

    /** Step batches not yet asked for; call after the run. */
    @Nullable
    StepRun leftSteps() {
        return pollSteps();
    }

    /** The end record; call when the queues are exhausted. */
    @Nullable
    JournalEnd end() {
        while (!exhausted) {
            read();
        }
        return end;
    }

    /** The damage that the journal's sound prefix ends at, if it does. */
    @Nullable
    Problem damage() {
        return damage;
    }

    private boolean wanted(JournalReader.Glance glance) {
        return switch (glance.type()) {
            case EVENTS, END -> true;
            case STEPS, STATE -> withSteps;
            case HEADER, CHECKPOINT, EFFECTS, PAGES -> false;
        };
    }

    private void read() {
        JournalRecord record = null;
        try {
            record = reader == null ? null : reader.next(this::wanted);
        } catch (DamagedJournalException e) {
            damage = e.problems().getFirst();
        }
        if (record == null) {
            exhausted = true;
            return;
        }
        switch (record.type()) {
            case EVENTS -> events.addAll(record.events());
            case STEPS -> steps.addAll(record.steps());
            case END -> end = record.end();
            case STATE -> states.add(record.state());
            case HEADER, CHECKPOINT, EFFECTS, PAGES -> {
                // Not compared: a header and checkpoints are where a replay begins, effects are asked for by queries.
            }
        }
    }
}
