package chronovisor.analysis;

import chronovisor.journal.GuestEvent;
import chronovisor.journal.Position;
import chronovisor.replay.Fork;
import chronovisor.replay.MachineParts;
import chronovisor.replay.MachineSetup;
import chronovisor.replay.Session;
import chronovisor.timeline.Timeline;
import chronovisor.vmm.RunResult;
import chronovisor.vmm.Schedule;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/** Forks that nothing is kept of, each compared with the failure of the recorded run. */
final class Attempts {

    /** A fork may run so many times as long as the run still did, and some more, before it is given up. */
    private static final int TIMES_MAX = 4;
    private static final long TICKS_MORE = 20_000_000;

    private final Timeline timeline;
    private final MachineParts parts;
    private final History history;
    private final Ending ending;
    private final Predicate<GuestEvent> failure;
    private final boolean byEvent;
    private final Position last;

    /** Attempts at avoiding the way the run ended. */
    Attempts(Timeline timeline, MachineParts parts, History history, Ending ending) {
        this(timeline, parts, history, ending, event -> false, false);
    }

    private Attempts(Timeline timeline, MachineParts parts, History history, Ending ending,
            Predicate<GuestEvent> failure, boolean byEvent) {
        this.timeline = timeline;
        this.parts = parts;
        this.history = history;
        this.ending = ending;
        this.failure = failure;
        this.byEvent = byEvent;
        this.last = timeline.last();
    }

    /** The same, but what is to be avoided is an event. */
    Attempts until(Predicate<GuestEvent> event) {
        return new Attempts(timeline, parts, history, ending, event, true);
    }

    /** A fork from the last stop before a position, or from the first. */
    Attempt from(Position before, String change, Fork.Changes changes) {
        timeline.seekBefore(before);
        return here(change, changes);
    }

    /** A fork from where the timeline stands. */
    Attempt here(String change, Fork.Changes changes) {
        Position from = timeline.position();
        long limit = from.tick() + TIMES_MAX * (last.tick() - from.tick()) + TICKS_MORE;
        History future = history.continued();
        boolean[] met = {false};
        try (Session session = timeline.attempt(changes, parts)) {
            session.listen(event -> {
                future.accept(event);
                if (byEvent && !met[0] && failure.test(event)) {
                    met[0] = true;
                    session.vm().stops().stop("what was waited for has happened");
                }
            });
            RunResult result = session.run(limit);
            return judged(change, from, result, session.position(), future, met[0]);
        } catch (IllegalStateException | IllegalArgumentException e) {
            return new Attempt(change, from, Attempt.Outcome.OTHER, "cannot be: " + e.getMessage());
        }
    }

    private Attempt judged(String change, Position from, RunResult result, Position at, History future, boolean met) {
        if (byEvent && met) {
            return new Attempt(change, from, Attempt.Outcome.SAME, "it happened again, at " + at);
        }
        if (result.kind() == RunResult.Kind.TICK_REACHED) {
            return new Attempt(change, from, Attempt.Outcome.UNFINISHED, String.format(Locale.ROOT,
                    "had not failed %,d instructions later", at.tick() - from.tick()));
        }
        future.end();
        Ending other = Ending.of(result, true, at, future);
        if (byEvent) {
            return new Attempt(change, from, Attempt.Outcome.PASSED, "it did not happen; " + other.words() + " at "
                    + at);
        }
        boolean same = other.kind() == ending.kind() && other.signal() == ending.signal()
                && other.status() == ending.status();
        Attempt.Outcome outcome = same
                ? Attempt.Outcome.SAME
                : other.kind() == Ending.Kind.FINE ? Attempt.Outcome.PASSED : Attempt.Outcome.OTHER;
        String words = switch (outcome) {
            case SAME -> "failed in the same way at " + other.at();
            case PASSED -> "passed: " + other.words() + " at " + at;
            case OTHER -> "failed in another way: " + other.words() + " at " + other.at();
            case UNFINISHED -> "";
        };
        return new Attempt(change, from, outcome, words);
    }

    /** Nothing changed. */
    Fork.Changes unchanged() {
        return Fork.Changes.none(timeline.setup());
    }

    /**
     * One switch of the kernel turned on.
     *
     * @throws IllegalArgumentException
     *             when there is no such switch
     */
    Fork.Changes patched(String patch) {
        MachineSetup setup = timeline.setup();
        return Fork.Changes.none(setup.with(setup.kernel().withPatch(patch, true), setup.configuration()));
    }

    /** Another schedule. */
    Fork.Changes scheduled(Schedule schedule) {
        MachineSetup setup = timeline.setup();
        return Fork.Changes.none(setup.with(setup.kernel(), setup.configuration().withSchedule(schedule)));
    }

    /** Other random numbers from here on. */
    Fork.Changes seeded(long seed) {
        return new Fork.Changes(timeline.setup(), seed, List.of(), Map.of());
    }
}
