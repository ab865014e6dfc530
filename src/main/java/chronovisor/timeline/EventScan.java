package chronovisor.timeline;

import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalMap;
import chronovisor.journal.JournalRecord;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.journal.RecordType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Looks for events in the journal, forwards and backwards, without running anything. */
final class EventScan {

    private final JournalMap map;

    EventScan(JournalMap map) {
        this.map = map;
    }

    /** The first event at or after a position that matches. */
    @Nullable
    GuestEvent next(Position from, Predicate<GuestEvent> matches) {
        for (JournalMap.Entry entry : map.entries()) {
            if (entry.type() == RecordType.EVENTS && entry.last().compareTo(from) >= 0) {
                for (GuestEvent event : map.read(entry).events()) {
                    if (event.at().compareTo(from) >= 0 && matches.test(event)) {
                        return event;
                    }
                }
            }
        }
        return null;
    }

    /** The last event before a position that matches. */
    @Nullable
    GuestEvent previous(Position before, Predicate<GuestEvent> matches) {
        for (JournalMap.Entry entry : map.entries().reversed()) {
            if (entry.type() == RecordType.EVENTS && entry.first().compareTo(before) < 0) {
                JournalRecord record = map.read(entry);
                List<GuestEvent> events = record.events();
                for (GuestEvent event : events.reversed()) {
                    if (event.at().compareTo(before) < 0 && matches.test(event)) {
                        return event;
                    }
                }
            }
        }
        return null;
    }

    /** The first event at or after a position that completes text. What was written before counts, so all of it is read. */
    @Nullable
    GuestEvent nextText(Position from, Condition.ConsoleText wanted) {
        TextMatch match = new TextMatch(wanted);
        return next(Position.START, event -> match.completes(event) && event.at().compareTo(from) >= 0);
    }

    /** The last event before a position that completes text. */
    @Nullable
    GuestEvent previousText(Position before, Condition.ConsoleText wanted) {
        TextMatch match = new TextMatch(wanted);
        GuestEvent[] last = {null};
        next(Position.START, event -> {
            if (event.at().compareTo(before) >= 0) {
                return true;
            }
            if (match.completes(event)) {
                last[0] = event;
            }
            return false;
        });
        return last[0];
    }

    /** Keeps the end of what each device has shown. */
    static final class TextMatch {
        private static final int KEPT_CHARACTERS_MAX = 4096;

        private final Condition.ConsoleText wanted;
        private final Map<String, StringBuilder> shown = new TreeMap<>();

        TextMatch(Condition.ConsoleText wanted) {
            this.wanted = wanted;
        }

        /** Whether the text ends with what this event wrote. */
        boolean completes(GuestEvent event) {
            if (!(event instanceof KittenEvent.ConsoleWritten written)
                    || !wanted.device().isEmpty() && !wanted.device().equals(written.device())) {
                return false;
            }
            StringBuilder text = shown.computeIfAbsent(written.device(), _ -> new StringBuilder());
            int before = text.length();
            text.append(new String(written.bytes().toByteArray(), StandardCharsets.UTF_8));
            var matcher = wanted.text().matcher(text);
            boolean found = false;
            while (!found && matcher.find()) {
                found = matcher.end() > before;
            }
            if (text.length() > KEPT_CHARACTERS_MAX) {
                text.delete(0, text.length() - KEPT_CHARACTERS_MAX);
            }
            return found;
        }
    }
}
