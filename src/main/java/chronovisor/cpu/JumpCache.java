package chronovisor.cpu;

import java.util.Arrays;

/** Linear address to block, for one core in its current address space; emptied when translations may have changed. */
final class JumpCache {
    private static final int ENTRIES = 1 << 14;

    private final Node[] nodes = new Node[ENTRIES];

    /** The node that was left for want of a link, to be linked to what comes next; {@link Node#NONE} when there is none. */
    Node left = Node.NONE;

    JumpCache() {
        Arrays.fill(nodes, Node.NONE);
    }

    /** A node whose base may or may not be {@code address}. */
    Node at(long address) {
        return nodes[(int) (address ^ address >>> 14) & (ENTRIES - 1)];
    }

    void put(Node node) {
        nodes[(int) (node.base ^ node.base >>> 14) & (ENTRIES - 1)] = node;
    }

    void clear() {
        Arrays.fill(nodes, Node.NONE);
        left = Node.NONE;
    }
}
