package chronovisor.analysis.report;

import chronovisor.analysis.steps.FunctionTable;
import chronovisor.analysis.steps.GuestPrograms;
import chronovisor.analysis.steps.GuestPrograms.Program;
import chronovisor.analysis.steps.TaskSteps;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operation;
import chronovisor.journal.CpuEvent;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.InputEvent;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.journal.ProbeEvent;
import chronovisor.journal.RacketEvent;
import chronovisor.journal.VmmEvent;
import chronovisor.timeline.Symbols;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Follows the calls and returns of every task and counts each instruction in its context.
 *
 * <p>
 * A call pushes the function that comes next, with the address behind the call. A return goes to the frame that has that address; what
 * lies above, left behind by {@code longjmp} and its kin, is gone with it. An instruction outside the function on top without a call is a jump
 * into another one, which takes the place of the one on top. A signal's handler lies above what it has interrupted, until the task
 * asks the kernel to return from it.
 */
final class CallStacks implements TaskSteps.Visitor {

    private static final int SIGRETURN = 15;

    /** A deeper stack is counted in its frame at this depth. */
    static final int DEPTH_MAX = 1 << 12;

    /** Addresses that no function is known for are told by their page. */
    private static final long PAGE = 4096;

    private enum Next {
        SAME, CALLED, RETURNED, SIGNALLED
    }

    /** A task's stack of calls; or a core's, under a kernel whose tasks are not known. */
    private final class Stack {
        private final int root;
        private final FunctionTable table;
        private final boolean ofCore;
        private int[] nodes = new int[64];
        private long[] returns = new long[64];
        private boolean[] handlers = new boolean[64];
        private int depth;
        private int tooDeep;
        private Next next = Next.SAME;
        private long returnTo;
        /** The range of addresses of the function on top. */
        private long start;
        private long bytes;

        Stack(int root, FunctionTable table, boolean ofCore) {
            this.root = root;
            this.table = table;
            this.ofCore = ofCore;
        }

        void step(long rip, Instruction instruction) {
            if (next != Next.SAME) {
                arrive(rip);
            } else if (rip - start < 0 || rip - start >= bytes) {
                jump(rip);
            }
            tree.count(depth == 0 ? root : nodes[depth - 1]);
            Operation operation = instruction.operation();
            if (operation == Operation.CALL || operation == Operation.CALL_FAR) {
                next = Next.CALLED;
                returnTo = rip + instruction.length();
            } else if (operation == Operation.RET || operation == Operation.RET_FAR) {
                next = Next.RETURNED;
            } else if (operation == Operation.IRET && ofCore) {
                returnsFromSignal();
            }
        }

        private void arrive(long rip) {
            Next how = next;
            next = Next.SAME;
            switch (how) {
                case CALLED -> push(rip, returnTo, false);
                case SIGNALLED -> push(rip, 0, true);
                case RETURNED -> back(rip);
                case SAME -> jump(rip);
            }
        }

        private void push(long rip, long expected, boolean handler) {
            if (depth == DEPTH_MAX) {
                tooDeep++;
                find(rip);
                return;
            }
            if (depth == nodes.length) {
                nodes = Arrays.copyOf(nodes, depth * 2);
                returns = Arrays.copyOf(returns, depth * 2);
                handlers = Arrays.copyOf(handlers, depth * 2);
            }
            int node = tree.child(depth == 0 ? root : nodes[depth - 1], find(rip));
            tree.called(node);
            nodes[depth] = node;
            returns[depth] = expected;
            handlers[depth] = handler;
            depth++;
        }

        private void back(long rip) {
            if (tooDeep > 0) {
                // What is above the frame at the limit is only counted.
                tooDeep--;
                find(rip);
                return;
            }
            for (int at = depth - 1; at >= 0 && !handlers[at]; at--) {
                if (returns[at] == rip) {
                    depth = at;
                    break;
                }
            }
            jump(rip);
        }

        /** The function on top is another one now, unless it is the same. */
        private void jump(long rip) {
            int function = find(rip);
            if (depth == 0) {
                push(rip, 0, false);
            } else if (tooDeep == 0 && tree.function(nodes[depth - 1]) != function) {
                int below = depth == 1 ? root : nodes[depth - 2];
                nodes[depth - 1] = tree.child(below, function);
                if (rip == start) {
                    // A call in all but name: the last thing that a function does may be a jump to another one.
                    tree.called(nodes[depth - 1]);
                }
            }
        }

        /** The function that an address lies in; remembers its range. */
        private int find(long rip) {
            int index = table.find(rip);
            if (index >= 0) {
                Symbols.Range range = table.get(index);
                start = range.start();
                bytes = range.end() - range.start();
                return tree.name(range.name());
            }
            start = rip & -PAGE;
            bytes = PAGE;
            return tree.name("[0x" + Long.toHexString(start) + "]");
        }

        void signalled() {
            next = Next.SIGNALLED;
        }

        void returnsFromSignal() {
            for (int at = depth - 1; at >= 0; at--) {
                if (handlers[at]) {
                    depth = at;
                    bytes = 0;
                    tooDeep = 0;
                    next = Next.SAME;
                    return;
                }
            }
        }
    }

    private final GuestPrograms programs;
    private final CallTree tree;
    private final Map<Integer, Stack> stacks = new HashMap<>();
    private int lastOwner = Integer.MIN_VALUE;
    private @Nullable Stack last;

    CallStacks(GuestPrograms programs, CallTree tree) {
        this.programs = programs;
        this.tree = tree;
    }

    @Override
    public void step(int task, long tick, int core, long rip, Instruction instruction) {
        int whose = task < 0 ? ofCore(core) : task;
        Stack stack = last;
        if (whose != lastOwner || stack == null) {
            stack = stacks.computeIfAbsent(whose, number -> stack(number, Position.START));
            last = stack;
            lastOwner = whose;
        }
        stack.step(rip, instruction);
    }

    /** Where no tasks are known each core has a stack. */
    private static int ofCore(int core) {
        return TaskSteps.NO_TASK - core;
    }

    private void interrupted(int core) {
        Stack stack = stacks.get(ofCore(core));
        if (stack != null) {
            stack.signalled();
        }
    }

    @Override
    public void event(GuestEvent event) {
        switch (event) {
            case KittenEvent.TaskStarted started -> replace(started.task(), started.at());
            case KittenEvent.ProgramLoaded loaded -> replace(loaded.task(), loaded.at());
            case KittenEvent.SignalDelivered delivered when delivered.handler() != 0 ->
                stacks.computeIfAbsent(delivered.task(), number -> stack(number, delivered.at())).signalled();
            case KittenEvent.SyscallEntered entered when entered.number() == SIGRETURN -> {
                Stack stack = stacks.get(entered.task());
                if (stack != null) {
                    stack.returnsFromSignal();
                }
            }
            case VmmEvent.InterruptInjected injected -> interrupted(injected.core());
            case CpuEvent.ExceptionRaised raised -> interrupted(raised.core());
            case InputEvent _,CpuEvent _,VmmEvent _,RacketEvent _,ProbeEvent _,KittenEvent.SignalDelivered _,KittenEvent.SyscallEntered _ -> {
                // Only the above move a task.
            }
            case KittenEvent.SyscallReturned _,KittenEvent.TaskSwitched _,KittenEvent.TaskBlocked _,KittenEvent.TaskWoken _,KittenEvent.TaskExited _,KittenEvent.PageFaulted _,KittenEvent.RegionChanged _,KittenEvent.SignalSent _,KittenEvent.MessagePrinted _,KittenEvent.ConsoleInputArrived _,KittenEvent.ConsoleWritten _,KittenEvent.ConsoleRead _,KittenEvent.PipeCreated _,KittenEvent.PipeWritten _,KittenEvent.PipeRead _,KittenEvent.FileOpened _,KittenEvent.FileClosed _ -> {
                // Nor do these.
            }
        }
    }

    private void replace(int task, Position at) {
        stacks.put(task, stack(task, at));
        last = null;
    }

    private Stack stack(int owner, Position at) {
        boolean ofCore = owner < 0;
        Program program = programs.from(ofCore ? TaskSteps.NO_TASK : programs.processOf(owner), at);
        String label = ofCore
                ? "core " + (TaskSteps.NO_TASK - owner)
                : "task " + owner + " (" + programs.nameOf(owner) + ")";
        return new Stack(tree.child(0, tree.name(label)), program == null ? FunctionTable.EMPTY : program.functions(),
                ofCore);
    }
}
