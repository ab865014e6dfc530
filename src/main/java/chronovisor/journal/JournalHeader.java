package chronovisor.journal;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The first record: what this journal is and what made it.
 *
 * @param properties
 *            names and values, sorted: versions, engine, fidelity, command line
 * @param configuration
 *            the guest's configuration as text
 * @param images
 *            what was put into the guest, with digests
 * @param parent
 *            the journal this one was forked from, where there is one
 */
public record JournalHeader(SortedMap<String, String> properties, String configuration, List<Image> images,
        @Nullable Parent parent) {

    /**
     * Version of everything in a journal; see {@link EventTypes}. Since 2, the initial checkpoint may have a section for the seed of a
     * chaotic schedule, and there are PAGES and STATE records. Since 3, exits tell their RIP, by event numbers of their own.
     */
    public static final int FORMAT = 3;

    /** The oldest version that is still read. */
    public static final int FORMAT_OLDEST = 1;

    /** Something put into the guest: its name, length and SHA-256. */
    public record Image(String name, long bytes, Blob sha256) {}

    /** The journal and position a fork began from. */
    public record Parent(String journal, Position at, Blob chain) {}

    /** Keeps unmodifiable copies. */
    public JournalHeader {
        properties = Collections.unmodifiableSortedMap(new TreeMap<>(properties));
        images = List.copyOf(images);
    }

    /** A property, or the empty text. */
    public String property(String name) {
        return properties.getOrDefault(name, "");
    }

    byte[] encode() {
        ByteSink out = new ByteSink();
        out.varint(FORMAT).varint(properties.size());
        properties.forEach((name, value) -> out.text(name).text(value));
        out.text(configuration).varint(images.size());
        for (Image image : images) {
            out.text(image.name).varint(image.bytes).blob(image.sha256);
        }
        Parent link = parent;
        out.flag(link != null);
        if (link != null) {
            out.text(link.journal).varint(link.at.tick()).varint(link.at.sequence()).blob(link.chain);
        }
        return out.toByteArray();
    }

    static JournalHeader decode(byte[] payload) {
        ByteSource in = new ByteSource(payload);
        int format = in.varint(Integer.MAX_VALUE);
        if (format < FORMAT_OLDEST || format > FORMAT) {
            throw new FormatException(
                    "journal format " + format + "; this program reads formats " + FORMAT_OLDEST + " to "
                            + FORMAT);
        }
        SortedMap<String, String> properties = new TreeMap<>();
        int count = in.varint(in.remaining());
        for (int i = 0; i < count; i++) {
            properties.put(in.text(), in.text());
        }
        String configuration = in.text();
        List<Image> images = new ArrayList<>();
        count = in.varint(in.remaining());
        for (int i = 0; i < count; i++) {
            images.add(new Image(in.text(), in.varint(), in.blob()));
        }
        Parent parent = null;
        if (in.flag()) {
            String journal = in.text();
            long tick = in.varint();
            if (tick < 0) {
                throw in.broken("a tick below zero");
            }
            parent = new Parent(journal, new Position(tick, in.varint(Integer.MAX_VALUE)), in.blob());
        }
        in.end();
        return new JournalHeader(properties, configuration, images, parent);
    }
}
