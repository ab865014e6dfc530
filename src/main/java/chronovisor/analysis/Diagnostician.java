package chronovisor.analysis;

import chronovisor.journal.GuestEvent;
import chronovisor.journal.InputEvent;
import chronovisor.journal.Position;
import chronovisor.replay.Fidelity;
import chronovisor.replay.MachineParts;
import chronovisor.timeline.Condition;
import chronovisor.timeline.Timeline;
import chronovisor.vmm.RunResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds out why a recorded run ended as it did.
 *
 * <pre>
 * try (Timeline timeline = Timeline.open(folder, parts)) {
 *     Diagnosis diagnosis = new Diagnostician(timeline, parts).diagnose(true);
 * }
 * </pre>
 *
 * The timeline stands anywhere afterwards. What it says depends on the journal alone: no host time decides how much is tried.
 */
public final class Diagnostician {

    /** From this on a suspect explains what happened. */
    private static final int FOUND = 80;
    /** From this on a suspect is no guess, and no schedule needs to be tried. */
    private static final int CERTAIN = 109;
    private static final int PATCHES_TESTED_MAX = 4;
    private static final int SHOWN_LINES_MAX = 6;
    /** What a fork that passes proves. */
    private static final int PROVEN = 100;

    private final Timeline timeline;
    private final MachineParts parts;
    private final History history = new History();
    private @Nullable Ending ending;

    /**
     * One for a run.
     *
     * @param parts
     *            what forks of it are put together from
     */
    public Diagnostician(Timeline timeline, MachineParts parts) {
        this.timeline = timeline;
        this.parts = parts;
    }

    /**
     * Finds out.
     *
     * @param tests
     *            whether suspects are tested by forks
     * @throws chronovisor.journal.JournalException
     *             when the journal is damaged, or its replay diverges
     */
    public Diagnosis diagnose(boolean tests) {
        Ending end = ending();
        Evidence evidence = new Evidence(new Scene(timeline), history, end);
        if (end.kind() == Ending.Kind.FINE) {
            return new Diagnosis("fine", end.words(), end.at(), "none", "nothing failed: " + end.words(), null,
                    List.of(), List.of(), List.of());
        }
        Position failure = switch (end.kind()) {
            case KILLED, KERNEL_STOPPED -> new CrashCase(evidence).look();
            case HUNG -> new HangCase(evidence).look();
            case FAILED, MACHINE, CUT, FINE -> new EndCase(evidence).look();
        };
        new CallSuspects(evidence).look();
        RaceCase race = new RaceCase(evidence);
        race.pipes(end.at());
        if (end.kind() != Ending.Kind.HUNG) {
            new LostWakeUps(evidence).timedOut(end.at());
        }
        boolean found = evidence.suspects.stream().anyMatch(suspect -> suspect.weight() >= FOUND);
        if (!found && (end.kind() == Ending.Kind.KILLED || end.kind() == Ending.Kind.FAILED)) {
            new FreedAccess(evidence).look(end.task(), failure);
        }
        shown(evidence);
        List<Attempt> attempts = tests ? test(evidence, race, failure) : List.of();
        evidence.suspects.sort(Comparator.comparingInt((Suspect suspect) -> -suspect.weight()));
        return concluded(evidence, attempts);
    }

    /**
     * Finds the latest position from which an event, or the way the run ended, can still be avoided.
     *
     * @param until
     *            the event; null for the end
     * @param seeds
     *            how many schedules and how many seeds of entropy are tried from each position
     * @param most
     *            how many forks at most
     * @throws IllegalArgumentException
     *             when there is no such event, or nothing has failed, or the forks are not enough for one position
     */
    public Bisection.Result bisect(@Nullable Predicate<GuestEvent> until, int seeds, int most) {
        Ending end = ending();
        Attempts attempts = new Attempts(timeline, parts, history, end);
        Position failure = end.at();
        if (until != null) {
            Optional<GuestEvent> event = timeline.nextEvent(Position.START, new Condition.Event("until", until));
            failure = event.map(GuestEvent::at)
                    .orElseThrow(() -> new IllegalArgumentException("nothing like that is in the journal"));
            attempts = attempts.until(until);
        } else if (end.kind() == Ending.Kind.FINE) {
            throw new IllegalArgumentException("nothing failed: " + end.words());
        }
        List<Bisection.Variant> variants = new ArrayList<>(Bisection.schedules(timeline, attempts, seeds));
        boolean draws = timeline.nextEvent(timeline.first(),
                new Condition.Event("entropy", event -> event instanceof InputEvent.EntropyDrawn)).isPresent();
        for (long seed = 1; draws && seed <= seeds; seed++) {
            variants.add(new Bisection.Variant("entropy seed " + seed, attempts.seeded(seed)));
        }
        if (most < variants.size()) {
            throw new IllegalArgumentException(
                    variants.size() + " futures are to be tried from each position, with " + most + " forks at most");
        }
        return new Bisection(timeline, attempts, variants, most).before(failure);
    }

    /** What happened between two positions of a bisection, in words. */
    public List<String> decision(Bisection.Result result) {
        Position avoidable = result.avoidable();
        Evidence evidence = new Evidence(new Scene(timeline), history, ending());
        return avoidable == null ? List.of() : new RaceCase(evidence).decision(avoidable, result.inevitable());
    }

    /** How the run ended, in words with its position. */
    public String end() {
        return ending().words() + " at " + ending().at();
    }

    private Ending ending() {
        Ending known = ending;
        if (known != null) {
            return known;
        }
        if (Fidelity.parse(timeline.header().property("fidelity")) == Fidelity.INPUTS) {
            // The journal tells causes only: its effects are seen when it runs again.
            timeline.seek(timeline.first());
            timeline.listen(history::accept);
            timeline.seek(timeline.last());
            timeline.listen(event -> {});
        } else {
            timeline.nextEvent(Position.START, new Condition.Event("all", event -> {
                history.accept(event);
                return false;
            }));
        }
        history.end();
        timeline.seek(timeline.last());
        RunResult result = timeline.result();
        Ending found = Ending.of(result, timeline.map().ended(), timeline.position(), history);
        ending = found;
        return found;
    }

    private void shown(Evidence evidence) {
        List<String> lines = new ArrayList<>();
        history.shown.forEach((device, text) -> {
            List<String> all = text.strip().lines().toList();
            all.subList(Math.max(0, all.size() - SHOWN_LINES_MAX), all.size())
                    .forEach(line -> lines.add(device + "| " + line));
        });
        evidence.find("the last lines that were shown", lines);
    }

    // Tests.

    private List<Attempt> test(Evidence evidence, RaceCase race, Position failure) {
        Attempts attempts = new Attempts(timeline, parts, history, evidence.ending);
        List<Attempt> done = new ArrayList<>();
        boolean avoided = false;
        Set<String> patches = new LinkedHashSet<>();
        List<Suspect> ranked = new ArrayList<>(evidence.suspects);
        ranked.sort(Comparator.comparingInt((Suspect suspect) -> -suspect.weight()));
        for (Suspect suspect : ranked) {
            String patch = suspect.patch();
            if (patch == null || patches.size() >= PATCHES_TESTED_MAX || !patches.add(patch) || avoided) {
                continue;
            }
            Position from = before(suspect);
            if (done.isEmpty()) {
                done.add(attempts.from(from, "nothing changed", attempts.unchanged()));
            }
            Attempt attempt = attempts.from(from, "switch " + patch + " on", attempts.patched(patch));
            done.add(attempt);
            avoided = attempt.avoided();
            if (avoided) {
                proven(evidence, suspect);
            }
        }
        boolean sure = evidence.suspects.stream().anyMatch(suspect -> suspect.weight() >= CERTAIN);
        if (!avoided && !sure && race.possible()) {
            if (done.isEmpty()) {
                done.add(attempts.from(failure, "nothing changed", attempts.unchanged()));
            }
            Attempt attempt = race.schedules(attempts, failure);
            if (attempt != null) {
                done.add(attempt);
            }
        }
        if (done.isEmpty()) {
            done.add(attempts.from(failure, "nothing changed", attempts.unchanged()));
        }
        return done;
    }

    /** A fork begins before anything that its change is about. */
    private Position before(Suspect suspect) {
        Position first = suspect.at();
        for (Position position : suspect.evidence()) {
            first = position.compareTo(first) < 0 ? position : first;
        }
        if (suspect.kind().equals("stub")) {
            // Those that were made earlier did nothing either.
            for (History.Called call : history.protections) {
                first = call.at().compareTo(first) < 0 ? call.at() : first;
            }
        }
        return first.compareTo(timeline.first()) < 0 ? timeline.first() : first;
    }

    private static void proven(Evidence evidence, Suspect suspect) {
        evidence.suspects.replaceAll(each -> Objects.equals(each.patch(), suspect.patch())
                ? each.withWeight(each.weight() + PROVEN)
                : each);
    }

    private Diagnosis concluded(Evidence evidence, List<Attempt> attempts) {
        Ending end = evidence.ending;
        String kind = evidence.suspects.isEmpty() ? "unknown" : evidence.suspects.getFirst().kind();
        String cause = evidence.suspects.isEmpty()
                ? "nothing was found that explains it"
                : evidence.suspects.getFirst().text();
        Position at = evidence.suspects.isEmpty() ? null : evidence.suspects.getFirst().at();
        return new Diagnosis(end.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'), end.words(), end.at(), kind,
                cause, at, evidence.findings, evidence.suspects, attempts);
    }
}
