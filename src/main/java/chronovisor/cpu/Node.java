package chronovisor.cpu;

import org.jspecify.annotations.Nullable;

/**
 * A block at a linear address: what the jump cache finds and what direct successors are linked to. Belongs to one jump cache, so links
 * are as valid as its translations. An invalidated block's operations stop at once (see {@link CodeBlock#invalidate}), so links need no check.
 */
final class Node {
    /** Stands for "not linked": no deadline is late enough for it, and no address is its base (addresses are canonical). */
    static final Node NONE = new Node();

    private static final long NEVER_FITS = Long.MAX_VALUE / 2;

    final CodeBlock code;
    final long[] ops;
    final Step[] steps;

    /** Linear address of the first byte. */
    final long base;

    /** Instructions. */
    final long count;

    /** Bytes, so that {@code base + bytes} is the address after the block. */
    final int bytes;

    /** Distance from {@code base} to the target of the direct branch at the end. */
    final long target;

    Node taken = NONE;
    Node fall = NONE;

    /** Which link was missing when the block was last left. */
    boolean leftTaken;

    /**
     * What must still fit into the slice for the interpreter to go on here: {@link #count}, or more than any slice has when a unit of
     * translated code starts here. So the interpreter's loop leaves before such a block, and needs no check of its own for it.
     */
    long fits;

    /** The translated code that starts here, when there is some. */
    @Nullable
    Unit unit;

    /** Which of the unit's entries this is. */
    int entry;

    /** How often the interpreter was found about to run this block. */
    int heat;

    private Node() {
        code = CodeBlock.NONE;
        ops = new long[0];
        steps = new Step[0];
        base = 0x5555_0000_0000_0000L;
        count = NEVER_FITS;
        fits = NEVER_FITS;
        bytes = 0;
        target = 0;
        taken = this;
        fall = this;
    }

    Node(CodeBlock code, long base) {
        this.code = code;
        this.ops = code.ops;
        this.steps = code.steps;
        this.base = base;
        this.count = code.count;
        this.fits = code.count;
        this.bytes = code.bytes.length;
        this.target = code.target;
    }

    /** From now on this block is run by entry {@code at} of {@code translated}. */
    void attach(Unit translated, int at) {
        unit = translated;
        entry = at;
        fits = NEVER_FITS;
    }

    /** The block is the interpreter's again. */
    void detach() {
        unit = null;
        fits = count;
        heat = 0;
    }
}
