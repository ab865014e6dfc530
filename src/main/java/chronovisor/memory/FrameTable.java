package chronovisor.memory;

import org.jspecify.annotations.Nullable;

/** The two levels of a nested page table, each with a count of those that have it: twins share both until one of them changes. */
final class FrameTable {

    /** Frames of a leaf. */
    static final int LEAF_FRAMES = 512;

    /** Its entries are changed only by its one owner, or when it has more, under the pool's lock. */
    static final class Leaf {
        final long[] entries;
        volatile int owners = 1;

        Leaf(long[] entries) {
            this.entries = entries;
        }
    }

    final @Nullable Leaf[] leaves;
    volatile int owners = 1;

    FrameTable(int count) {
        this(new @Nullable Leaf[count]);
    }

    private FrameTable(@Nullable Leaf[] leaves) {
        this.leaves = leaves;
    }

    /** A table with the same leaves, which have one owner more each. The caller has the pool's lock. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock; volatile for who reads without
    FrameTable twin() {
        for (Leaf leaf : leaves) {
            if (leaf != null) {
                leaf.owners++;
            }
        }
        return new FrameTable(leaves.clone());
    }
}
