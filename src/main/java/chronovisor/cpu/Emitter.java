package chronovisor.cpu;

import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Collects the operations of the block being built. */
final class Emitter {
    private long[] ops = new long[64];
    private int length;
    private final List<Step> steps = new ArrayList<>();
    private long[] uses = new long[8];
    private int start;
    private int bytes;
    private int order;

    /** Distance from the block's start to the target of its direct branch. */
    long target;

    /** The operations that follow belong to this instruction. */
    void instruction(int atOffset, int byteCount, int number) {
        start = atOffset;
        bytes = byteCount;
        order = number;
    }

    /** Offset from the block's start to the instruction. */
    int start() {
        return start;
    }

    /** Offset from the block's start to the next instruction. */
    int next() {
        return start + bytes;
    }

    void op(int code, int destination, int source, long x) {
        raw(Op.word(code, destination, source, Cpu.SLOT_ZERO, Cpu.SLOT_ZERO, 0), x);
    }

    /** An operation with the address of {@code memory}, which is packable. */
    void memory(int code, int destination, int source, Operand memory) {
        raw(Op.word(code, destination, source, 0, 0, 0) | Addresses.word(memory, false),
                Addresses.displacementWord(memory, next()));
    }

    /** LEA ignores segment bases. */
    void lea(int code, int destination, Operand memory) {
        raw(Op.word(code, destination, 0, 0, 0, 0) | Addresses.word(memory, true),
                Addresses.displacementWord(memory, next()));
    }

    /** A step that may touch everything. */
    void step(int code, Step step) {
        step(code, step, StepUse.EVERYTHING);
    }

    /**
     * A step.
     *
     * @param use what it may touch, see {@link StepUse}
     */
    void step(int code, Step step, long use) {
        op(code, 0, 0, steps.size());
        if (steps.size() == uses.length) {
            uses = Arrays.copyOf(uses, uses.length * 2);
        }
        uses[steps.size()] = use;
        steps.add(step);
    }

    private void raw(long w, long x) {
        if (length + 2 > ops.length) {
            ops = Arrays.copyOf(ops, ops.length * 2);
        }
        ops[length++] = w | Op.at(start, bytes, order);
        ops[length++] = x;
    }

    /** Whether the last operation is a control transfer. */
    boolean transfers() {
        return length > 0 && Op.transfers((int) ops[length - 2] & Op.CODE);
    }

    long[] ops() {
        return Arrays.copyOf(ops, length);
    }

    Step[] steps() {
        return steps.toArray(new Step[0]);
    }

    /** For each step what it may touch. */
    long[] uses() {
        return Arrays.copyOf(uses, steps.size());
    }

    /** Whether the memory operand of {@code i}, if it has one, can be packed. */
    static boolean packable(Instruction i) {
        Operand m = i.memory();
        return m == null || Addresses.packable(m, i.addressSize());
    }
}
