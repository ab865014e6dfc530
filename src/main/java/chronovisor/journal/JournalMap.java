package chronovisor.journal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where in a journal which record is, so that reading can begin anywhere. It is made of the excerpts' heads alone; what is
 * read later by it is checked then. Immutable.
 */
public final class JournalMap {

    /** A record: what its head tells, and where it is. */
    public static final class Entry {
        private final JournalReader.Glance glance;
        private final JournalReader.Mark mark;
        private final long bytes;

        Entry(JournalReader.Glance glance, JournalReader.Mark mark, long bytes) {
            this.glance = glance;
            this.mark = mark;
            this.bytes = bytes;
        }

        /** What it holds. */
        public RecordType type() {
            return glance.type();
        }

        /** The first position that it tells about. */
        public Position first() {
            return glance.first();
        }

        /** The last position that it tells about. */
        public Position last() {
            return glance.last();
        }

        /** What it takes of the segment. */
        public long bytes() {
            return bytes;
        }

        /** The number of its first excerpt. */
        public long number() {
            return mark.number();
        }
    }

    private final Path folder;
    private final List<Entry> entries;
    private final Blob chain;
    private final @Nullable Problem damage;

    private JournalMap(Path folder, List<Entry> entries, Blob chain, @Nullable Problem damage) {
        this.folder = folder;
        this.entries = Collections.unmodifiableList(entries);
        this.chain = chain;
        this.damage = damage;
    }

    /**
     * Maps the sound prefix of a journal; of a sealed one that is all of it.
     *
     * @param checking
     *            whether the bytes of every record are checked too
     * @throws JournalException
     *             when there is no journal
     */
    public static JournalMap of(Path folder, boolean checking) {
        List<Entry> entries = new ArrayList<>();
        Blob chain = Blob.EMPTY;
        Problem damage = null;
        try (JournalReader reader = JournalReader.open(folder)) {
            if (checking) {
                reader.checkingAll();
            }
            reader.map(entries);
            chain = reader.chain();
        } catch (DamagedJournalException e) {
            damage = e.problems().getFirst();
        }
        return new JournalMap(folder, entries, chain, damage);
    }

    /** The journal. */
    public Path folder() {
        return folder;
    }

    /** All its records, in order. */
    public List<Entry> entries() {
        return entries;
    }

    /** Where the sound prefix ends because of damage; null when it does not. */
    public @Nullable Problem damage() {
        return damage;
    }

    /** Whether the end of the run is there. */
    public boolean ended() {
        return !entries.isEmpty() && entries.getLast().type() == RecordType.END;
    }

    /** The last position that any record tells about. */
    public Position last() {
        return entries.stream().map(Entry::last).max(Position::compareTo).orElse(Position.START);
    }

    /** A reader that begins at a record. */
    public JournalReader readFrom(Entry entry) {
        return JournalReader.open(folder, entry.mark);
    }

    /**
     * Reads one record.
     *
     * @throws DamagedJournalException
     *             when it is damaged
     */
    public JournalRecord read(Entry entry) {
        try (JournalReader reader = readFrom(entry)) {
            JournalRecord record = reader.next();
            if (record == null) {
                throw new JournalException("record " + entry.number() + " of " + folder + " has gone");
            }
            return record;
        }
    }

    /** The chain over all records; empty when there is damage. */
    public Blob chain() {
        return chain;
    }

    /** The chain over all records that tell about nothing after a position. */
    public Blob chainAt(Position at) {
        Blob chain = Blob.of(ExcerptHead.chainStart());
        for (Entry entry : entries) {
            if (entry.first().compareTo(at) >= 0) {
                return entry.mark.chain();
            }
            chain = entry.mark.chain();
        }
        return chain;
    }

    /** The first record that is wanted, at or after the {@code from}th; the number of records when there is none. */
    public int find(int from, Predicate<Entry> wanted) {
        int at = from;
        while (at < entries.size() && !wanted.test(entries.get(at))) {
            at++;
        }
        return at;
    }
}
