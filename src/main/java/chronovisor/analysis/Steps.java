package chronovisor.analysis;

import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.isa.Operation;
import chronovisor.journal.Position;
import chronovisor.timeline.Timeline;
import chronovisor.timeline.View;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The last instructions of one task before a position, each with the registers before it. */
final class Steps {

    /** An instruction that retired, or, the last one, was about to. */
    @SuppressWarnings("ArrayRecordComponent") // registers as they are, never changed
    record Step(Position before, long rip, @Nullable Instruction instruction, long[] general) {}

    private static final int RED_ZONE_BYTES = 128;

    private final List<Step> steps;

    private final long after;

    private Steps(List<Step> steps, long after) {
        this.steps = steps;
        this.after = after;
    }

    /**
     * Runs the last ticks before a position again, one by one. The timeline then stands at the position.
     *
     * @param kept
     *            how many of the task's instructions are kept at most
     */
    static Steps before(Scene scene, int task, Position end, long ticks, int kept) {
        Timeline timeline = scene.timeline();
        timeline.seek(new Position(Math.max(timeline.first().tick(), end.tick() - ticks), 0));
        ArrayDeque<Step> steps = new ArrayDeque<>();
        while (timeline.position().compareTo(end) < 0 && !timeline.atEnd()) {
            View view = timeline.view();
            int core = view.currentCore();
            Position before = timeline.position();
            Step next = view.taskOn(core) == task
                    ? new Step(before, view.rip(core), scene.instruction(task, view.rip(core)), view.general(core))
                    : null;
            timeline.turn();
            if (next != null && timeline.position().tick() > before.tick()) {
                steps.addLast(next);
                if (steps.size() > kept) {
                    steps.removeFirst();
                }
            }
        }
        View view = timeline.view();
        long after = view.registersOf(task).map(saved -> saved.general(Numbers.RSP)).orElse(0L);
        return new Steps(new ArrayList<>(steps), after);
    }

    int size() {
        return steps.size();
    }

    Step get(int index) {
        return steps.get(index);
    }

    /** The last step before an index that gave a register its value, or -1. */
    int writerOf(int register, int before, long valueThere) {
        long value = valueThere;
        for (int i = before - 1; i >= 0; i--) {
            Step step = steps.get(i);
            if (leavesHandler(step)) {
                i = beforeHandler(i);
                continue;
            }
            long had = step.general[register];
            if (had != value || writes(step.instruction, register)) {
                return i;
            }
            value = had;
        }
        return -1;
    }

    private static boolean leavesHandler(Step step) {
        return step.instruction != null && step.instruction.operation() == Operation.SYSCALL
                && step.general[0] == Numbers.SIGRETURN;
    }

    /** A handler gives every register back: the index of its first instruction. It ran below the red zone of what it interrupted. */
    private int beforeHandler(int leaving) {
        long interrupted = (leaving + 1 < steps.size() ? steps.get(leaving + 1).general[Numbers.RSP] : after)
                - RED_ZONE_BYTES;
        int i = leaving;
        while (i >= 0 && Long.compareUnsigned(steps.get(i).general[Numbers.RSP], interrupted) < 0) {
            i--;
        }
        return i + 1;
    }

    /** Whether an instruction writes a register even if the value remains. */
    private static boolean writes(@Nullable Instruction instruction, int register) {
        if (instruction == null || instruction.operandCount() == 0) {
            return false;
        }
        Operand first = instruction.operand(0);
        boolean moves = switch (instruction.operation()) {
            case MOV, MOVZX, MOVSX, MOVSXD, LEA, POP, CMOVCC -> true;
            default -> instruction.operation() == Operation.XOR;
        };
        return moves && first.isGpr(register);
    }
}
