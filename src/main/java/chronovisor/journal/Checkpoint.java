package chronovisor.journal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Named sections of state at a position. As bytes, the sections are cut into 4 KiB pages and a page that occurs twice is
 * kept once:
 *
 * <pre>
 *   varint sections; per section: text name, varint length, per page: varint page number (0 = all zeros)
 *   varint pages; the pages, 4 KiB each but for short last ones, which carry their length
 * </pre>
 */
public record Checkpoint(Position at, SortedMap<String, Blob> sections) {

    private static final int PAGE = 4096;

    /** Keeps an unmodifiable copy. */
    public Checkpoint {
        sections = Collections.unmodifiableSortedMap(new TreeMap<>(sections));
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

    byte[] encode() {
        Map<Blob, Integer> numbers = new HashMap<>();
        List<Blob> pages = new ArrayList<>();
        ByteSink out = new ByteSink(1 << 16);
        out.varint(sections.size());
        sections.forEach((name, bytes) -> {
            out.text(name).varint(bytes.size());
            for (int from = 0; from < bytes.size(); from += PAGE) {
                Blob page = Blob.of(bytes.raw(), from, Math.min(PAGE, bytes.size() - from));
                if (isZero(page)) {
                    out.varint(0);
                } else {
                    Integer known = numbers.get(page);
                    if (known == null) {
                        pages.add(page);
                        known = pages.size();
                        numbers.put(page, known);
                    }
                    out.varint(known);
                }
            }
        });
        out.varint(pages.size());
        pages.forEach(out::blob);
        return out.toByteArray();
    }

    static Checkpoint decode(Position at, byte[] payload) {
        ByteSource in = new ByteSource(payload);
        int count = in.varint(in.remaining());
        long total = 0;
        List<String> names = new ArrayList<>();
        List<int[]> layouts = new ArrayList<>();
        List<Integer> lengths = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(in.text());
            int length = in.varint(ExcerptHead.RAW_BYTES_MAX);
            int pages = (length + PAGE - 1) / PAGE;
            total += length;
            if (pages > in.remaining() || total > ExcerptHead.RAW_BYTES_MAX) {
                throw in.broken("a section longer than its page list");
            }
            int[] layout = new int[pages];
            for (int page = 0; page < pages; page++) {
                layout[page] = in.varint(Integer.MAX_VALUE);
            }
            lengths.add(length);
            layouts.add(layout);
        }
        List<byte[]> pages = new ArrayList<>();
        int pageCount = in.varint(in.remaining());
        for (int i = 0; i < pageCount; i++) {
            pages.add(in.bytes());
        }
        in.end();
        SortedMap<String, Blob> sections = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            sections.put(names.get(i), assemble(lengths.get(i), layouts.get(i), pages, in));
        }
        return new Checkpoint(at, sections);
    }

    private static Blob assemble(int length, int[] layout, List<byte[]> pages, ByteSource in) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < layout.length; i++) {
            if (layout[i] > pages.size()) {
                throw in.broken("page " + layout[i] + " of " + pages.size());
            }
            if (layout[i] > 0) {
                byte[] page = pages.get(layout[i] - 1);
                if (page.length != Math.min(PAGE, length - i * PAGE)) {
                    throw in.broken("a page of " + page.length + " bytes in the wrong place");
                }
                System.arraycopy(page, 0, bytes, i * PAGE, page.length);
            }
        }
        return Blob.owning(bytes);
    }

    private static boolean isZero(Blob page) {
        return Arrays.mismatch(page.raw(), new byte[page.size()]) < 0;
    }
}
