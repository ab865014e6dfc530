package chronovisor.journal;

/**
 * Contents of guest frames: a PAGES record. Pages are numbered through the journal, in order.
 *
 * <pre>
 *   varint number of the first page | varint pages | the pages, 4,096 bytes each
 * </pre>
 *
 * @param first
 *            number of the first page
 * @param bytes
 *            the pages, one after the other
 */
public record PagePack(long first, Blob bytes) {

    /** Enough for compression to find what pages have in common, few enough that reading one page is cheap: 256 KiB. */
    public static final int PAGES_MAX = 64;
    /** Bytes of a page. */
    public static final int PAGE_BYTES = 4096;

    /** How many pages there are. */
    public int pages() {
        return bytes.size() / PAGE_BYTES;
    }

    /** Copies a page's bytes, by its number in the journal. */
    public void read(long number, byte[] destination) {
        if (number < first || number >= first + pages()) {
            throw new FormatException("page " + number + " is not among the pages from " + first);
        }
        System.arraycopy(bytes.raw(), (int) (number - first) * PAGE_BYTES, destination, 0, PAGE_BYTES);
    }

    /** The payload of a PAGES record: so many pages, which are in {@code bytes} one after the other. */
    public static byte[] encode(long first, int pages, byte[] bytes) {
        int head = ByteSink.varintBytes(first) + ByteSink.varintBytes(pages);
        int length = pages * PAGE_BYTES;
        return new ByteSink(head + length).varint(first).varint(pages).raw(bytes, 0, length).take();
    }

    static PagePack decode(byte[] payload) {
        ByteSource in = new ByteSource(payload);
        long first = in.varint();
        int pages = in.varint(PAGES_MAX);
        Blob bytes = Blob.owning(in.raw(pages * PAGE_BYTES));
        in.end();
        return new PagePack(first, bytes);
    }
}
