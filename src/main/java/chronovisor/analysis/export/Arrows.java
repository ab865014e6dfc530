package chronovisor.analysis.export;

import chronovisor.analysis.export.Canvas.Source;
import chronovisor.analysis.export.Canvas.Track;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where arrows may begin, until what they lead to has come. */
final class Arrows {

    /** A cause that is further back than so many others has no arrow. */
    private static final int SOURCES_MAX = 1 << 16;

    /** A write that has not been read to its end. */
    private record Write(long end, Source source) {}

    private final Map<Position, Source> sources = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Position, Source> eldest) {
            return size() > SOURCES_MAX;
        }
    };
    private final Map<Long, Deque<Write>> writes = new HashMap<>();
    private long ids;

    /** An event from which arrows may go. */
    Source source(Position at, Track track, long time) {
        Source source = new Source(track, time, ++ids);
        sources.put(at, source);
        return source;
    }

    /** Where the arrow from a cause begins; null when the cause is not known. */
    @Nullable
    Source from(@Nullable Position cause) {
        return cause == null ? null : sources.get(cause);
    }

    /** Bytes went into a pipe. */
    Source written(KittenEvent.PipeWritten written, Track track, long time) {
        Source source = source(written.at(), track, time);
        writes.computeIfAbsent(written.pipe(), _ -> new ArrayDeque<>())
                .add(new Write(written.offset() + written.length(), source));
        return source;
    }

    /** Bytes came out of a pipe: the writes they come from; one null where none is known. */
    List<@Nullable Source> read(KittenEvent.PipeRead read) {
        List<@Nullable Source> found = new ArrayList<>();
        Deque<Write> queue = writes.getOrDefault(read.pipe(), new ArrayDeque<>());
        long end = read.offset() + read.length();
        while (!queue.isEmpty() && read.length() > 0) {
            Write write = queue.getFirst();
            if (write.end > read.offset()) {
                found.add(write.source);
            }
            if (write.end > end) {
                break;
            }
            queue.removeFirst();
            if (write.end == end) {
                break;
            }
        }
        if (found.isEmpty()) {
            found.add(null);
        }
        return found;
    }
}
