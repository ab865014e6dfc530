package chronovisor.replay;

import chronovisor.cpu.trace.StepBatch;
import chronovisor.journal.EventFields;
import chronovisor.journal.EventJson;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.InputEvent;
import chronovisor.journal.Position;
import chronovisor.journal.StepRun;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compares what a replay tells with what the journal tells, event by event and step batch by step batch. */
final class Checker implements RunSink {

    private static final int CONTEXT_EVENTS_MAX = 8;

    private ExpectedRun expected;
    private final Fidelity fidelity;
    private final boolean sealed;
    private final ArrayDeque<GuestEvent> context = new ArrayDeque<>();
    private long events;
    private long steps;
    private boolean ranDry;

    Checker(ExpectedRun expected, Fidelity fidelity, boolean sealed) {
        this.expected = expected;
        this.fidelity = fidelity;
        this.sealed = sealed;
    }

    /** Goes on with another part of the run. */
    void restart(ExpectedRun other) {
        expected.close();
        expected = other;
        context.clear();
        ranDry = false;
    }

    @Override
    public void accept(GuestEvent actual) {
        if (ranDry || fidelity == Fidelity.INPUTS && !(actual instanceof InputEvent)) {
            return;
        }
        GuestEvent next = expected.peekEvent();
        if (next == null) {
            if (sealed) {
                throw diverged(actual.at(), "the end of the run", EventJson.text(actual));
            }
            ranDry = true;
            return;
        }
        if (!EventFields.agrees(next, actual)) {
            Position at = next.at().compareTo(actual.at()) < 0 ? next.at() : actual.at();
            throw diverged(at, EventJson.text(next), EventJson.text(actual));
        }
        expected.removeEvent();
        events++;
        context.add(actual);
        if (context.size() > CONTEXT_EVENTS_MAX) {
            context.remove();
        }
    }

    @Override
    public void accept(StepBatch actual) {
        StepRun next = expected.pollSteps();
        if (next == null) {
            if (sealed) {
                throw diverged(new Position(actual.firstTick(), 0), "no more steps", actual.toString());
            }
            return;
        }
        StepRun run = Recorder.run(actual);
        if (!next.equals(run)) {
            throw diverged(new Position(Math.min(next.firstTick(), run.firstTick()), 0), text(next), text(run));
        }
        steps++;
    }

    private static String text(StepRun run) {
        return "steps " + run.firstTick() + ".." + run.lastTick() + " of core " + run.core() + " in "
                + run.packets().size() + " bytes";
    }

    @Override
    public void flush() {
        // Compared as they come.
    }

    /** The next event the journal tells, for the door to look for inputs. */
    @Nullable
    GuestEvent next() {
        return ranDry ? null : expected.peekEvent();
    }

    boolean sealed() {
        return sealed;
    }

    long events() {
        return events;
    }

    long steps() {
        return steps;
    }

    /** After the run: nothing may be left that it should have told. */
    @Nullable
    Divergence left(long stopTick) {
        GuestEvent next = expected.peekEvent();
        if (next != null && (sealed || next.at().tick() < stopTick)) {
            return new Divergence(next.at(), EventJson.text(next), "the run is over", context());
        }
        StepRun run = expected.leftSteps();
        if (run != null && sealed) {
            return new Divergence(new Position(run.firstTick(), 0), text(run), "the run is over", context());
        }
        return null;
    }

    List<String> context() {
        return context.stream().map(EventJson::text).toList();
    }

    DivergenceException diverged(Position at, String expectedText, String actualText) {
        return new DivergenceException(new Divergence(at, expectedText, actualText, context()));
    }
}
