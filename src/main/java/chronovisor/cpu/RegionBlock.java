package chronovisor.cpu;

/**
 * A block as a translator gets it: a copy, so that it may be read on any thread.
 *
 * @param base linear address of the first byte
 * @param ops packed operations, see {@link Op}
 * @param steps what {@link Op#STEP} executes
 * @param uses for each step what it may touch, see {@link StepUse}
 * @param count instructions
 * @param code the encoding of all of them
 * @param target distance from {@code base} to the target of the direct branch at the end; 0 without one
 */
public record RegionBlock(long base, long[] ops, Step[] steps, long[] uses, int count, byte[] code, long target) {
    static RegionBlock of(Node node) {
        CodeBlock code = node.code;
        return new RegionBlock(node.base, code.ops.clone(), code.steps, code.uses, code.count, code.bytes, code.target);
    }

    /** Linear address of the byte after the block. */
    public long next() {
        return base + code.length;
    }

    /** Where the direct branch at the end goes. */
    public long branch() {
        return base + target;
    }

    /** Whether a conditional branch ends it. */
    public boolean branches() {
        int code = lastCode();
        return code >= Op.JO && code <= Op.JCC_STEP;
    }

    /** The code of the last operation. */
    public int lastCode() {
        return (int) ops[ops.length - 2] & Op.CODE;
    }
}
