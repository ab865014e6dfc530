package chronovisor.debug;

import chronovisor.journal.GuestEvent;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.timeline.Condition;
import chronovisor.timeline.Stop;
import chronovisor.timeline.Timeline;
import chronovisor.timeline.View;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Steps of one thread in a recorded run, forwards and backwards. Whoever else runs in between runs. A step is an instruction
 * that the thread retires, or the entry of a signal handler, which retires none.
 */
final class Stepper {

    /** How many turns it takes between two questions whether it is interrupted. */
    private static final int TURNS_UNASKED = 4096;
    /** A search back for a thread that seldom runs looks at this much more each time. */
    private static final int WINDOW_FACTOR = 8;

    private final TimelineTarget target;
    private final Timeline timeline;
    private final Inferior inferior;
    private final RecordedSignals signals;

    Stepper(TimelineTarget target, Timeline timeline, Inferior inferior, RecordedSignals signals) {
        this.target = target;
        this.timeline = timeline;
        this.inferior = inferior;
        this.signals = signals;
    }

    /** What one turn of the machine was for a thread. */
    private enum Turned {
        NOTHING, RETIRED, ENTERED_HANDLER
    }

    private boolean runs(int thread) {
        return inferior.coreOf(thread) == timeline.view().currentCore();
    }

    private Turned turn(int thread) {
        View before = timeline.view();
        int core = before.currentCore();
        boolean runs = runs(thread);
        long rip = before.rip(core);
        long tick = timeline.position().tick();
        timeline.turn();
        if (!runs) {
            return Turned.NOTHING;
        }
        if (timeline.position().tick() != tick) {
            return Turned.RETIRED;
        }
        View after = timeline.view();
        return inferior.coreOf(thread) == core && after.rip(core) != rip ? Turned.ENTERED_HANDLER : Turned.NOTHING;
    }

    // Forward.

    /** Steps out of a range of addresses, or until there is something to report. */
    Halt range(Plan plan, BooleanSupplier interrupted) {
        while (true) {
            Halt halt = forward(plan.task(), interrupted);
            if (!(halt instanceof Halt.Stepped)) {
                return halt;
            }
            long rip = inferior.rip(plan.task());
            boolean inside = Long.compareUnsigned(plan.from(), rip) <= 0 && Long.compareUnsigned(rip, plan.to()) < 0;
            if (!inside || target.breakpoint(plan.task()) != null) {
                return halt;
            }
            if (interrupted.getAsBoolean()) {
                return new Halt.Interrupted(plan.task());
            }
        }
    }

    /** One step of a thread. */
    Halt forward(int thread, BooleanSupplier interrupted) {
        boolean retired = false;
        for (int turns = 0; !timeline.atEnd(); turns++) {
            if (inferior.registers(thread).isEmpty()) {
                Halt halt = target.forwardTo(null, interrupted);
                return halt == null ? target.end() : halt;
            }
            if (turns % TURNS_UNASKED == TURNS_UNASKED - 1 && interrupted.getAsBoolean()) {
                return new Halt.Interrupted(thread);
            }
            if (inferior.coreOf(thread) < 0) {
                Halt halt = whileOff(thread, interrupted);
                if (halt != null) {
                    return halt;
                }
            }
            if (retired && inferior.coreOf(thread) >= 0) {
                return new Halt.Stepped(thread);
            }
            Halt halt = otherBreakpoint(thread);
            if (halt != null && turns > 0) {
                return halt;
            }
            GuestEvent told = signals.next();
            Position before = timeline.position();
            Turned turned = turn(thread);
            if (told != null && timeline.position().compareTo(told.at()) > 0) {
                return signals.report(told);
            }
            if (turned == Turned.ENTERED_HANDLER) {
                return new Halt.Stepped(thread);
            }
            if (turned == Turned.RETIRED) {
                Halt watch = target.watches() ? watched(before) : null;
                if (watch != null) {
                    return watch;
                }
                retired = true;
                if (inferior.coreOf(thread) >= 0) {
                    return new Halt.Stepped(thread);
                }
            }
        }
        return target.end();
    }

    /** Another thread is about to execute the instruction of a breakpoint. */
    private @Nullable Halt otherBreakpoint(int thread) {
        int runner = target.current();
        if (runner == thread || inferior.coreOf(runner) != timeline.view().currentCore()) {
            return null;
        }
        Place.Code code = target.breakpoint(runner);
        return code == null ? null : new Halt.Breakpoint(runner, code.hardware());
    }

    /** Lets the others run until a thread is on a core again: to the event that says so, where the journal holds events. */
    private @Nullable Halt whileOff(int thread, BooleanSupplier interrupted) {
        if (!signals.told()) {
            return null;
        }
        Optional<GuestEvent> switched = timeline.nextEvent(timeline.position(),
                new Condition.Event("a switch to task " + thread,
                        event -> event instanceof KittenEvent.TaskSwitched to && to.to() == thread));
        Position limit = switched.map(event -> new Position(event.at().tick(), event.at().sequence() + 1)).orElse(null);
        return target.forwardTo(limit, interrupted);
    }

    /** Runs the instruction before here again, with watchpoints. */
    private @Nullable Halt watched(Position before) {
        Position after = timeline.position();
        timeline.seek(before);
        Condition[] watches = target.conditions().stream().filter(Condition.Memory.class::isInstance)
                .toArray(Condition[]::new);
        Halt halt = null;
        while (halt == null && timeline.position().compareTo(after) < 0) {
            Stop stop = timeline.forward(after, watches);
            halt = stop.reason() == Stop.Reason.INTERRUPTED
                    ? new Halt.Interrupted(target.current())
                    : stop.met() ? target.judged(stop) : null;
        }
        if (timeline.position().compareTo(after) != 0) {
            timeline.seek(after);
        }
        return halt;
    }

    // Backward.

    /** One step of a thread back. */
    Halt backward(int thread, BooleanSupplier interrupted) {
        Position here = timeline.position();
        Map<Place.Data, byte[]> values = values();
        Position end = ranBefore(thread, here);
        for (long window = 1;; window *= WINDOW_FACTOR) {
            Position start = new Position(Math.max(0, end.tick() - window), 0);
            Position last = lastStep(thread, start, end);
            if (last != null) {
                timeline.seek(last);
                return changed(values).map(place -> (Halt) new Halt.Watch(thread, place))
                        .orElse(new Halt.Stepped(thread));
            }
            if (start.compareTo(timeline.first()) <= 0) {
                timeline.seek(timeline.first());
                return new Halt.Beginning(target.current());
            }
            if (interrupted.getAsBoolean()) {
                timeline.seek(here);
                return new Halt.Interrupted(thread);
            }
        }
    }

    /** Where a thread that is off its core left it, or here. */
    private Position ranBefore(int thread, Position here) {
        if (!signals.told() || inferior.coreOf(thread) >= 0) {
            return here;
        }
        return timeline.previousEvent(here, new Condition.Event("a switch from task " + thread,
                event -> event instanceof KittenEvent.TaskSwitched to && to.from() == thread)).map(GuestEvent::at)
                .map(at -> new Position(at.tick(), at.sequence() + 1)).orElse(here);
    }

    /**
     * Where a thread stood before the last step that it made between two positions, or null. What it does without a step, such as
     * faulting a page in, belongs to the step that follows.
     */
    private @Nullable Position lastStep(int thread, Position start, Position end) {
        timeline.seek(start);
        Position stood = timeline.position();
        Position last = null;
        // The turn in which it left its core reaches beyond the event that says so.
        while (timeline.position().compareTo(end) < 0 && !timeline.atEnd()) {
            boolean runs = runs(thread);
            Turned turned = turn(thread);
            if (turned != Turned.NOTHING) {
                last = stood;
            }
            if (turned != Turned.NOTHING || !runs) {
                stood = timeline.position();
            }
        }
        return last;
    }

    private Map<Place.Data, byte[]> values() {
        Map<Place.Data, byte[]> values = new HashMap<>();
        for (Place.Data place : target.watched()) {
            values.put(place, value(place));
        }
        return values;
    }

    private byte[] value(Place.Data place) {
        return inferior.memory(inferior.firstThread(), place.address(), place.bytes());
    }

    private Optional<Place.Data> changed(Map<Place.Data, byte[]> values) {
        return values.entrySet().stream().filter(entry -> entry.getKey().counts(true))
                .filter(entry -> !Arrays.equals(entry.getValue(), value(entry.getKey()))).map(Map.Entry::getKey)
                .findFirst();
    }
}
