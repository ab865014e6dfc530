package chronovisor.replay;

import chronovisor.journal.DamagedJournalException;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalEnd;
import chronovisor.journal.JournalReader;
import chronovisor.journal.JournalRecord;
import chronovisor.journal.Problem;
import chronovisor.journal.StepRun;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** What a journal tells of a run, as two queues: events and step batches, read as they are asked for. */
final class ExpectedRun {

    private final JournalReader reader;
    private final ArrayDeque<GuestEvent> events = new ArrayDeque<>();
    private final ArrayDeque<StepRun> steps = new ArrayDeque<>();
    private @Nullable JournalEnd end;
    private @Nullable Problem damage;
    private boolean exhausted;

    /** Goes on after the header and the first checkpoint. */
    ExpectedRun(JournalReader reader) {
        this.reader = reader;
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

    private void read() {
        JournalRecord record = null;
        try {
            record = reader.next();
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
            case HEADER, CHECKPOINT, EFFECTS -> {
                // Not compared: a header and checkpoints are where a replay begins, effects are asked for by queries.
            }
        }
    }
}
