package chronovisor.app.cli;

import chronovisor.journal.EventJson;
import chronovisor.journal.EventType;
import chronovisor.journal.EventTypes;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.Position;
import chronovisor.timeline.Condition;
import chronovisor.timeline.JournalDiff;
import chronovisor.timeline.Timeline;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/** An event as people name it: a type with some of its components as {@code events} prints them, or the position of one like it. */
final class EventPattern {

    private EventPattern() {}

    /**
     * Reads {@code SignalSent}, {@code 'SignalSent signal=11'}, or {@code 1694:3}, which means every event that says the same as the one
     * there.
     */
    static Predicate<GuestEvent> of(Timeline timeline, String text) {
        if (!text.isEmpty() && Character.isDigit(text.charAt(0))) {
            return like(timeline, text);
        }
        List<String> words = Arrays.asList(text.strip().split("\\s+", -1));
        EventType<?> type = EventTypes.named(words.getFirst())
                .orElseThrow(() -> Failure.usage("--until " + text + ": no event type '" + words.getFirst()
                        + "', nor a position"));
        List<String> parts = words.subList(1, words.size());
        for (String part : parts) {
            if (part.indexOf('=') <= 0) {
                throw Failure.usage("--until " + text + ": NAME=VALUE expected, not '" + part + "'");
            }
        }
        return event -> type.type().isInstance(event) && Arrays.asList(EventJson.text(event).split(" ", -1))
                .containsAll(parts);
    }

    private static Predicate<GuestEvent> like(Timeline timeline, String text) {
        Position at;
        try {
            at = Position.parse(text);
        } catch (IllegalArgumentException e) {
            throw Failure.usage("--until " + text + ": " + e.getMessage());
        }
        GuestEvent event = timeline.nextEvent(at, new Condition.Event("any", any -> true))
                .filter(found -> found.at().equals(at))
                .orElseThrow(() -> Failure.usage("--until " + text + ": no event is there"));
        return other -> JournalDiff.alike(event, other);
    }
}
