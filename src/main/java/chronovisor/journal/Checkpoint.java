package chronovisor.journal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
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
        // A guest's files may be most of what is in the heap: pages are looked at where they are, and copied once.
        Map<ByteBuffer, Integer> numbers = new LinkedHashMap<>();
        ByteBuffer zeros = ByteBuffer.allocate(PAGE);
        ByteSink layout = new ByteSink(1 << 16);
        layout.varint(sections.size());
        sections.forEach((name, bytes) -> {
            layout.text(name).varint(bytes.size());
            for (int from = 0; from < bytes.size(); from += PAGE) {
                ByteBuffer page = ByteBuffer.wrap(bytes.raw(), from, Math.min(PAGE, bytes.size() - from));
                boolean zero = page.equals(zeros.limit(page.remaining()));
                layout.varint(zero ? 0 : numbers.computeIfAbsent(page, _ -> numbers.size() + 1));
            }
        });
        layout.varint(numbers.size());
        int total = layout.size();
        for (ByteBuffer page : numbers.keySet()) {
            total += ByteSink.varintBytes(page.remaining()) + page.remaining();
        }
        ByteSink out = new ByteSink(total);
        out.raw(layout.toByteArray(), 0, layout.size());
        numbers.keySet().forEach(page -> out.varint(page.remaining()).raw(page));
        return out.take();
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
}
