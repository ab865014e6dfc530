package chronovisor.memory;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which frames hold decoded code, and who wants to know when one is written. */
final class CodeFrames {

    private static final int BLOCK_BITS = 12;

    private @Nullable BitBlock[] blocks = new @Nullable BitBlock[0];
    private final List<CodeWriteListener> listeners = new ArrayList<>();

    /** Bits of 4096 frames: a table for all frames would weigh too much in an idle clone. */
    private static final class BitBlock {
        final long[] bits = new long[1 << BLOCK_BITS - 6];
    }

    boolean contains(long gfn) {
        int slot = (int) (gfn >>> BLOCK_BITS);
        if (slot >= blocks.length) {
            return false;
        }
        BitBlock block = blocks[slot];
        return block != null && (block.bits[word(gfn)] >>> gfn & 1) != 0;
    }

    private static int word(long gfn) {
        return (int) (gfn & (1 << BLOCK_BITS) - 1) >>> 6;
    }

    /** Whether the frame was not marked before. */
    boolean mark(long gfn, CodeWriteListener listener) {
        if (!listeners.contains(listener)) {
            listeners.add(listener);
        }
        boolean added = !contains(gfn);
        int slot = (int) (gfn >>> BLOCK_BITS);
        if (slot >= blocks.length) {
            blocks = java.util.Arrays.copyOf(blocks, slot + 1);
        }
        BitBlock block = blocks[slot];
        if (block == null) {
            block = new BitBlock();
            blocks[slot] = block;
        }
        block.bits[word(gfn)] |= 1L << gfn;
        return added;
    }

    void unmark(long gfn) {
        if (contains(gfn)) {
            BitBlock block = blocks[(int) (gfn >>> BLOCK_BITS)];
            if (block != null) {
                block.bits[word(gfn)] &= ~(1L << gfn);
            }
        }
    }

    void written(long gfn, int offset, int length) {
        if (contains(gfn)) {
            for (CodeWriteListener listener : listeners) {
                listener.codeWritten(gfn, offset, length);
            }
        }
    }

    /** All of memory was replaced. */
    void allWritten() {
        for (int slot = 0; slot < blocks.length; slot++) {
            if (blocks[slot] != null) {
                for (long gfn = (long) slot << BLOCK_BITS; gfn < (long) slot + 1 << BLOCK_BITS; gfn++) {
                    written(gfn, 0, FramePool.FRAME_BYTES);
                }
            }
        }
    }
}
