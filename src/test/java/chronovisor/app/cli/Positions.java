package chronovisor.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalFlux;
import chronovisor.journal.JournalHeader;
import chronovisor.journal.Position;
import chronovisor.replay.CheckpointPlan;
import chronovisor.replay.Fork;
import chronovisor.replay.OutputListener;
import chronovisor.replay.Recording;
import chronovisor.replay.ReplaySession;
import chronovisor.timeline.Timeline;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * That a state which is reached by seeking is the state that is reached by running there: the same stop, the same digest. At random
 * positions and at those of events and their neighbours, in random order, so forwards and backwards; at every fourth by a step back and
 * forwards as well; and in a fork with nothing changed.
 */
final class Positions {

    private record Stop(Position at, String digest) {}

    private final Path folder;
    private final Path forked;
    private final CheckpointPlan plan;
    private final SplittableRandom random;
    private final TreeMap<Position, Stop> run = new TreeMap<>();

    /** Checks a journal; the fork's is made at {@code forked}, with checkpoints by a plan. */
    Positions(Path folder, Path forked, CheckpointPlan plan, long seed) {
        this.folder = folder;
        this.forked = forked;
        this.plan = plan;
        this.random = new SplittableRandom(seed);
    }

    /** Checks so many positions, and returns how many stops were compared. */
    int check(int count) {
        int compared = 0;
        try (ReplaySession running = ReplaySession.open(folder, new Assembly(), null, 0)) {
            for (Position place : places(running.map().last(), count)) {
                running.runTo(place);
                run.put(place, new Stop(running.position(), HexFormat.of().formatHex(running.vm().digest())));
            }
        }
        try (Timeline timeline = Timeline.open(folder, new Assembly())) {
            List<Position> left = new ArrayList<>(run.keySet());
            while (!left.isEmpty()) {
                Position place = left.remove(random.nextInt(left.size()));
                compared += compare(timeline, place);
                if (left.size() % 4 == 0 && timeline.position().tick() > timeline.first().tick() + 1) {
                    timeline.reverseStep(1);
                    compared += compare(timeline, place);
                }
            }
            if (timeline.last().tick() == 0) {
                // A kernel that refused its program: over at once, so that nothing is left for a fork.
                return compared;
            }
            fork(timeline);
        }
        return compared + inFork();
    }

    private Set<Position> places(Position last, int count) {
        List<GuestEvent> events = JournalFlux.events(folder).flatMapIterable(batch -> batch)
                .filter(event -> random.nextInt(8) == 0).take(100_000).collectList().blockOptional().orElseThrow();
        TreeSet<Position> places = new TreeSet<>();
        for (int i = 0; i < count; i++) {
            if (i % 2 == 0 || events.isEmpty()) {
                places.add(new Position(random.nextLong(last.tick() + 1), random.nextInt(3)));
            } else {
                Position at = events.get(random.nextInt(events.size())).at();
                places.add(new Position(Math.max(0, at.tick() + random.nextInt(3) - 1), at.sequence()));
            }
        }
        return places;
    }

    private int compare(Timeline timeline, Position place) {
        Stop stop = Objects.requireNonNull(run.get(place));
        assertThat(timeline.seek(place)).as("where a seek to %s of %s lands", place, folder).isEqualTo(stop.at);
        assertThat(HexFormat.of().formatHex(timeline.digest())).as("state at %s of %s", place, folder)
                .isEqualTo(stop.digest);
        return 1;
    }

    /** Begins somewhere in the first half, so that there is something left to compare. */
    private void fork(Timeline timeline) {
        timeline.seek(new Position(random.nextLong(Math.max(1, timeline.last().tick() / 2)), 0));
        try (Recording fork = timeline.fork(Fork.Changes.none(timeline.setup()), forked, new Assembly(),
                OutputListener.NONE, new TreeMap<>(), plan)) {
            fork.run();
        }
    }

    private int inFork() {
        int compared = 0;
        try (Timeline timeline = Timeline.open(forked, new Assembly())) {
            JournalHeader.Parent parent = Objects.requireNonNull(timeline.header().parent());
            List<Position> left = new ArrayList<>(run.tailMap(parent.at(), false).keySet());
            while (!left.isEmpty()) {
                compared += compare(timeline, left.remove(random.nextInt(left.size())));
            }
        }
        return compared;
    }
}
