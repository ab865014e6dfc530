package chronovisor.analysis;

import chronovisor.journal.Position;
import chronovisor.replay.Fork;
import chronovisor.timeline.Timeline;
import chronovisor.vmm.Schedule;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When a failure became inevitable: forks with other futures from earlier and earlier positions until one avoids it, then between
 * that position and the first from which none did.
 *
 * <pre>
 *   first ............ avoidable ──── inevitable ............ failure
 *                          │   halved    │     doubled distances  │
 *                          ◀─────────────┴────────────────────────┘
 * </pre>
 *
 * What cannot be avoided from a position by any of the futures that were tried may be avoidable by another one: the answer is as good
 * as the number of futures.
 */
public final class Bisection {

    /**
     * A future to try.
     *
     * @param words
     *            what is different in it
     */
    record Variant(String words, Fork.Changes changes) {}

    /**
     * What came of it.
     *
     * @param avoidable
     *            the latest position that was found from which the failure can still be avoided; null when there is none
     * @param by
     *            what avoided it from there
     * @param inevitable
     *            the earliest position from which no future that was tried avoids it
     * @param futures
     *            how many were tried from each position
     * @param attempts
     *            how many forks were run
     */
    public record Result(@Nullable Position avoidable, @Nullable Attempt by, Position inevitable, int futures,
            int attempts) {}

    /** A slice that is long against what a program does between two system calls. */
    private static final long ROUND_ROBIN_TICKS = 250_000;

    private final Timeline timeline;
    private final Attempts attempts;
    private final List<Variant> variants;
    private final int most;
    private int run;

    Bisection(Timeline timeline, Attempts attempts, List<Variant> variants, int most) {
        this.timeline = timeline;
        this.attempts = attempts;
        this.variants = variants;
        this.most = most;
    }

    /** Schedules to try instead of a machine's: one after the other, and so many drawn ones. */
    static List<Variant> schedules(Timeline timeline, Attempts attempts, int seeds) {
        Schedule own = timeline.setup().configuration().schedule();
        List<Variant> variants = new ArrayList<>();
        if (own instanceof Schedule.Chaos) {
            variants.add(new Variant("round robin instead of chaos",
                    attempts.scheduled(new Schedule.RoundRobin(ROUND_ROBIN_TICKS))));
        }
        for (long seed = 1; seed <= seeds; seed++) {
            Schedule drawn = new Schedule.Chaos(own instanceof Schedule.Chaos ? own.sliceTicks() : Schedule.CHAOS_TICKS,
                    seed);
            if (!drawn.equals(own)) {
                variants.add(new Variant("chaos seed " + seed, attempts.scheduled(drawn)));
            }
        }
        return variants;
    }

    /** Searches back from a failure. */
    Result before(Position failure) {
        Position inevitable = failure;
        Position avoidable = null;
        Attempt by = null;
        long distance = 1;
        while (enough()) {
            Position at = at(failure.tick() - distance);
            Attempt found = avoided(at);
            if (found != null) {
                avoidable = found.from();
                by = found;
                break;
            }
            inevitable = at;
            if (at.compareTo(timeline.first()) <= 0) {
                break;
            }
            distance *= 2;
        }
        while (avoidable != null && enough() && inevitable.tick() - avoidable.tick() > 1) {
            Position middle = at(avoidable.tick() + (inevitable.tick() - avoidable.tick()) / 2);
            Attempt found = avoided(middle);
            if (found != null) {
                avoidable = found.from();
                by = found;
            } else {
                inevitable = middle;
            }
        }
        return new Result(avoidable, by, inevitable, variants.size(), run);
    }

    /** Whether every future can still be tried from one more position: fewer would say nothing of it. */
    private boolean enough() {
        return run + variants.size() <= most;
    }

    private Position at(long tick) {
        return tick <= timeline.first().tick() ? timeline.first() : new Position(tick, 0);
    }

    private @Nullable Attempt avoided(Position from) {
        timeline.seek(from);
        if (timeline.atEnd()) {
            return null;
        }
        for (Variant variant : variants) {
            run++;
            Attempt attempt = attempts.here(variant.words, variant.changes);
            if (attempt.avoided()) {
                return attempt;
            }
        }
        return null;
    }
}
