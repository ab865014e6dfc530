package chronovisor.debug;

import chronovisor.journal.GuestEvent;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.kitten.abi.Signals;
import chronovisor.replay.Fidelity;
import chronovisor.timeline.Condition;
import chronovisor.timeline.Timeline;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The signals that the program's tasks get, and the system calls that the client wants to know of, from the journal's events. They
 * are reported at the last stop before the kernel delivers or enters them, so that the instruction they happen at can be looked
 * at. A journal that was recorded without events has none to tell.
 */
final class RecordedSignals {

    private final Timeline timeline;
    private final Inferior inferior;
    private final boolean told;
    private Set<Integer> passed = Set.of();
    private CaughtSyscalls syscalls = CaughtSyscalls.NONE;

    /** What was reported last, and where it stood then: it is not reported again there. */
    private @Nullable GuestEvent reported;
    private Position reportedAt = Position.START;

    /** The answer of the last look: from where on, and what; so that each step does not look anew. */
    private @Nullable Position lookedFrom;
    private @Nullable GuestEvent found;

    RecordedSignals(Timeline timeline, Inferior inferior) {
        this.timeline = timeline;
        this.inferior = inferior;
        this.told = Fidelity.parse(timeline.header().property("fidelity")) != Fidelity.INPUTS;
    }

    /** Whether the journal holds events. */
    boolean told() {
        return told;
    }

    /** Signals that are not to be reported. */
    void passed(Set<Integer> signals) {
        if (!signals.equals(passed)) {
            passed = signals;
            lookedFrom = null;
        }
    }

    /** System calls that are to be reported. */
    void syscalls(CaughtSyscalls caught) {
        if (!caught.equals(syscalls)) {
            syscalls = caught;
            lookedFrom = null;
        }
    }

    /** The next event from here on that is to be reported, or null. */
    @Nullable
    GuestEvent next() {
        if (!told) {
            return null;
        }
        Position here = timeline.position();
        Position from = reported != null && here.equals(reportedAt) ? after(reported) : here;
        boolean known = lookedFrom != null && lookedFrom.compareTo(from) <= 0
                && (found == null || found.at().compareTo(from) >= 0);
        if (!known) {
            found = timeline.nextEvent(from, condition()).orElse(null);
            lookedFrom = from;
        }
        return found;
    }

    /** Goes to the last stop before an event and reports it. */
    Halt report(GuestEvent event) {
        timeline.seekBefore(event.at());
        reported = event;
        reportedAt = timeline.position();
        return switch (event) {
            case KittenEvent.SignalDelivered signal ->
                new Halt.Signal(signal.task(), TimelineTarget.info(timeline, signal));
            case KittenEvent.SyscallEntered entered -> new Halt.Syscall(entered.task(), entered.number(), false);
            case KittenEvent.SyscallReturned returned -> {
                timeline.seek(after(event));
                reportedAt = timeline.position();
                yield new Halt.Syscall(returned.task(), returned.number(), true);
            }
            case GuestEvent other -> throw new IllegalStateException("not to be reported: " + other);
        };
    }

    private static Position after(GuestEvent event) {
        return new Position(event.at().tick(), event.at().sequence() + 1);
    }

    /** For searches backwards. */
    List<Condition> conditions() {
        return told ? List.of(condition()) : List.of();
    }

    private Condition.Event condition() {
        return new Condition.Event("a signal or system call of the program", event -> switch (event) {
            case KittenEvent.SignalDelivered signal -> signal.signal() != Signals.SIGKILL
                    && !passed.contains(GdbSignals.ofLinux(signal.signal())) && isOurs(signal.task());
            case KittenEvent.SyscallEntered entered -> syscalls.contains(entered.number()) && isOurs(entered.task());
            case KittenEvent.SyscallReturned returned -> syscalls.contains(returned.number())
                    && isOurs(returned.task());
            case GuestEvent other -> false;
        });
    }

    /** A task that is not there now may become the program's. */
    private boolean isOurs(int task) {
        return inferior.owns(task) || inferior.registers(task).isEmpty();
    }
}
