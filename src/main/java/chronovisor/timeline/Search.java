package chronovisor.timeline;

import chronovisor.journal.GuestEvent;
import chronovisor.journal.Position;
import chronovisor.memory.PageTables;
import chronovisor.replay.Fidelity;
import chronovisor.replay.ReplaySession;
import chronovisor.vmm.Core;
import chronovisor.vmm.Stops;
import chronovisor.vmm.VirtualMachine;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One search for the place where a condition is met. Conditions on events are answered from the journal where it holds
 * events; the others by running with breakpoints and watchpoints, segment by segment.
 */
final class Search {

    /** A place where a condition is met: for addresses the stop, for the others the position right after. */
    private record Hit(Condition condition, Position at, @Nullable GuestEvent event, long physical, int bytes,
            boolean write) {}

    private final Timeline timeline;
    private final ReplaySession session;
    private final VirtualMachine vm;
    private final Snapshots snapshots;
    private final EventScan events;
    private final List<Condition> scanned = new ArrayList<>();
    private final List<Condition> run = new ArrayList<>();
    private final List<Stops.Registration> registered = new ArrayList<>();
    private @Nullable Hit hit;
    private boolean first;
    private boolean stopped;
    private Position begun = Position.START;

    Search(Timeline timeline, ReplaySession session, Snapshots snapshots, EventScan events,
            List<Condition> conditions) {
        this.timeline = timeline;
        this.session = session;
        this.vm = session.vm();
        this.snapshots = snapshots;
        this.events = events;
        boolean told = Fidelity.parse(session.header().property("fidelity")) != Fidelity.INPUTS;
        for (Condition condition : conditions) {
            boolean onEvents = condition instanceof Condition.Event || condition instanceof Condition.ConsoleText;
            (onEvents && told ? scanned : run).add(resolved(condition));
        }
    }

    private Condition resolved(Condition condition) {
        return condition instanceof Condition.Memory(long root, long address, int bytes, boolean reads)
                && root == Condition.ANY
                        ? new Condition.Memory(vm.currentCore().cpu().cr3 & PageTables.ADDRESS, address, bytes, reads)
                        : condition;
    }

    // Forward.

    Stop forward(Position limit) {
        Position from = timeline.position();
        Hit told = scanForward(from);
        Position until = told != null && told.at.compareTo(limit) < 0 ? told.at : limit;
        if (!run.isEmpty()) {
            first = true;
            runSegment(until);
            Hit found = hit;
            if (found != null) {
                return stopAfter(found);
            }
            if (stopped) {
                return interrupted();
            }
        }
        timeline.seek(until);
        if (told != null && told.at.compareTo(limit) <= 0) {
            return new Stop(Stop.Reason.CONDITION, timeline.position(), told.condition, told.event, null);
        }
        return new Stop(Stop.Reason.END, timeline.position(), null, null, null);
    }

    private Stop interrupted() {
        return new Stop(Stop.Reason.INTERRUPTED, timeline.position(), null, null, null);
    }

    private Stop stopAfter(Hit found) {
        Access access = null;
        switch (found.condition) {
            case Condition.Memory memory -> access = locate(found);
            // Events do not end a run; it has gone on.
            case Condition.Event event -> timeline.seek(found.at);
            case Condition.ConsoleText text -> timeline.seek(found.at);
            case Condition.Address address -> {
                // The run has ended there.
            }
            case Condition.Register register -> {
                // The run has ended there.
            }
        }
        return new Stop(Stop.Reason.CONDITION, timeline.position(), found.condition, found.event, access);
    }

    private @Nullable Hit scanForward(Position from) {
        Hit best = null;
        for (Condition condition : scanned) {
            GuestEvent event = switch (condition) {
                case Condition.Event wanted -> events.next(from, wanted.matches());
                case Condition.ConsoleText text -> events.nextText(from, text);
                case Condition other -> null;
            };
            if (event != null && (best == null || event.at().compareTo(best.at) < 0)) {
                best = new Hit(condition, after(event), event, 0, 0, false);
            }
        }
        return best;
    }

    private static Position after(GuestEvent event) {
        return new Position(event.at().tick(), event.at().sequence() + 1);
    }

    // Backward.

    Stop backward() {
        Position from = timeline.position();
        Hit told = scanBackward(from);
        Position end = from;
        if (!run.isEmpty()) {
            for (Position start : timeline.statesBefore(from)) {
                timeline.seek(start);
                runSegment(end);
                if (stopped) {
                    return interrupted();
                }
                if (hit != null || told != null && start.compareTo(told.at) <= 0) {
                    break;
                }
                end = start;
            }
        }
        Hit found = hit;
        if (found == null || told != null && told.at.compareTo(found.at) > 0) {
            found = told;
        }
        if (found == null) {
            timeline.seek(timeline.first());
            return new Stop(Stop.Reason.BEGINNING, timeline.position(), null, null, null);
        }
        return stopBefore(found);
    }

    private Stop stopBefore(Hit found) {
        Access access = null;
        switch (found.condition) {
            case Condition.Address address -> timeline.seek(found.at);
            case Condition.Memory memory -> {
                access = locate(found);
                timeline.seek(access.before());
            }
            case Condition.Register register -> timeline.seek(new Position(Math.max(0, found.at.tick() - 1), 0));
            case Condition.Event event -> timeline.seekBefore(before(found));
            case Condition.ConsoleText text -> timeline.seekBefore(before(found));
        }
        return new Stop(Stop.Reason.CONDITION, timeline.position(), found.condition, found.event, access);
    }

    private static Position before(Hit found) {
        return new Position(found.at.tick(), found.at.sequence() - 1);
    }

    private @Nullable Hit scanBackward(Position from) {
        Hit best = null;
        for (Condition condition : scanned) {
            GuestEvent event = switch (condition) {
                case Condition.Event wanted -> events.previous(from, wanted.matches());
                case Condition.ConsoleText text -> events.previousText(from, text);
                case Condition other -> null;
            };
            // What happened during boot is before the first stop: one cannot go back to before it.
            if (event != null && event.at().compareTo(timeline.first()) >= 0
                    && (best == null || event.at().compareTo(best.at) >= 0)) {
                best = new Hit(condition, after(event), event, 0, 0, false);
            }
        }
        return best;
    }

    // Running.

    /** Runs from where the session stands to a position; leaves the first or the last hit in {@link #hit}. */
    private void runSegment(Position until) {
        hit = null;
        begun = timeline.position();
        Core beginner = vm.currentCore();
        List<EventScan.TextMatch> texts = new ArrayList<>();
        List<Condition.Register> registers = new ArrayList<>();
        for (Condition condition : run) {
            switch (condition) {
                case Condition.Address address -> registered.add(vm.stops().breakAt(address.address(),
                        core -> reached(address, core, beginner)));
                case Condition.Memory memory -> registered.add(vm.stops().watchLinear(memory.root(), memory.address(),
                        memory.bytes(), memory.reads(), (core, gpa, bytes, write) -> found(
                                new Hit(memory, session.position(), null, gpa, bytes, write))));
                case Condition.Register register -> registers.add(register);
                case Condition.ConsoleText text -> texts.add(new EventScan.TextMatch(text));
                case Condition.Event event -> {
                    // Told by the listener.
                }
            }
        }
        try {
            timeline.listenDuring(event -> look(event, texts), () -> run(until, registers));
        } finally {
            registered.forEach(Stops.Registration::close);
            registered.clear();
        }
    }

    private boolean reached(Condition.Address address, Core core, Core beginner) {
        Position here = session.position();
        boolean elsewhere = address.root() != Condition.ANY
                && (core.cpu().cr3 & PageTables.ADDRESS) != (address.root() & PageTables.ADDRESS);
        // Going on from an instruction does not stop at it at once.
        boolean standing = first && here.equals(begun) && core.index() == beginner.index();
        return !elsewhere && !standing && found(new Hit(address, here, null, 0, 0, false));
    }

    private void look(GuestEvent event, List<EventScan.TextMatch> texts) {
        int text = 0;
        for (Condition condition : run) {
            boolean met = switch (condition) {
                case Condition.Event wanted -> wanted.matches().test(event);
                case Condition.ConsoleText wanted -> texts.get(text++).completes(event);
                case Condition other -> false;
            };
            if (met) {
                found(new Hit(condition, after(event), event, 0, 0, false));
            }
        }
    }

    private boolean found(Hit next) {
        if (!first || hit == null) {
            hit = next;
        }
        return first;
    }

    private void run(Position until, List<Condition.Register> registers) {
        while (!session.over() && timeline.position().compareTo(until) < 0 && !(first && hit != null)) {
            stopped = timeline.interrupted();
            if (stopped) {
                return;
            }
            long tick = vm.tick();
            if (tick >= until.tick()) {
                session.turn();
            } else if (registers.isEmpty()) {
                session.run(Math.min(until.tick(), tick + Timeline.STRIDE_TICKS));
                if (hit == null || !first) {
                    keep();
                }
            } else {
                long[] before = values(registers);
                session.run(tick + 1);
                long[] now = values(registers);
                for (int i = 0; i < before.length; i++) {
                    if (before[i] != now[i]) {
                        found(new Hit(registers.get(i), session.position(), null, 0, 0, false));
                    }
                }
            }
        }
    }

    private void keep() {
        if (!session.over() && session.atFirstStop()) {
            snapshots.keep();
        }
    }

    private long[] values(List<Condition.Register> registers) {
        return registers.stream().mapToLong(register -> register.register() == 16
                ? vm.core(register.core()).cpu().rflags()
                : vm.core(register.core()).cpu().gpr[register.register()]).toArray();
    }

    /** Finds the stop before an access and who made it, by going there instruction by instruction; then stands after it. */
    private Access locate(Hit access) {
        Condition.Memory memory = (Condition.Memory) access.condition;
        timeline.seek(new Position(Math.max(0, access.at.tick() - 1), 0));
        Turn turn = new Turn();
        Stops.Registration watch = vm.stops().watchLinear(memory.root(), memory.address(), memory.bytes(),
                memory.reads(), (core, gpa, bytes, write) -> {
                    turn.told = true;
                    return false;
                });
        try (watch) {
            timeline.listenDuring(turn::happened, () -> {
                while (!session.over() && timeline.position().compareTo(access.at) <= 0
                        && (turn.last == null || timeline.position().compareTo(access.at) < 0)) {
                    Position before = timeline.position();
                    Core core = vm.currentCore();
                    long rip = core.cpu().rip;
                    turn.told = false;
                    turn.event = null;
                    session.turn();
                    if (turn.told) {
                        turn.last = new Access(before, core.index(), rip, access.physical, access.bytes, access.write,
                                turn.event);
                    }
                }
            });
        }
        Access found = turn.last;
        if (found == null) {
            throw new IllegalStateException("the access before " + access.at + " did not happen again");
        }
        return found;
    }

    /** What one turn of the machine has told. */
    private static final class Turn {
        private boolean told;
        private @Nullable GuestEvent event;
        private @Nullable Access last;

        void happened(GuestEvent next) {
            event = event == null ? next : event;
        }
    }
}
