package chronovisor.debug;

import chronovisor.journal.GuestEvent;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.kitten.task.SignalInfo;
import chronovisor.timeline.Condition;
import chronovisor.timeline.Stop;
import chronovisor.timeline.Timeline;
import chronovisor.timeline.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A recorded run as a target: going on is running the recording, going back is searching it. Nothing can be changed here: see
 * {@link DivertedTarget}.
 */
final class TimelineTarget implements Target {

    /** How far it goes before it looks whether it is interrupted: a fraction of a second of an interpreter. */
    private static final long PART_TICKS = 16 << 20;

    private final Timeline timeline;
    private final Inferior inferior;
    private final RecordedSignals signals;
    private final Stepper stepper;
    private final Bookmarks bookmarks;
    private Set<Place> places = Set.of();

    /** Takes the timeline over, and closes it. */
    TimelineTarget(Timeline timeline, GdbServer.Forks forks) {
        this.timeline = timeline;
        this.inferior = new Inferior(timeline::view);
        this.signals = new RecordedSignals(timeline, inferior);
        this.stepper = new Stepper(this, timeline, inferior, signals);
        this.bookmarks = new Bookmarks(timeline, forks);
    }

    @Override
    public View view() {
        return timeline.view();
    }

    @Override
    public Position position() {
        return timeline.position();
    }

    @Override
    public Inferior inferior() {
        return inferior;
    }

    @Override
    public boolean reverses() {
        return true;
    }

    @Override
    public void places(Set<Place> wanted, CaughtSyscalls syscalls) {
        places = Set.copyOf(wanted);
        signals.syscalls(syscalls);
    }

    @Override
    public Halt resume(Plan plan, Client client) {
        BooleanSupplier interrupted = client::interrupted;
        signals.passed(plan.passed());
        timeline.interruptWhen(interrupted);
        try {
            return switch (plan.way()) {
                case CONTINUE -> forward(interrupted);
                case STEP -> stepper.forward(plan.task(), interrupted);
                case STEP_RANGE -> stepper.range(plan, interrupted);
                case REVERSE_CONTINUE -> backward();
                case REVERSE_STEP -> stepper.backward(plan.task(), interrupted);
            };
        } finally {
            timeline.interruptWhen(() -> false);
        }
    }

    // Forward.

    private Halt forward(BooleanSupplier interrupted) {
        Halt halt = forwardTo(null, interrupted);
        return halt == null ? end() : halt;
    }

    /** Goes on to a position, or to the end of the recording; null when there is nothing to report on the way. */
    @Nullable
    Halt forwardTo(@Nullable Position limit, BooleanSupplier interrupted) {
        while (!timeline.atEnd()) {
            GuestEvent told = signals.next();
            Position goal = told == null ? limit : limit == null ? told.at() : earlier(told.at(), limit);
            Position here = timeline.position();
            if (goal == null || here.compareTo(goal) < 0) {
                Position part = new Position(here.tick() + PART_TICKS, 0);
                Halt halt = part(goal == null ? part : earlier(part, goal));
                if (halt != null) {
                    return halt;
                }
            }
            if (goal != null && timeline.position().compareTo(goal) >= 0) {
                return told != null && goal.equals(told.at()) ? signals.report(told) : null;
            }
            if (interrupted.getAsBoolean()) {
                return new Halt.Interrupted(current());
            }
        }
        return null;
    }

    private static Position earlier(Position a, Position b) {
        return a.compareTo(b) <= 0 ? a : b;
    }

    /** Goes on to a position; null when nothing was met that counts. */
    private @Nullable Halt part(Position goal) {
        while (true) {
            List<Condition> conditions = conditions();
            if (conditions.isEmpty()) {
                timeline.seek(goal);
                return null;
            }
            Stop stop = timeline.forward(goal, conditions.toArray(Condition[]::new));
            if (stop.reason() == Stop.Reason.INTERRUPTED) {
                // The search has taken the interrupt from the client: whoever asks again hears nothing of it.
                return new Halt.Interrupted(current());
            }
            if (!stop.met()) {
                return null;
            }
            Halt halt = judged(stop);
            if (halt != null) {
                return halt;
            }
        }
    }

    /** The end, or where there is still something to look at before it: a session goes back from there. */
    Halt end() {
        String reason = "The recording ends at " + timeline.position() + ": " + (timeline.endReason().isEmpty()
                ? "it was stopped there."
                : timeline.endReason() + ".");
        Position last = timeline.position();
        int thread = inferior.firstThread();
        if (thread >= 0 && inferior.owns(thread)) {
            return new Halt.End(current(), reason);
        }
        Optional<GuestEvent> exit = timeline.previousEvent(new Position(last.tick() + 1, 0),
                new Condition.Event("a task's end", event -> event instanceof KittenEvent.TaskExited));
        timeline.seekBefore(exit.map(GuestEvent::at).orElse(new Position(last.tick(), 0)));
        thread = exit.map(TimelineTarget::taskOf).filter(inferior.threads()::contains).orElse(current());
        return thread < 0 ? new Halt.Exited(-1, 0, 0, reason) : new Halt.End(thread, reason);
    }

    private static int taskOf(GuestEvent event) {
        return event instanceof KittenEvent.TaskExited exited ? exited.task() : -1;
    }

    // Backward.

    private Halt backward() {
        while (true) {
            long tick = timeline.position().tick();
            long rip = timeline.view().rip(timeline.view().currentCore());
            List<Condition> conditions = conditions();
            conditions.addAll(signals.conditions());
            if (conditions.isEmpty()) {
                timeline.seek(timeline.first());
                return new Halt.Beginning(current());
            }
            Stop stop = timeline.backward(conditions.toArray(Condition[]::new));
            if (stop.reason() == Stop.Reason.INTERRUPTED) {
                return new Halt.Interrupted(current());
            }
            if (!stop.met()) {
                return new Halt.Beginning(current());
            }
            GuestEvent event = stop.event();
            if (event != null) {
                return signals.report(event);
            }
            // An instruction that faulted in a page began more than once at its tick: that is one place.
            boolean same = stop.condition() instanceof Condition.Address && timeline.position().tick() == tick
                    && timeline.view().rip(timeline.view().currentCore()) == rip;
            Halt halt = same ? null : judged(stop);
            if (halt != null) {
                return halt;
            }
        }
    }

    // What is met.

    /** Breakpoints in all address spaces, as new ones may come; watchpoints in the program's, as long as it lives. */
    List<Condition> conditions() {
        List<Condition> conditions = new ArrayList<>();
        Long root = inferior.root().orElse(null);
        for (Place place : places) {
            switch (place) {
                case Place.Code code -> conditions.add(Condition.address(code.address()));
                case Place.Data data -> {
                    if (root != null) {
                        conditions.add(new Condition.Memory(root, data.address(), data.bytes(),
                                data.kind() != Place.Kind.WRITE));
                    }
                }
            }
        }
        return conditions;
    }

    /** Whether some watchpoint is set. */
    boolean watches() {
        return places.stream().anyMatch(Place.Data.class::isInstance);
    }

    /** The watchpoints. */
    List<Place.Data> watched() {
        return places.stream().filter(Place.Data.class::isInstance).map(Place.Data.class::cast).toList();
    }

    /** The breakpoint that a thread stands at, or null. */
    Place.@Nullable Code breakpoint(int thread) {
        long rip = inferior.rip(thread);
        for (Place place : places) {
            if (place instanceof Place.Code code && code.address() == rip && inferior.runsProgram(thread)) {
                return code;
            }
        }
        return null;
    }

    /** What a condition that was met means to the client; null when it means nothing. */
    @Nullable
    Halt judged(Stop stop) {
        return switch (stop.condition()) {
            case Condition.Address address -> {
                int thread = current();
                Place.Code code = breakpoint(thread);
                yield code == null ? null : new Halt.Breakpoint(thread, code.hardware());
            }
            case Condition.Memory(long root, long address, int bytes, boolean reads) -> {
                chronovisor.timeline.Access access = stop.access();
                int thread = access == null ? current() : inferior.threadOn(access.core());
                yield inferior.root().filter(now -> now == root).isEmpty() || access == null
                        ? null
                        : watched().stream()
                                .filter(data -> data.address() == address && data.bytes() == bytes
                                        && data.kind() != Place.Kind.WRITE == reads && data.counts(access.write()))
                                .findFirst().map(data -> (Halt) new Halt.Watch(thread, data)).orElse(null);
            }
            case Condition.Register register -> null;
            case Condition.Event event -> null;
            case Condition.ConsoleText text -> null;
            case null -> null;
        };
    }

    /** The thread that runs, or is meant when none does. */
    int current() {
        return inferior.threadOn(timeline.view().currentCore());
    }

    // What a recording refuses, and what only a recording can do.

    @Override
    public void write(int task, long address, byte[] bytes) throws Refused {
        throw new Refused("what was recorded has happened: a change begins a diversion");
    }

    @Override
    public void write(int task, RegisterFile registers) throws Refused {
        throw new Refused("what was recorded has happened: a change begins a diversion");
    }

    @Override
    public String command(String name, String argument) throws Refused {
        String output = bookmarks.command(name, argument);
        if (inferior.threads().isEmpty()) {
            // After the end, or where no program runs: the client wants a thread to look at.
            end();
            return timeline.position() + "\n";
        }
        return output;
    }

    @Override
    public String help() {
        return Bookmarks.HELP;
    }

    @Override
    public void kill() {
        // What was recorded has happened.
    }

    @Override
    public void close() {
        timeline.close();
    }

    /** What the event says of the signal, as far as the journal holds it. */
    static SignalInfo info(Timeline timeline, KittenEvent.SignalDelivered delivered) {
        Position cause = delivered.cause();
        return cause != null && timeline.event(cause).orElse(null) instanceof KittenEvent.SignalSent sent
                ? new SignalInfo(delivered.signal(), sent.code(), 0, 0, sent.address(), 0, 0)
                : SignalInfo.kernel(delivered.signal());
    }
}
