package chronovisor.journal;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of a journal in order and checks every excerpt: its number, its CRC, and its place in the chain. A
 * journal without a seal is read up to its last good excerpt. One thread.
 */
public final class JournalReader implements AutoCloseable {

    private static final String SEGMENT_SUFFIX = ".cq4";

    private final Path folder;
    private final List<Path> segments;
    private final boolean sealed;
    private int segment = -1;
    private @Nullable SegmentFile file;
    private byte[] chain = ExcerptHead.chainStart();
    private long number;
    private Position last = Position.START;
    private boolean finished;
    private boolean checkAll;

    /** What an excerpt's head tells before its bytes are read; for choosing which records to read. */
    public record Glance(RecordType type, Position first, Position last) {}

    /** A place between two records, from which reading can go on. */
    record Mark(int segment, long offset, long number, Blob chain, Position last) {}

    private JournalReader(Path folder, List<Path> segments, boolean sealed) {
        this.folder = folder;
        this.segments = segments;
        this.sealed = sealed;
    }

    /**
     * Opens a journal.
     *
     * @throws JournalException
     *             when the folder is missing or holds no journal
     */
    public static JournalReader open(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new JournalException("no such journal: " + folder);
        }
        List<Path> segments = segments(folder);
        boolean sealed = Files.exists(folder.resolve(Manifest.FILE));
        if (segments.isEmpty() && (sealed || !begun(folder))) {
            throw new JournalException("not a journal (it has no segment): " + folder);
        }
        return new JournalReader(folder, segments, sealed);
    }

    /**
     * Opens a journal for what it tells of a position and later ones. What lies before is not looked at, and so not checked, where it can be
     * passed over: the journal's size does not matter then.
     *
     * @throws JournalException
     *             when the folder is missing or holds no journal
     */
    public static JournalReader openAt(Path folder, Position from) {
        JournalReader whole = open(folder);
        try {
            Mark mark = from.tick() == 0 ? null : JournalSeek.before(folder, whole.segments, from.tick());
            return mark == null ? whole : whole.at(mark);
        } catch (IOException e) {
            throw new JournalException("cannot read the journal " + folder + ": " + e.getMessage(), e);
        }
    }

    /** Opens a journal at a place where another reader of it stood. */
    static JournalReader open(Path folder, Mark mark) {
        try {
            return open(folder).at(mark);
        } catch (IOException e) {
            throw new JournalException("cannot read the journal " + folder + ": " + e.getMessage(), e);
        }
    }

    /** This reader, which has not read anything yet, at a place. */
    private JournalReader at(Mark mark) throws IOException {
        file = new SegmentFile(segments.get(mark.segment), mark.offset);
        segment = mark.segment;
        number = mark.number;
        chain = mark.chain.toByteArray();
        last = mark.last;
        return this;
    }

    /** A recorder killed in its first moments leaves an empty folder or Chronicle's table alone: an empty prefix. */
    private static boolean begun(Path folder) {
        try (var files = Files.list(folder)) {
            return files.allMatch(file -> String.valueOf(file.getFileName()).equals("metadata.cq4t"));
        } catch (IOException e) {
            throw new JournalException("cannot read the journal " + folder + ": " + e.getMessage(), e);
        }
    }

    static List<Path> segments(Path folder) {
        try (var files = Files.list(folder)) {
            return files.filter(path -> path.toString().endsWith(SEGMENT_SUFFIX)).sorted().toList();
        } catch (IOException e) {
            throw new JournalException("cannot read the journal " + folder + ": " + e.getMessage(), e);
        }
    }

    /** Also checks the records that are passed over. */
    public JournalReader checkingAll() {
        checkAll = true;
        return this;
    }

    /** The folder. */
    public Path folder() {
        return folder;
    }

    /** Whether a clean close sealed it (the seal itself is checked by {@link JournalVerifier}). */
    public boolean sealed() {
        return sealed;
    }

    /** The last position told by the records delivered so far. */
    public Position last() {
        return last;
    }

    /** Excerpts read so far, and so the number of the next. */
    public long excerpts() {
        return number;
    }

    /** The chain over all excerpts read so far. */
    public Blob chain() {
        return Blob.of(chain);
    }

    /**
     * The next record, or null at the end of the journal's sound prefix.
     *
     * @throws DamagedJournalException
     *             when there is damage; everything before it was delivered
     */
    public @Nullable JournalRecord next() {
        return next(glance -> true);
    }

    /**
     * The next record that is wanted, or null at the end. The bytes of the others are passed over unread.
     *
     * @throws DamagedJournalException
     *             when there is damage
     */
    public @Nullable JournalRecord next(Predicate<Glance> wanted) {
        try {
            while (true) {
                ExcerptHead head = nextHead();
                if (head == null) {
                    return null;
                }
                JournalRecord read = record(head, wanted.test(new Glance(head.type(), head.first(), head.last())));
                if (read != null) {
                    return read;
                }
            }
        } catch (IOException e) {
            throw new JournalException("cannot read the journal " + folder + ": " + e.getMessage(), e);
        }
    }

    /**
     * The next record of events, or null at the end. The bytes of other records are passed over unread.
     *
     * @throws DamagedJournalException
     *             when there is damage
     */
    public @Nullable JournalRecord nextEvents() {
        return nextEvents(Position.START);
    }

    /**
     * The next record of events that holds any from a position on, or null at the end. The bytes of other records are passed over unread.
     *
     * @throws DamagedJournalException
     *             when there is damage
     */
    public @Nullable JournalRecord nextEvents(Position from) {
        return next(glance -> glance.type() == RecordType.EVENTS && glance.last().compareTo(from) >= 0);
    }

    /**
     * Passes over records for so many bytes, or up to the end of the segment or journal.
     *
     * @throws DamagedJournalException
     *             when there is damage
     */
    void pass(long bytes) {
        try {
            long start = current().offset();
            int begun = segment;
            for (ExcerptHead head = nextHead(); head != null; head = nextHead()) {
                record(head, false);
                if (finished || segment != begun || current().offset() - start > bytes) {
                    return;
                }
            }
        } catch (IOException e) {
            throw new JournalException("cannot read the journal " + folder + ": " + e.getMessage(), e);
        }
    }

    /** Passes over all records and lists them. */
    void map(List<JournalMap.Entry> into) {
        try {
            for (ExcerptHead head = nextHead(); head != null; head = nextHead()) {
                // The word of a document is before its excerpt.
                SegmentFile open = current();
                Mark mark = new Mark(segment, open.excerptOffset() - Integer.BYTES, number, Blob.of(chain), last);
                record(head, false);
                if (number > mark.number) {
                    into.add(new JournalMap.Entry(new Glance(head.type(), head.first(), head.last()), mark,
                            open.offset() - mark.offset));
                    last = head.last().compareTo(last) > 0 ? head.last() : last;
                }
            }
        } catch (IOException e) {
            throw new JournalException("cannot read the journal " + folder + ": " + e.getMessage(), e);
        }
    }

    private @Nullable ExcerptHead nextHead() throws IOException {
        while (!finished) {
            SegmentFile open = file;
            ExcerptHead head = open == null ? null : open.next();
            if (open != null && head != null) {
                return head;
            }
            if (open != null) {
                stopped(open);
                open.close();
            }
            segment++;
            if (segment < segments.size()) {
                file = new SegmentFile(segments.get(segment));
            } else {
                finished = true;
                file = null;
            }
        }
        return null;
    }

    /**
     * A walk that stopped is the end only if nothing good follows it. One good excerpt right behind the word it stopped at
     * is what a writer leaves that was killed after the bytes and before the word that makes them a document: it was never
     * appended. In a sealed journal there is no such thing.
     */
    private void stopped(SegmentFile open) throws IOException {
        if (open.stopped() == SegmentFile.Stop.DAMAGED) {
            throw damaged(open.offset(), open.why());
        }
        List<ExcerptScan.Found> beyond = ExcerptScan.all(segments.get(segment), open.offset());
        boolean neverAppended = !sealed && segment == segments.size() - 1 && beyond.size() == 1
                && beyond.getFirst().offset() == open.offset() + Integer.BYTES
                && beyond.getFirst().head().number() == number;
        if (!beyond.isEmpty() && !neverAppended) {
            throw damaged(open.offset(), open.why() + ", but excerpt " + beyond.getFirst().head().number()
                    + " follows at byte " + beyond.getFirst().offset());
        }
    }

    private @Nullable JournalRecord record(ExcerptHead first, boolean wanted) throws IOException {
        SegmentFile open = current();
        long offset = open.excerptOffset();
        long firstNumber = number;
        byte[] stored = new byte[0];
        ExcerptHead head = first;
        while (true) {
            byte[] excerpt = wanted || checkAll ? check(open, head) : new byte[0];
            if (wanted) {
                stored = stored.length == 0
                        ? Arrays.copyOfRange(excerpt, ExcerptHead.SIZE, ExcerptHead.SIZE + head.storedLength())
                        : join(stored, excerpt, head.storedLength());
            }
            expect(open, head.number() == number, "excerpt number " + head.number() + " instead of " + number);
            chain = head.chain();
            number++;
            if (!head.goesOn()) {
                break;
            }
            ExcerptHead next = open.next();
            if (next == null) {
                // The writer was killed between the parts of a record: the parts before are no record.
                number = firstNumber;
                stopped(open);
                finished = true;
                open.close();
                return null;
            }
            expect(open, next.type() == first.type() && next.rawLength() == first.rawLength(),
                    "a part of another record");
            head = next;
        }
        if (!wanted) {
            return null;
        }
        byte[] payload;
        try {
            payload = unpack(first, stored);
        } catch (FormatException e) {
            throw damaged(offset, String.valueOf(e.getMessage()));
        }
        if (head.last().compareTo(last) > 0) {
            last = head.last();
        }
        return new JournalRecord(first.type(), firstNumber, first.first(), first.last(), open.name(), offset, payload);
    }

    private byte[] check(SegmentFile open, ExcerptHead head) throws IOException {
        byte[] excerpt = open.excerpt(head);
        expect(open, head.agrees(excerpt), "the excerpt's CRC32C does not fit its bytes");
        expect(open, Arrays.equals(ExcerptHead.chainOf(chain, excerpt, head.storedLength()), head.chain()),
                "the excerpt's hash chain does not fit what comes before");
        return excerpt;
    }

    /** The raw bytes of a record; compressed ones tell their own length, so a hostile head cannot make us allocate. */
    static byte[] unpack(ExcerptHead head, byte[] stored) {
        if (head.codec() == ExcerptHead.CODEC_NONE) {
            if (stored.length != head.rawLength()) {
                throw new FormatException("a record of the wrong length");
            }
            return stored;
        }
        if (Zstd.getFrameContentSize(stored) != head.rawLength()) {
            throw new FormatException("a compressed record of the wrong length");
        }
        byte[] raw = new byte[head.rawLength()];
        try {
            if (Unpacking.unpack(stored, raw) != raw.length) {
                throw new FormatException("a compressed record that ends early");
            }
        } catch (ZstdException e) {
            throw new FormatException("a compressed record that does not unpack", e);
        }
        return raw;
    }

    private static byte[] join(byte[] stored, byte[] excerpt, int length) {
        byte[] joined = Arrays.copyOf(stored, stored.length + length);
        System.arraycopy(excerpt, ExcerptHead.SIZE, joined, stored.length, length);
        return joined;
    }

    private SegmentFile current() {
        SegmentFile open = file;
        if (open == null) {
            throw new IllegalStateException("no segment is open");
        }
        return open;
    }

    private void expect(SegmentFile open, boolean holds, String otherwise) {
        if (!holds) {
            throw damaged(open.excerptOffset(), otherwise);
        }
    }

    private DamagedJournalException damaged(long offset, String what) {
        finished = true;
        return new DamagedJournalException(
                new Problem(current().name(), offset, number, number == 0 ? null : last, what));
    }

    @Override
    public void close() {
        SegmentFile open = file;
        file = null;
        finished = true;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                throw new JournalException("cannot close " + open.name() + ": " + e.getMessage(), e);
            }
        }
    }
}
