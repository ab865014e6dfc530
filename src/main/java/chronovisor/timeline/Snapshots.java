package chronovisor.timeline;

import chronovisor.journal.Position;
import chronovisor.replay.ReplaySession;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * States in memory, by position. The first one is kept for ever; of the others those that were not used for longest go when
 * there are too many, or when their frames take too much memory.
 */
final class Snapshots implements AutoCloseable {

    private static final int COUNT_MAX = 96;

    private final ReplaySession session;
    private final long bytesMax;
    private final NavigableMap<Position, ReplaySession.Snapshot> byPosition = new TreeMap<>();
    /** From the one that was not used for longest; without the first. */
    private final LinkedHashMap<Position, Boolean> uses = new LinkedHashMap<>(16, 0.75f, true);
    private final Position first;

    Snapshots(ReplaySession session, long bytesMax) {
        this.session = session;
        this.bytesMax = bytesMax;
        ReplaySession.Snapshot start = session.capture();
        this.first = start.at();
        byPosition.put(first, start);
    }

    Position first() {
        return first;
    }

    /** Keeps the session's state. It must be the first stop at its position. */
    void keep() {
        Position at = session.position();
        if (byPosition.containsKey(at)) {
            uses.get(at);
            return;
        }
        while (uses.size() >= COUNT_MAX || session.frameBytes() > bytesMax && !uses.isEmpty()) {
            drop(uses.keySet().iterator().next());
        }
        byPosition.put(at, session.capture());
        uses.put(at, true);
    }

    private void drop(Position at) {
        uses.remove(at);
        ReplaySession.Snapshot dropped = byPosition.remove(at);
        if (dropped != null) {
            dropped.close();
        }
    }

    /** The last state at or before a position; null when there is none. */
    ReplaySession.@Nullable Snapshot floor(Position at) {
        Map.Entry<Position, ReplaySession.Snapshot> found = byPosition.floorEntry(at);
        if (found == null) {
            return null;
        }
        uses.get(found.getKey());
        return found.getValue();
    }

    /** Positions of all states before a position. */
    List<Position> before(Position end) {
        return List.copyOf(byPosition.headMap(end, false).keySet());
    }

    @Override
    public void close() {
        byPosition.values().forEach(ReplaySession.Snapshot::close);
        byPosition.clear();
        uses.clear();
    }
}
