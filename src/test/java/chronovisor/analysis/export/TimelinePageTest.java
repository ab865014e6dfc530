package chronovisor.analysis.export;

import static org.assertj.core.api.Assertions.assertThat;

import chronovisor.analysis.Browser;
import chronovisor.analysis.Runs;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The page of a run: what it holds, and what it does in a browser. */
class TimelinePageTest {

    private static final Position LAST = new Position(Long.MAX_VALUE, Integer.MAX_VALUE);

    @TempDir
    Path folder;

    private static String page(Path journal, Position from, Position to, int eventsMax) throws IOException {
        StringWriter out = new StringWriter();
        Exports.page(journal, "<run> & \"more\"", out, from, to, eventsMax, progress -> {});
        return out.toString();
    }

    private static JsonNode data(String page) {
        int start = page.indexOf("id=\"data\">") + "id=\"data\">".length();
        return JsonMapper.shared().readTree(page.substring(start, page.indexOf("</script>", start)));
    }

    @Test
    void everyEventIsInThePageWithItsCause() throws IOException {
        Path journal = Runs.record(folder, "rows-process");
        JsonNode data = data(page(journal, Position.START, LAST, 100_000));
        List<GuestEvent> events = Runs.events(journal);
        // A switch to no task only ends what the core ran, and a return what its call began.
        assertThat(data.path("events").size()).isEqualTo(events.size());
        for (int i = 0; i < events.size(); i++) {
            JsonNode event = data.path("events").path(i);
            assertThat(event.path(1).asString()).isEqualTo(events.get(i).at().toString());
            Position cause = events.get(i).cause();
            assertThat(event.path(3).asString()).isEqualTo(cause == null ? "" : cause.toString());
        }
        assertThat(data.path("lanes").valueStream().map(lane -> lane.path(0).asString()).distinct())
                .containsExactly("Inputs", "CPU", "VMM", "Kitten");
        assertThat(data.path("notice").asString()).isEmpty();
    }

    @Test
    void aPageOfAPartSaysWhatIsLeftOut() throws IOException {
        Path journal = Runs.record(folder, "hello");
        List<GuestEvent> events = Runs.events(journal);
        Position from = events.get(50).at();
        JsonNode data = data(page(journal, from, LAST, 20));
        assertThat(data.path("events").size()).isEqualTo(20);
        assertThat(data.path("events").path(0).path(1).asString()).isEqualTo(from.toString());
        assertThat(data.path("notice").asString()).contains("the first 20 of " + (events.size() - 50) + " events");
    }

    @Test
    void nothingThatAGuestSaysEndsTheScript() throws IOException {
        String page = page(Runs.record(folder, "echo"), Position.START, LAST, 100_000);
        assertThat(page).contains("&lt;run&gt; &amp; &quot;more&quot;").doesNotContain("http:")
                .doesNotContain("https:");
        assertThat(page.split("<script", -1)).hasSize(3);
        assertThat(page.split("</script>", -1)).hasSize(3);
    }

    @Test
    void aBrowserShowsZoomsSearchesAndTells() throws Exception {
        Path journal = Runs.record(folder, "rows-process");
        Path page = Files.writeString(folder.resolve("page.html"), page(journal, Position.START, LAST, 100_000));
        List<GuestEvent> events = Runs.events(journal);
        GuestEvent call = events.stream().filter(event -> event instanceof KittenEvent.SyscallEntered entered
                && entered.number() == 61).skip(2).findFirst().orElseThrow();
        try (Browser browser = Browser.open(page, Files.createDirectory(folder.resolve("browser")))) {
            assertThat(browser.value("timelineView.count").asInt()).isEqualTo(events.size());
            assertThat(browser.value(inked(160, 100, 900, 500)).asInt()).as("coloured pixels").isGreaterThan(500);
            double whole = span(browser);
            browser.wheel(600, 300, -120);
            browser.wheel(600, 300, -120);
            assertThat(span(browser)).isLessThan(whole * 0.6);
            browser.click("#fit");
            assertThat(span(browser)).isEqualTo(whole);
            browser.click("#in");
            assertThat(span(browser)).isBetween(whole * 0.45, whole * 0.55);

            browser.click("#search");
            browser.type("TaskExited");
            long exits = events.stream().filter(KittenEvent.TaskExited.class::isInstance).count();
            assertThat(browser.text("hits")).matches("\\d+ found");
            assertThat(Long.parseLong(browser.text("hits").split(" ", -1)[0])).isGreaterThanOrEqualTo(exits);
            browser.enter();
            assertThat(browser.text("hits")).startsWith("1 of ");
            assertThat(browser.text("details")).contains("TaskExited");

            // The event is brought into view, and the mouse finds it where it is drawn.
            browser.value("timelineView.go('" + call.at() + "'); timelineView.zoom(50); timelineView.go('" + call.at()
                    + "'); document.getElementById('details').textContent = ''; 0");
            JsonNode place = browser.value("timelineView.place('" + call.at() + "')");
            browser.click(place.path("x").asDouble(), place.path("y").asDouble());
            assertThat(browser.text("details")).startsWith(call.at() + " SyscallEntered").contains("number61",
                    "led to", "SyscallReturned", "ended by", "because of");
            // From the cause to its effect by a link.
            browser.click("#details a");
            assertThat(browser.text("details")).contains("SyscallReturned");
            assertThat(browser.requests()).containsExactly(page.toUri().toString());
        }
    }

    private static double span(Browser browser) throws Exception {
        return browser.value("timelineView.view.to - timelineView.view.from").asDouble();
    }

    /** Counts the pixels of the canvas that have a colour. */
    private static String inked(int x, int y, int width, int height) {
        return "(() => { const d = document.getElementById('canvas').getContext('2d').getImageData(" + x + "," + y + ","
                + width + "," + height + ").data; let n = 0; for (let i = 0; i < d.length; i += 4)"
                + " if (d[i + 3] > 100 && Math.max(d[i], d[i + 1], d[i + 2]) - Math.min(d[i], d[i + 1], d[i + 2]) > 40) n++;"
                + " return n; })()";
    }
}
