package chronovisor.analysis.export;

import chronovisor.journal.EventJson;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalException;
import chronovisor.journal.JournalMap;
import chronovisor.journal.JournalReader;
import chronovisor.journal.JournalRecord;
import chronovisor.journal.Position;
import chronovisor.replay.Progress;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Consumer;

/** A journal's events in the formats of other tools. Reads the journal and nothing else; nothing is run. */
public final class Exports {

    /** Takes events, and may fail to write what comes of them. */
    @FunctionalInterface
    private interface Taker {
        void accept(GuestEvent event) throws IOException;
    }

    private static final String MACHINE = "machine";

    private Exports() {}

    /** A trace for Perfetto, as its binary format. */
    public static void perfetto(Path journal, TraceTime time, OutputStream out, Consumer<Progress> progress)
            throws IOException {
        draw(journal, new PerfettoCanvas(out), time, progress);
    }

    /** A trace in Chrome's trace event format, as a JSON object. */
    public static void chrome(Path journal, TraceTime time, String title, Writer out, Consumer<Progress> progress)
            throws IOException {
        draw(journal, new ChromeCanvas(out, title), time, progress);
    }

    private static void draw(Path journal, Canvas canvas, TraceTime time, Consumer<Progress> progress)
            throws IOException {
        // Viewers label every time with their own unit; whoever looks must be told.
        Picture picture = new Picture(canvas, time,
                time == TraceTime.SPREAD ? "machine (1 µs here is 1 ns of the guest)" : MACHINE);
        forEach(journal, picture::accept, progress);
        picture.finish();
    }

    /**
     * A page that needs nothing but itself: lanes of each layer, with zoom, search, and events with their causes and effects.
     *
     * @param from
     *            events from here on
     * @param to
     *            up to here
     * @param eventsMax
     *            as a page holds all of them, no more than this; it says so when there are more
     */
    public static void page(Path journal, String title, Writer out, Position from, Position to, int eventsMax,
            Consumer<Progress> progress) throws IOException {
        PageCanvas canvas = new PageCanvas(out, title);
        Picture picture = new Picture(canvas, TraceTime.SPREAD, MACHINE);
        long[] seen = {0};
        forEach(journal, event -> {
            if (event.at().compareTo(from) < 0) {
                picture.pass(event);
            } else if (event.at().compareTo(to) <= 0 && ++seen[0] <= eventsMax) {
                picture.accept(event);
            }
        }, progress);
        if (seen[0] > eventsMax) {
            canvas.notice(String.format(Locale.ROOT, "the first %,d of %,d events: --from and --to choose others, "
                    + "--events-max more", eventsMax, seen[0]));
        }
        picture.finish();
    }

    /** One JSON object a line for every event, as the command {@code events --json} has them. */
    public static void json(Path journal, Writer out, Consumer<Progress> progress) throws IOException {
        forEach(journal, event -> out.append(EventJson.line(event)).append('\n'), progress);
        out.flush();
    }

    /**
     * A trace in the Common Trace Format 1.8.
     *
     * @param folder
     *            an empty one
     */
    public static void ctf(Path journal, String title, Path folder, Consumer<Progress> progress) throws IOException {
        // The same journal is the same trace: no chance and no clock.
        UUID uuid = UUID.nameUUIDFromBytes(chain(journal).getBytes(StandardCharsets.UTF_8));
        try (CtfTrace trace = new CtfTrace(folder, uuid, title)) {
            forEach(journal, trace::accept, progress);
        }
    }

    private static String chain(Path journal) {
        return JournalMap.of(journal, false).chain().toHex();
    }

    private static void forEach(Path journal, Taker taker, Consumer<Progress> progress) throws IOException {
        long events = 0;
        try (JournalReader reader = JournalReader.open(journal)) {
            for (JournalRecord record = reader.nextEvents(); record != null; record = reader.nextEvents()) {
                for (GuestEvent event : record.events()) {
                    taker.accept(event);
                    events++;
                }
                progress.accept(new Progress(record.last().tick(), events, 0));
            }
        }
    }

    /**
     * Makes the folder of an export that is one.
     *
     * @throws JournalException
     *             when there is something in it
     */
    public static void emptyFolder(Path folder) throws IOException {
        Files.createDirectories(folder);
        try (var files = Files.list(folder)) {
            if (files.findAny().isPresent()) {
                throw new JournalException(folder + " is not empty: name a folder that is not there yet");
            }
        }
    }
}
