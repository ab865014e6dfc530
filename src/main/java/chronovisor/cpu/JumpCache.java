package chronovisor.cpu;

import chronovisor.memory.Mmu;
import java.util.Arrays;

/**
 * Linear address to block, for one core in one address space, with two places for each address. It remembers the pages that its blocks are
 * in, so that it outlives changes of other translations and switches to other address spaces and back.
 */
final class JumpCache {
    private static final int ENTRIES = 1 << 14;

    private static final int PAGES_MAX = 2048;

    /** Finding blocks anew costs less than looking at more pages than this. */
    private static final int PAGES_VERIFIED_MAX = 256;

    private static final int PAGE_SLOTS = 2 * PAGES_MAX;
    private static final long PAGE = -4096L;
    private static final long FREE = 1; // no page's address

    /** The cache of a processor that has not run yet. */
    static final JumpCache NONE = new JumpCache();

    private final Node[] nodes = new Node[ENTRIES];

    /** Open-addressed: linear pages, and what they were translated to. */
    private final long[] pages = new long[PAGE_SLOTS];

    private final long[] frames = new long[PAGE_SLOTS];

    /** The slots that are taken. */
    private final int[] taken = new int[PAGES_MAX];
    private int pageCount;

    /** The node that was left for want of a link, to be linked to what comes next; {@link Node#NONE} when there is none. */
    Node left = Node.NONE;

    JumpCache() {
        Arrays.fill(nodes, Node.NONE);
        Arrays.fill(pages, FREE);
    }

    /** A node whose base may or may not be {@code address}. */
    Node at(long address) {
        int index = index(address);
        Node node = nodes[index];
        return node.base == address ? node : nodes[index ^ 1];
    }

    private static int index(long address) {
        return (int) (address ^ address >>> 14) & ENTRIES - 1;
    }

    /**
     * Enters a node that was just fetched by {@code mmu}. What was in its place moves to the one beside it, unless it has come from there:
     * blocks that are run in turns must not throw each other out, and with them their links and how hot they are.
     */
    void put(Node node, Mmu mmu) {
        int index = index(node.base);
        Node before = nodes[index];
        if (before.base != node.base && before.code.valid && index(before.base) == index) {
            nodes[index ^ 1] = before;
        } else if (nodes[index ^ 1].base == node.base) {
            nodes[index ^ 1] = Node.NONE;
        }
        nodes[index] = node;
        hold(node.base, node.code, mmu);
    }

    /** From now on this cache is only good while {@code code} is at {@code base}. */
    void hold(long base, CodeBlock code, Mmu mmu) {
        note(base, mmu);
        long last = base + code.bytes.length - 1;
        if ((last & PAGE) != (base & PAGE)) {
            note(last, mmu);
        }
    }

    private void note(long address, Mmu mmu) {
        int slot = slot(address);
        if (pages[slot] == FREE && pageCount <= PAGES_MAX) {
            pageCount++;
            if (pageCount <= PAGES_MAX) {
                taken[pageCount - 1] = slot;
                pages[slot] = address & PAGE;
                frames[slot] = mmu.translateExecute(address) & PAGE;
            }
        }
    }

    /** The slot of a page, or the one that is free for it. */
    private int slot(long address) {
        long page = address & PAGE;
        int slot = (int) (page >>> 12 ^ page >>> 21) & PAGE_SLOTS - 1;
        while (pages[slot] != page && pages[slot] != FREE) {
            slot = slot + 1 & PAGE_SLOTS - 1;
        }
        return slot;
    }

    /** Looks whether translations that may have changed are still what they were; forgets everything when one is not. */
    void verify(Mmu mmu, boolean all) {
        boolean few = pageCount <= (all ? PAGES_VERIFIED_MAX : PAGES_MAX);
        if (pageCount > 0 && !(few && (all ? holdsAll(mmu) : holdsChanged(mmu)))) {
            clear();
        }
    }

    private boolean holdsAll(Mmu mmu) {
        for (int i = 0; i < pageCount; i++) {
            int slot = taken[i];
            if (mmu.fetched(pages[slot]) != frames[slot]) {
                return false;
            }
        }
        return true;
    }

    private boolean holdsChanged(Mmu mmu) {
        for (int i = 0; i < mmu.changedPages(); i++) {
            int slot = slot(mmu.changedPage(i));
            if (pages[slot] != FREE && mmu.fetched(pages[slot]) != frames[slot]) {
                return false;
            }
        }
        return true;
    }

    void clear() {
        if (pageCount == 0) {
            return;
        }
        Arrays.fill(nodes, Node.NONE);
        Arrays.fill(pages, FREE);
        pageCount = 0;
        left = Node.NONE;
    }
}
