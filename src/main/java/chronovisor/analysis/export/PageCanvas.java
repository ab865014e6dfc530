package chronovisor.analysis.export;

import chronovisor.analysis.Resources;
import chronovisor.journal.Blob;
import chronovisor.journal.EventFields;
import chronovisor.journal.EventType;
import chronovisor.journal.EventTypes;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A page that shows a run: what the other canvases draw, as lanes of each layer (processor, VMM, kernel, Racket), with all events and
 * their causes. The page needs nothing but itself. It is held in memory until it is written.
 */
final class PageCanvas implements Canvas {

    /** A track's part of one layer. */
    private record LaneKey(EventType.Family layer, long track) {}

    private static final class Item {
        private final int lane;
        private final long begin;
        private final int depth;
        private final String name;
        private final int event;
        private final boolean instant;
        private long end;
        private int ending = -1;

        Item(int lane, long begin, int depth, String name, int event, boolean instant) {
            this.lane = lane;
            this.begin = begin;
            this.end = begin;
            this.depth = depth;
            this.name = name;
            this.event = event;
            this.instant = instant;
        }
    }

    /** Integers below are exact in a script: 2 to the 53rd. */
    private static final long EXACT = 1L << 53;

    private final Writer out;
    private final String title;
    private final Map<EventType<?>, Integer> types = new LinkedHashMap<>();
    private final StringBuilder events = new StringBuilder(1 << 16);
    private final Map<Position, Integer> numbers = new HashMap<>();
    private final Map<LaneKey, Integer> lanes = new HashMap<>();
    private final List<LaneKey> laneKeys = new ArrayList<>();
    private final Map<Long, Track> tracks = new HashMap<>();
    private final List<Item> items = new ArrayList<>();
    private final Map<Long, Deque<Item>> open = new HashMap<>();
    private final Map<Integer, Integer> depths = new HashMap<>();
    private final List<long[]> arrows = new ArrayList<>();
    private final Map<Long, Integer> sources = new HashMap<>();
    private String notice = "";
    private long end;

    PageCanvas(Writer out, String title) {
        this.out = out;
        this.title = title;
    }

    /** Something that whoever looks at the page has to know. */
    void notice(String text) {
        notice = text;
    }

    /** Which layer something belongs to: its event's, but what a core runs is the processor's. */
    private static EventType.Family layer(GuestEvent event) {
        return event instanceof KittenEvent.TaskSwitched
                ? EventType.Family.CPU
                : EventTypes.of(event).family();
    }

    private int lane(Track track, GuestEvent event) {
        LaneKey key = new LaneKey(layer(event), track.id());
        return lanes.computeIfAbsent(key, _ -> {
            laneKeys.add(key);
            return laneKeys.size() - 1;
        });
    }

    /** The number of an event, which is written when it is first seen; -1 for none. */
    private int number(@Nullable GuestEvent event) {
        if (event == null) {
            return -1;
        }
        Integer known = numbers.get(event.at());
        if (known != null) {
            return known;
        }
        Position cause = event.cause();
        events.append(numbers.isEmpty() ? "" : ",\n").append('[').append(types.computeIfAbsent(EventTypes.of(event),
                _ -> types.size())).append(",\"").append(event.at()).append("\",").append(event.core()).append(",\"")
                .append(cause == null ? "" : cause.toString()).append("\",").append(fields(event))
                .append(']');
        numbers.put(event.at(), numbers.size());
        return numbers.size() - 1;
    }

    /** The fields as a JSON object; numbers that a script would round are texts. */
    private static String fields(GuestEvent event) {
        StringBuilder text = new StringBuilder(96).append('{');
        for (EventFields.Field field : EventFields.of(EventTypes.of(event)).all()) {
            text.append(text.length() == 1 ? "" : ",").append(JsonText.quoted(field.name())).append(':').append(
                    switch (field.kind()) {
                        case LONG, INT -> Math.abs(field.number(event)) < EXACT
                                ? Long.toString(field.number(event))
                                : JsonText.quoted("0x" + Long.toHexString(field.number(event)));
                        case BOOLEAN -> Boolean.toString(field.number(event) != 0);
                        case TEXT -> JsonText.quoted(String.valueOf(field.value(event)));
                        case BYTES -> JsonText.quoted(field.value(event) instanceof Blob blob && blob.isText()
                                ? blob.toText()
                                : String.valueOf(field.value(event)));
                    });
        }
        return text.append('}').toString();
    }

    @Override
    public void track(Track track) {
        tracks.put(track.id(), track);
    }

    @Override
    public void begin(Track track, long time, String name, String category, @Nullable GuestEvent event,
            @Nullable Source source, @Nullable Source in) {
        if (event == null) {
            throw new IllegalArgumentException("every slice of a picture has an event");
        }
        int lane = lane(track, event);
        Item item = new Item(lane, time, depths.merge(lane, 1, Integer::sum) - 1, name, number(event), false);
        items.add(item);
        open.computeIfAbsent(track.id(), _ -> new ArrayDeque<>()).push(item);
        if (source != null) {
            sources.put(source.id(), lane);
        }
        Integer from = in == null ? null : sources.get(in.id());
        if (in != null && from != null) {
            arrows.add(new long[]{from, in.time(), lane, time});
        }
    }

    @Override
    public void end(Track track, long time, @Nullable GuestEvent event) {
        Item item = open.getOrDefault(track.id(), new ArrayDeque<>()).pop();
        item.end = time;
        item.ending = number(event);
        depths.merge(item.lane, -1, Integer::sum);
        end = Math.max(end, time);
    }

    @Override
    public void instant(Track track, long time, String name, String category, GuestEvent event) {
        int lane = lane(track, event);
        items.add(new Item(lane, time, depths.getOrDefault(lane, 0), name, number(event), true));
        end = Math.max(end, time);
    }

    @Override
    public void value(Track track, long time, long value) {
        // A page of events; counters are for viewers that draw curves.
        end = Math.max(end, time);
    }

    @Override
    public void finish() throws IOException {
        String page = Resources.text(PageCanvas.class, "timeline.html");
        int data = page.indexOf("@data@");
        int script = page.indexOf("@script@");
        out.append(page.substring(0, data).replace("@title@", Resources.xml(title)));
        data();
        out.append(page.substring(data + "@data@".length(), script))
                .append(Resources.text(PageCanvas.class, "timeline.js"))
                .append(page.substring(script + "@script@".length()));
        out.flush();
    }

    private void data() throws IOException {
        // The parser of HTML must not find the end of a script in the data.
        StringBuilder text = new StringBuilder("{\"types\":[");
        String comma = "";
        for (EventType<?> type : types.keySet()) {
            text.append(comma).append("[\"").append(type.name()).append("\",\"").append(type.family()).append("\",[");
            text.append(String.join(",", EventFields.of(type).all().stream().map(field -> JsonText.quoted(field.name()))
                    .toList())).append("]]");
            comma = ",";
        }
        text.append("],\n\"notice\":").append(JsonText.quoted(notice)).append(",\"begin\":")
                .append(items.isEmpty() ? 0 : items.getFirst().begin)
                .append(",\"end\":").append(end).append(",\n\"events\":[");
        out.append(safe(text)).append(safe(events)).append("],\n");
        int[] order = lanes();
        text.setLength(0);
        text.append("\"items\":[");
        comma = "";
        for (Item item : items) {
            text.append(comma).append('[').append(order[item.lane]).append(',').append(item.begin).append(',')
                    .append(item.end).append(',').append(item.depth).append(',').append(JsonText.quoted(item.name))
                    .append(',')
                    .append(item.event).append(',').append(item.ending).append(',').append(item.instant ? 1 : 0)
                    .append(']');
            comma = ",\n";
        }
        text.append("],\n\"arrows\":[");
        comma = "";
        for (long[] arrow : arrows) {
            text.append(comma).append(String.format(Locale.ROOT, "[%d,%d,%d,%d]", order[(int) arrow[0]], arrow[1],
                    order[(int) arrow[2]], arrow[3]));
            comma = ",";
        }
        out.append(safe(text.append("]}\n")));
    }

    /** Writes the lanes, layer by layer and in each the cores before the tasks, and gives the new number of each. */
    private int[] lanes() throws IOException {
        List<LaneKey> sorted = new ArrayList<>(laneKeys);
        sorted.sort(Comparator.comparing(LaneKey::layer).thenComparing(key -> !name(key).startsWith("core "))
                .thenComparingLong(LaneKey::track));
        int[] order = new int[laneKeys.size()];
        StringBuilder text = new StringBuilder("\"lanes\":[");
        for (int i = 0; i < sorted.size(); i++) {
            LaneKey key = sorted.get(i);
            order[lanes.getOrDefault(key, 0)] = i;
            text.append(i == 0 ? "" : ",").append("[\"").append(title(key.layer)).append("\",")
                    .append(JsonText.quoted(name(key))).append(']');
        }
        out.append(safe(text.append("],\n")));
        return order;
    }

    private String name(LaneKey key) {
        Track track = tracks.get(key.track);
        return track == null ? "" : track.name();
    }

    private static String title(EventType.Family layer) {
        return switch (layer) {
            case INPUT -> "Inputs";
            case CPU -> "CPU";
            case VMM -> "VMM";
            case KITTEN -> "Kitten";
            case RACKET -> "Racket";
            case PROBE -> "Probes";
        };
    }

    private static String safe(CharSequence json) {
        return json.toString().replace("<", "\\u003c");
    }
}
