package chronovisor.replay;

import chronovisor.cpu.trace.StepBatch;
import chronovisor.journal.Blob;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.InputEvent;
import chronovisor.journal.JournalEnd;
import chronovisor.journal.JournalWriter;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.journal.RecordType;
import chronovisor.journal.StepRun;
import chronovisor.journal.VmmEvent;
import java.util.ArrayList;
import java.util.List;

/** Gathers events and step batches into the journal's batches. */
final class Recorder implements RunSink {

    /** Enough that a head and its hash cost nothing, few enough that little is lost when the recorder is killed. */
    private static final int BATCH_EVENTS_MAX = 4096;
    private static final int BATCH_DATA_BYTES_MAX = 256 << 10;
    private static final int BATCH_STEP_BYTES_MAX = 192 << 10;

    private final JournalWriter writer;
    private final Fidelity fidelity;
    private List<GuestEvent> events = new ArrayList<>();
    private List<StepRun> steps = new ArrayList<>();
    private long eventBytes;
    private long stepBytes;

    Recorder(JournalWriter writer, Fidelity fidelity) {
        this.writer = writer;
        this.fidelity = fidelity;
    }

    @Override
    public void accept(GuestEvent event) {
        if (fidelity == Fidelity.INPUTS && !(event instanceof InputEvent)) {
            return;
        }
        events.add(event);
        eventBytes += bytes(event);
        if (events.size() >= BATCH_EVENTS_MAX || eventBytes >= BATCH_DATA_BYTES_MAX) {
            flushEvents();
        }
    }

    private static int bytes(GuestEvent event) {
        return switch (event) {
            case VmmEvent.PortStringWritten written -> written.bytes().size();
            case VmmEvent.PortStringRead read -> read.bytes().size();
            case KittenEvent.ConsoleWritten written -> written.bytes().size();
            case KittenEvent.ConsoleRead read -> read.bytes().size();
            case InputEvent.StreamBytesReceived received -> received.bytes().size();
            case InputEvent.EntropyDrawn drawn -> drawn.bytes().size();
            case GuestEvent other -> 0;
        };
    }

    @Override
    public void accept(StepBatch batch) {
        steps.add(run(batch));
        stepBytes += batch.payload().length;
        if (stepBytes >= BATCH_STEP_BYTES_MAX) {
            flush();
        }
    }

    static StepRun run(StepBatch batch) {
        return new StepRun(batch.core(), batch.firstTick(), batch.lastTick(), batch.fresh(),
                Blob.owning(batch.payload()));
    }

    private void flushEvents() {
        writer.events(events);
        events = new ArrayList<>();
        eventBytes = 0;
    }

    /** Events first: a journal that ends with steps holds every event up to their last tick. */
    @Override
    public void flush() {
        flushEvents();
        writer.steps(steps);
        steps = new ArrayList<>();
        stepBytes = 0;
    }

    /** Effects of single instructions, after the events and steps that they belong to. */
    void effects(List<StepEffects> effects) {
        flush();
        if (!effects.isEmpty()) {
            writer.append(RecordType.EFFECTS, new Position(effects.getFirst().tick(), 0),
                    new Position(effects.getLast().tick(), 0), StepEffects.encode(effects));
        }
    }

    void end(JournalEnd end) {
        flush();
        writer.end(end);
    }
}
