package chronovisor.analysis.export;

import chronovisor.journal.EventJson;
import chronovisor.journal.EventTypes;
import chronovisor.journal.GuestEvent;
import java.io.IOException;
import java.io.Writer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The trace event format of Chrome, as a JSON object: phases M (names), B and E (slices), i (instants), C (counters), s and f (arrows).
 * Times are microseconds. One event a line.
 */
final class ChromeCanvas implements Canvas {

    private final Writer out;
    private boolean first = true;
    private long arrows;

    ChromeCanvas(Writer out, String title) throws IOException {
        this.out = out;
        out.append("{\"displayTimeUnit\":\"ns\",\"otherData\":{\"exporter\":\"chronovisor\",\"journal\":")
                .append(JsonText.quoted(title)).append("},\"traceEvents\":[\n");
    }

    private static String time(long time) {
        return String.format(Locale.ROOT, "%d.%03d", time / 1000, time % 1000);
    }

    private Writer event(char phase, Track track) throws IOException {
        out.append(first ? "" : ",\n");
        first = false;
        return out.append("{\"ph\":\"").append(phase).append("\",\"pid\":").append(Integer.toString(track.group()))
                .append(",\"tid\":").append(Integer.toString(track.number()));
    }

    private void details(@Nullable GuestEvent event) throws IOException {
        if (event != null) {
            String fields = EventJson.fields(event);
            out.append(",\"args\":{\"at\":\"").append(event.at().toString()).append("\",\"type\":\"")
                    .append(EventTypes.of(event).name()).append('"').append(fields.equals("{}") ? "" : ",")
                    .append(fields, 1, fields.length());
        }
    }

    @Override
    public void track(Track track) throws IOException {
        switch (track.kind()) {
            case GROUP -> name("process_name", track);
            case THREAD -> name("thread_name", track);
            case NUMBERS, BYTES -> {
                // A counter is known by its name.
            }
        }
    }

    private void name(String what, Track track) throws IOException {
        event('M', track).append(",\"name\":\"").append(what).append("\",\"args\":{\"name\":")
                .append(JsonText.quoted(track.name())).append("}}");
    }

    @Override
    public void begin(Track track, long time, String name, String category, @Nullable GuestEvent event,
            @Nullable Source source, @Nullable Source in) throws IOException {
        event('B', track).append(",\"ts\":").append(time(time)).append(",\"name\":").append(JsonText.quoted(name))
                .append(",\"cat\":\"").append(category).append('"');
        details(event);
        out.append('}');
        if (in != null) {
            arrows++;
            arrow('s', in.track(), in.time(), category);
            out.append('}');
            arrow('f', track, time, category);
            out.append(",\"bp\":\"e\"}");
        }
    }

    private void arrow(char phase, Track track, long time, String category) throws IOException {
        event(phase, track).append(",\"ts\":").append(time(time)).append(",\"name\":\"").append(category)
                .append("\",\"cat\":\"").append(category).append("\",\"id\":").append(Long.toString(arrows));
    }

    @Override
    public void end(Track track, long time, @Nullable GuestEvent event) throws IOException {
        event('E', track).append(",\"ts\":").append(time(time));
        if (event != null) {
            // Arguments of both ends are shown together, so those of the end have names of their own.
            out.append(",\"args\":{\"ended\":").append(JsonText.quoted(EventJson.text(event))).append('}');
        }
        out.append('}');
    }

    @Override
    public void instant(Track track, long time, String name, String category, GuestEvent event) throws IOException {
        event('i', track).append(",\"ts\":").append(time(time)).append(",\"s\":\"t\",\"name\":")
                .append(JsonText.quoted(name))
                .append(",\"cat\":\"").append(category).append('"');
        details(event);
        out.append('}');
    }

    @Override
    public void value(Track track, long time, long value) throws IOException {
        event('C', track).append(",\"ts\":").append(time(time)).append(",\"name\":")
                .append(JsonText.quoted(track.name()))
                .append(",\"args\":{\"").append(track.kind() == Kind.BYTES ? "bytes" : "value").append("\":")
                .append(Long.toString(value)).append("}}");
    }

    @Override
    public void finish() throws IOException {
        out.append("\n]}\n");
        out.flush();
    }
}
