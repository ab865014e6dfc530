package chronovisor.app.cli;

import chronovisor.journal.EventJson;
import chronovisor.journal.GuestEvent;
import chronovisor.timeline.JournalDiff;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A difference between two journals, as lines for people and as an object. */
final class Differences {

    private Differences() {}

    static List<String> lines(JournalDiff.Difference difference, String left, String right) {
        List<String> lines = new ArrayList<>();
        lines.add("the first difference is at " + difference.at());
        difference.same().forEach(event -> lines.add("  both    " + EventJson.text(event)));
        side(lines, left, difference.left(), difference.leftCauses());
        side(lines, right, difference.right(), difference.rightCauses());
        return lines;
    }

    private static void side(List<String> lines, String name, @Nullable GuestEvent event, List<GuestEvent> causes) {
        lines.add(String.format(java.util.Locale.ROOT, "  %-7s %s", name, event == null
                ? "has ended"
                : EventJson.text(event)));
        causes.forEach(cause -> lines.add("            because of " + EventJson.text(cause)));
    }

    static Map<String, Object> object(JournalDiff.Difference difference) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("at", difference.at().toString());
        object.put("same", texts(difference.same()));
        object.put("left", text(difference.left()));
        object.put("left_causes", texts(difference.leftCauses()));
        object.put("right", text(difference.right()));
        object.put("right_causes", texts(difference.rightCauses()));
        return object;
    }

    private static String text(@Nullable GuestEvent event) {
        return event == null ? "" : EventJson.text(event);
    }

    private static List<String> texts(List<GuestEvent> events) {
        return events.stream().map(EventJson::text).toList();
    }
}
