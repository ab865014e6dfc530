package chronovisor.journal;

import java.util.Arrays;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A machine's state at a position, as its difference from the checkpoint before it in the same journal: a STATE record. What
 * frames hold is in PAGES records, each page once a journal.
 *
 * <pre>
 *   flag whole | varint pages before | varint new pages
 *   varint sections; per section: text name, bytes
 *   varint changes; per change: varint distance from the frame number before, varint content
 *   digest, 32 bytes: SHA-256 of the sections and, for each change, its frame number and what the frame holds
 * </pre>
 *
 * The new pages are in the PAGES records right before this one, {@link PagePack#PAGES_MAX} in each but the last.
 *
 * @param at
 *            the position
 * @param whole
 *            whether the difference is from empty memory
 * @param pagesBefore
 *            pages in the journal before the new ones
 * @param pagesNew
 *            new pages that belong to this checkpoint
 * @param sections
 *            everything but memory, by name
 * @param frames
 *            guest frame numbers that changed, ascending
 * @param contents
 *            for each, what it holds now: {@link #ABSENT}, {@link #ZERO}, {@link #BALLOONED}, or {@link #PAGE} plus the
 *            number of a page
 * @param digest
 *            SHA-256 over sections and changes
 */
public record MachineCheckpoint(Position at, boolean whole, long pagesBefore, long pagesNew,
        SortedMap<String, Blob> sections, long[] frames, long[] contents, Blob digest) {

    /** Nothing was ever there. */
    public static final long ABSENT = 0;
    /** Read before it was written: zeros, in no frame of its own. */
    public static final long ZERO = 1;
    /** Given back. */
    public static final long BALLOONED = 2;
    /** The first page; page {@code n} is this plus {@code n}. */
    public static final long PAGE = 3;

    /** Keeps the arrays as they are, as nobody else holds them, and an unmodifiable copy of the sections. */
    public MachineCheckpoint {
        sections = Collections.unmodifiableSortedMap(new TreeMap<>(sections));
        if (frames.length != contents.length) {
            throw new IllegalArgumentException(frames.length + " frames with " + contents.length + " contents");
        }
    }

    /**
     * A section that must be there.
     *
     * @throws FormatException
     *             when it is not
     */
    public Blob section(String name) {
        Blob section = sections.get(name);
        if (section == null) {
            throw new FormatException("the checkpoint at " + at + " has no section '" + name + "'");
        }
        return section;
    }

    /** How many PAGES records hold its new pages. */
    public int packs() {
        return Math.toIntExact((pagesNew + PagePack.PAGES_MAX - 1) / PagePack.PAGES_MAX);
    }

    /** The payload of a STATE record. */
    public byte[] encode() {
        ByteSink out = new ByteSink(frames.length * 4 + 4096);
        out.flag(whole).varint(pagesBefore).varint(pagesNew).varint(sections.size());
        sections.forEach((name, bytes) -> out.text(name).blob(bytes));
        out.varint(frames.length);
        long before = -1;
        for (int i = 0; i < frames.length; i++) {
            out.varint(frames[i] - before - 1).varint(contents[i]);
            before = frames[i];
        }
        return out.raw(digest.raw(), 0, digest.size()).toByteArray();
    }

    static MachineCheckpoint decode(Position at, byte[] payload) {
        ByteSource in = new ByteSource(payload);
        boolean whole = in.flag();
        long pagesBefore = count(in);
        long pagesNew = count(in);
        SortedMap<String, Blob> sections = new TreeMap<>();
        for (int left = in.varint(in.remaining()); left > 0; left--) {
            sections.put(in.text(), in.blob());
        }
        int changes = in.varint(in.remaining() / 2);
        long[] frames = new long[changes];
        long[] contents = new long[changes];
        long before = -1;
        for (int i = 0; i < changes; i++) {
            before += count(in) + 1;
            frames[i] = before;
            contents[i] = count(in);
            if (contents[i] - PAGE >= pagesBefore + pagesNew) {
                throw in.broken("page " + (contents[i] - PAGE) + " of " + (pagesBefore + pagesNew));
            }
        }
        Blob digest = Blob.owning(in.raw(32));
        in.end();
        return new MachineCheckpoint(at, whole, pagesBefore, pagesNew, sections, frames, contents, digest);
    }

    /** A number of frames or pages: no machine or journal has more. */
    private static long count(ByteSource in) {
        return in.varint(1 << 30);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MachineCheckpoint that && at.equals(that.at) && digest.equals(that.digest)
                && Arrays.equals(encode(), that.encode());
    }

    @Override
    public int hashCode() {
        return digest.hashCode();
    }

    @Override
    public String toString() {
        return "checkpoint at " + at + ", " + frames.length + " frames, digest " + digest.toHex();
    }
}
