package chronovisor.cpu;

import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/**
 * Translated code of a region, bound to no machine: a class whose instances are {@link Unit}s. It holds for the same bytes at the same
 * linear addresses, wherever they are in guest-physical memory.
 */
public final class Translation {
    final long[] bases;
    final byte[][] code;
    final int[] entries;
    final boolean recording;

    /** For each place that may fault: its block. */
    final int[] siteBlocks;

    /** For each place that may fault: word 0 of its operation. */
    final long[] siteWords;

    /** For each place that may fault: whether it is in a loop of one block, whose trips the trace has not been told. */
    final boolean[] siteLoops;

    /** Instructions of all blocks. */
    final int instructions;

    private final MethodHandle constructor;

    /**
     * A translation.
     *
     * @param constructor makes a {@link Unit} from this and the {@code CodeBlock}s
     * @param siteBlocks for each place that may fault, its block in the region
     * @param siteWords for each place that may fault, word 0 of its operation
     * @param siteLoops for each place that may fault, whether it is in a loop of one block, whose trips the trace has not been told
     */
    public Translation(Region region, MethodHandle constructor, int[] siteBlocks, long[] siteWords,
            boolean[] siteLoops) {
        this.bases = region.blocks().stream().mapToLong(RegionBlock::base).toArray();
        this.code = region.blocks().stream().map(RegionBlock::code).toArray(byte[][]::new);
        this.entries = region.entries();
        this.recording = region.recording();
        this.instructions = region.instructions();
        this.constructor = constructor;
        this.siteBlocks = siteBlocks;
        this.siteWords = siteWords;
        this.siteLoops = siteLoops;
    }

    /** Linear address of the entry with this number. */
    long entry(int number) {
        return bases[entries[number]];
    }

    boolean isOf(int block, CodeBlock decoded) {
        return decoded.valid && Arrays.equals(code[block], decoded.bytes);
    }

    /** A unit for blocks that have these bytes. */
    Unit unit(CodeBlock[] blocks) {
        try {
            return (Unit) constructor.invoke(this, blocks);
        } catch (Throwable e) {
            throw new IllegalStateException("a unit of translated code cannot be made", e);
        }
    }

    /** A unit of no machine, for {@link Unit#touch}. */
    public Unit idle() {
        return unit(new CodeBlock[0]);
    }
}
