package chronovisor.analysis.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Readers of the two formats of pictures that are not their writers: Perfetto's by the field numbers of its published schema, Chrome's by the
 * phases of its published description. They refuse what a viewer would not show.
 */
final class TraceReaders {

    /**
     * What a viewer would show.
     *
     * @param slices
     *            track, name, beginning and end, in the order of their ends
     * @param arrows
     *            positions that they go from and to
     * @param values
     *            values of each counter in their order
     * @param events
     *            how often each event is shown
     * @param end
     *            the last time, in a viewer's nanoseconds
     */
    record Picture(List<String> slices, List<String> arrows, Map<String, List<Long>> values,
            Map<String, Integer> events,
            long end) {}

    private record Open(String name, long begin, String at) {}

    /** Collects what the readers find. */
    private static final class Seen {
        private final Map<String, Deque<Open>> open = new HashMap<>();
        private final List<String> slices = new ArrayList<>();
        private final Map<String, List<Long>> values = new TreeMap<>();
        private final Map<String, Integer> events = new TreeMap<>();
        private final Map<String, Long> last = new HashMap<>();
        private long end;

        private void time(String track, long time) {
            assertThat(time).as("time on " + track).isGreaterThanOrEqualTo(last.getOrDefault(track, 0L));
            last.put(track, time);
            end = Math.max(end, time);
        }

        void begin(String track, long time, String name, String at, String type) {
            time(track, time);
            open.computeIfAbsent(track, _ -> new ArrayDeque<>()).push(new Open(name, time, at));
            event(at, type);
        }

        void event(String at, String type) {
            events.merge(at + " " + type, 1, Integer::sum);
        }

        void end(String track, long time) {
            time(track, time);
            Open slice = open.getOrDefault(track, new ArrayDeque<>()).pop();
            slices.add(track + " " + slice.name + " " + slice.begin + " " + time);
        }

        Picture picture(List<String> arrows) {
            open.forEach((track, left) -> assertThat(left).as("open at the end on " + track).isEmpty());
            return new Picture(slices, arrows, values, events, end);
        }
    }

    private TraceReaders() {}

    static Picture chrome(String text) {
        JsonNode file = JsonMapper.shared().readTree(text);
        assertThat(file.path("displayTimeUnit").asString()).isEqualTo("ns");
        Seen seen = new Seen();
        Map<String, String> begins = new HashMap<>();
        Map<Long, String> from = new HashMap<>();
        List<String> arrows = new ArrayList<>();
        // The beginning of an arrow may be told when its end is known: slices come first.
        for (JsonNode event : file.path("traceEvents")) {
            String track = event.path("tid").asString();
            long time = Math.round(event.path("ts").asDouble() * 1000);
            JsonNode args = event.path("args");
            switch (event.path("ph").asString()) {
                case "M" -> assertThat(event.path("name").asString()).isIn("process_name", "thread_name");
                case "B" -> {
                    seen.begin(track, time, event.path("name").asString(), args.path("at").asString(),
                            args.path("type").asString());
                    begins.put(track + " " + time, args.path("at").asString());
                }
                case "E" -> seen.end(track, time);
                case "i" -> {
                    assertThat(event.path("s").asString()).isEqualTo("t");
                    seen.event(args.path("at").asString(), args.path("type").asString());
                }
                case "C" -> seen.values.computeIfAbsent(event.path("name").asString(), _ -> new ArrayList<>())
                        .add(args.iterator().next().asLong());
                case "s" -> from.put(event.path("id").asLong(), String.valueOf(begins.get(track + " " + time)));
                case "f" -> {
                    assertThat(event.path("bp").asString()).isEqualTo("e");
                    arrows.add(from.remove(event.path("id").asLong()) + " > " + begins.get(track + " " + time));
                }
                default -> throw new AssertionError("no such phase: " + event);
            }
        }
        assertThat(from).isEmpty();
        assertThat(arrows).noneMatch(arrow -> arrow.contains("null"));
        return seen.picture(arrows);
    }

    static Picture perfetto(byte[] trace) throws InvalidProtocolBufferException {
        Seen seen = new Seen();
        Map<Long, String> tracks = new HashMap<>();
        Map<Long, String> counters = new HashMap<>();
        Map<Long, String> flows = new HashMap<>();
        List<String> arrows = new ArrayList<>();
        UnknownFieldSet all = UnknownFieldSet.parseFrom(trace);
        assertThat(all.asMap().keySet()).isEqualTo(Set.of(1));
        for (ByteString bytes : all.getField(1).getLengthDelimitedList()) {
            UnknownFieldSet packet = UnknownFieldSet.parseFrom(bytes);
            assertThat(number(packet, 10)).as("trusted_packet_sequence_id").isEqualTo(1);
            UnknownFieldSet descriptor = message(packet, 60);
            if (descriptor != null) {
                track(descriptor, tracks, counters);
                continue;
            }
            UnknownFieldSet event = Objects.requireNonNull(message(packet, 11), "a track event");
            event(seen, event, number(packet, 8), tracks, counters, flows, arrows);
        }
        return seen.picture(arrows);
    }

    private static void track(UnknownFieldSet descriptor, Map<Long, String> tracks, Map<Long, String> counters)
            throws InvalidProtocolBufferException {
        long uuid = number(descriptor, 1);
        assertThat(uuid).isNotZero();
        UnknownFieldSet thread = message(descriptor, 4);
        if (message(descriptor, 8) != null) {
            counters.put(uuid, text(descriptor, 2));
        } else if (thread != null) {
            assertThat(tracks.values()).as("tid").doesNotContain(Long.toString(number(thread, 2)));
            tracks.put(uuid, Long.toString(number(thread, 2)));
        } else {
            assertThat(message(descriptor, 3)).as("a process").isNotNull();
            tracks.put(uuid, "process");
        }
        if (!descriptor.getField(5).getVarintList().isEmpty()) {
            assertThat(tracks).as("parent_uuid").containsKey(number(descriptor, 5));
        }
    }

    private static void event(Seen seen, UnknownFieldSet event, long time, Map<Long, String> tracks,
            Map<Long, String> counters, Map<Long, String> flows, List<String> arrows)
            throws InvalidProtocolBufferException {
        long uuid = number(event, 11);
        Map<String, String> annotations = new HashMap<>();
        for (ByteString bytes : event.getField(4).getLengthDelimitedList()) {
            UnknownFieldSet annotation = UnknownFieldSet.parseFrom(bytes);
            Set<Integer> value = new HashSet<>(annotation.asMap().keySet());
            assertThat(value.remove(10)).as("a name").isTrue();
            assertThat(value).as("one value: bool, int or string").hasSize(1).isSubsetOf(2, 4, 6);
            annotations.put(text(annotation, 10), text(annotation, 6));
        }
        String at = annotations.getOrDefault("at", "");
        String type = annotations.getOrDefault("type", "");
        switch ((int) number(event, 9)) {
            case 1 -> {
                String track = known(tracks, uuid);
                seen.begin(track, time, text(event, 23), at, type);
                assertThat(text(event, 22)).isNotEmpty();
                // The first event with an id is where the arrow begins.
                for (long id : event.getField(47).getFixed64List()) {
                    String from = flows.putIfAbsent(id, at);
                    if (from != null) {
                        arrows.add(from + " > " + at);
                    }
                }
            }
            case 2 -> seen.end(known(tracks, uuid), time);
            case 3 -> {
                assertThat(tracks).containsKey(uuid);
                seen.event(at, type);
            }
            case 4 -> seen.values.computeIfAbsent(known(counters, uuid), _ -> new ArrayList<>()).add(number(event, 30));
            default -> throw new AssertionError("no such type: " + event);
        }
    }

    private static String known(Map<Long, String> tracks, long uuid) {
        return Objects.requireNonNull(tracks.get(uuid), () -> "track " + uuid + " was not told");
    }

    private static long number(UnknownFieldSet set, int field) {
        List<Long> values = set.getField(field).getVarintList();
        return values.isEmpty() ? 0 : values.getLast();
    }

    private static String text(UnknownFieldSet set, int field) {
        List<ByteString> values = set.getField(field).getLengthDelimitedList();
        return values.isEmpty() ? "" : values.getLast().toStringUtf8();
    }

    private static @Nullable UnknownFieldSet message(UnknownFieldSet set, int field)
            throws InvalidProtocolBufferException {
        List<ByteString> values = set.getField(field).getLengthDelimitedList();
        return values.isEmpty() ? null : UnknownFieldSet.parseFrom(values.getLast());
    }
}
