package chronovisor.cpu;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decoded straight-line code at a guest-physical address, up to a control transfer, the end of the page or a length limit. Only its last
 * instruction may reach into the next page.
 */
final class CodeBlock {
    static final CodeBlock NONE = new CodeBlock(new long[0], new Step[0], new long[0], 0, new byte[0], 0, false);

    final long[] ops;
    final Step[] steps;

    /** For each step what it may touch, see {@link StepUse}. */
    final long[] uses;

    /** Instructions. */
    final int count;

    /** The encoding of all of them. */
    final byte[] bytes;

    /** Distance from the first byte to the target of the direct branch at the end; 0 without one. */
    final long target;

    /** Whether it has an instruction that {@link FloatingPointGate} may refuse. */
    final boolean floating;

    /** False when its bytes have been written to. */
    boolean valid = true;

    /** Guest-physical page of the tail of the last instruction when that lies in another page than the start, else -1. */
    long secondPage = -1;

    /** Translated code that contains this block. */
    private final List<Unit> units = new ArrayList<>(0);

    CodeBlock(long[] ops, Step[] steps, long[] uses, int count, byte[] bytes, long target, boolean floating) {
        this.ops = ops;
        this.steps = steps;
        this.uses = uses;
        this.count = count;
        this.bytes = bytes;
        this.target = target;
        this.floating = floating;
    }

    /**
     * The code has changed. Every operation becomes a stop, so that whoever is inside, or enters by a link, leaves before the next
     * instruction: self-modifying code takes effect at once, without a check per instruction.
     *
     * <p>
     * The next instruction is not always that of the next operation: some, like NOP, have none. It is the one behind the operation before.
     */
    void invalidate() {
        valid = false;
        units.forEach(Unit::invalidate);
        units.clear();
        for (int i = ops.length - 2; i >= 0; i -= 2) {
            ops[i] = Op.STOP | (i == 0 ? 0 : Op.behind(ops[i - 2], ops[i]));
        }
    }

    /** This block's code is in {@code unit} too. */
    void joins(Unit unit) {
        units.removeIf(u -> !u.valid);
        units.add(unit);
    }

    /** The unit of a translation that this block is in, if any: the same code at the same address needs only one. */
    @Nullable
    Unit unitOf(Translation translation) {
        for (Unit unit : units) {
            if (unit.valid && unit.translation == translation) {
                return unit;
            }
        }
        return null;
    }

    /** The code of the last operation. */
    int lastCode() {
        return (int) ops[ops.length - 2] & Op.CODE;
    }
}
