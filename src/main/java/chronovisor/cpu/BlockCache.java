package chronovisor.cpu;

import chronovisor.memory.CodeWriteListener;
import chronovisor.memory.GuestMemory;
import chronovisor.memory.HostMemory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decoded blocks of one guest-physical memory, by page: shared by address spaces and cores. A write to a page with code invalidates
 * exactly the blocks whose bytes it touches.
 */
final class BlockCache {
    private static final int SINGLES = 1 << 9;

    private final GuestMemory memory;

    /**
     * The blocks of one instruction that were built last. While recording, each instruction runs alone when it is new, and mostly never
     * again: so few are kept, and instead of watching for writes to them, their bytes are compared when they are found.
     */
    private final @Nullable CodeBlock[] singles = new CodeBlock[SINGLES];

    private final long[] singlePlaces = new long[SINGLES];
    private final CodeWriteListener listener = this::written;
    private final Map<Long, Page> pages = new HashMap<>();

    /** Blocks of a page by offset, blocks of two pages apart. */
    private static final class Page {
        final Map<Integer, CodeBlock> blocks = new HashMap<>();
        final List<Straddler> straddlers = new ArrayList<>();
        final long[] covered = new long[64];

        void cover(int from, int to) {
            for (int i = from; i < to; i++) {
                covered[i >> 6] |= 1L << (i & 63);
            }
        }

        boolean covers(int from, int to) {
            for (int i = from; i < to; i++) {
                if ((covered[i >> 6] >>> (i & 63) & 1) != 0) {
                    return true;
                }
            }
            return false;
        }
    }

    /** A block of one instruction in two pages; bytes {@code from} to {@code to} of it are in this one. */
    private record Straddler(CodeBlock block, int from, int to) {}

    BlockCache(GuestMemory memory) {
        this.memory = memory;
    }

    GuestMemory memory() {
        return memory;
    }

    /** The block that starts at {@code gpa}, if it is there. */
    @Nullable
    CodeBlock find(long gpa) {
        Page page = pages.get(gpa >>> 12);
        return page == null ? null : page.blocks.get((int) gpa & 0xFFF);
    }

    /** Enters a block that lies in one page. */
    void put(long gpa, CodeBlock block) {
        Page page = page(gpa);
        int offset = (int) gpa & 0xFFF;
        page.blocks.put(offset, block);
        page.cover(offset, offset + block.bytes.length);
    }

    /** The block of the one instruction at {@code gpa}, if it is still there and the same. */
    @Nullable
    CodeBlock findSingle(long gpa) {
        int slot = (int) gpa & SINGLES - 1;
        CodeBlock block = singles[slot];
        return block != null && singlePlaces[slot] == gpa && isIn(memory, gpa, block.bytes) ? block : null;
    }

    /** Keeps a block of one instruction that lies in one page, until another one takes its place. */
    void putSingle(long gpa, CodeBlock block) {
        int slot = (int) gpa & SINGLES - 1;
        singles[slot] = block;
        singlePlaces[slot] = gpa;
    }

    private static boolean isIn(GuestMemory memory, long gpa, byte[] bytes) {
        long host = memory.hostForRead(gpa >>> 12) + (gpa & 0xFFF);
        for (int i = 0; i < bytes.length; i++) {
            if (HostMemory.get8(host + i) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    /** Watches a block that starts at {@code gpa} and goes on at the start of the page of {@code secondGpa}. */
    void putStraddler(long gpa, long secondGpa, CodeBlock block) {
        int offset = (int) gpa & 0xFFF;
        watch(gpa, new Straddler(block, offset, 4096));
        watch(secondGpa, new Straddler(block, 0, offset + block.bytes.length - 4096));
    }

    private void watch(long gpa, Straddler straddler) {
        Page page = page(gpa);
        page.straddlers.removeIf(s -> !s.block.valid);
        page.straddlers.add(straddler);
        page.cover(straddler.from, straddler.to);
    }

    private Page page(long gpa) {
        long gfn = gpa >>> 12;
        Page page = pages.get(gfn);
        if (page == null) {
            page = new Page();
            pages.put(gfn, page);
        }
        memory.markCode(gfn, listener);
        return page;
    }

    private void written(long gfn, int offset, int length) {
        Page page = pages.get(gfn);
        if (page == null || !page.covers(offset, offset + length)) {
            return;
        }
        // The covered bytes are rebuilt from what remains.
        java.util.Arrays.fill(page.covered, 0);
        for (Iterator<Map.Entry<Integer, CodeBlock>> it = page.blocks.entrySet().iterator(); it.hasNext();) {
            Map.Entry<Integer, CodeBlock> e = it.next();
            int from = e.getKey();
            int to = from + e.getValue().bytes.length;
            if (from < offset + length && offset < to) {
                e.getValue().invalidate();
                it.remove();
            } else {
                page.cover(from, to);
            }
        }
        for (Iterator<Straddler> it = page.straddlers.iterator(); it.hasNext();) {
            Straddler s = it.next();
            if (s.from < offset + length && offset < s.to) {
                s.block.invalidate();
                it.remove();
            } else {
                page.cover(s.from, s.to);
            }
        }
        if (page.blocks.isEmpty() && page.straddlers.isEmpty()) {
            pages.remove(gfn);
            memory.unmarkCode(gfn);
        }
    }
}
