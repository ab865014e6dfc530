package chronovisor.jit;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import chronovisor.cpu.Op;
import chronovisor.cpu.RegionBlock;
import chronovisor.cpu.StepUse;
import chronovisor.isa.Condition;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The blocks of a unit: operations, and the edges between blocks. */
final class BlockEmitter {
    private static final MethodTypeDesc TRANSFERRED = MethodTypeDesc.of(CD_long, Names.TRACE, Names.CPU, CD_long,
            CD_long, CD_long);
    private static final MethodTypeDesc INDIRECT = MethodTypeDesc.of(CD_long, Names.TRACE, Names.CPU, CD_long,
            CD_long, CD_long, CD_long);

    /** Return addresses that a return is compared with before the jump cache is asked. */
    private static final int RETURNS_MAX = 3;

    private final CodeBuilder b;
    private final UnitEmitter unit;
    private final Places places;
    private final FlagEmitter flags;
    private final ArithmeticEmitter arithmetic;
    private final MemoryEmitter memory;
    private final Label dispatch;
    private final Label exit;
    private final Label everything;
    private final List<RegionBlock> blocks;
    private final Label[] labels;
    private final int[] predecessors;
    private final Pending[] entering;
    private final boolean[] wanted;
    private final ArrayDeque<Integer> waiting = new ArrayDeque<>();
    private boolean stepsOfEverything;

    // The block under way.
    private int number;
    private RegionBlock block;

    BlockEmitter(CodeBuilder b, UnitEmitter unit) {
        this.b = b;
        this.unit = unit;
        this.places = new Places(b);
        this.flags = new FlagEmitter(b);
        this.arithmetic = new ArithmeticEmitter(b, places, flags);
        this.memory = new MemoryEmitter(b, places);
        this.dispatch = b.newLabel();
        this.exit = b.newLabel();
        this.everything = b.newLabel();
        this.blocks = unit.region().blocks();
        this.block = blocks.get(0);
        this.labels = new Label[blocks.size()];
        this.predecessors = new int[blocks.size()];
        this.entering = new Pending[blocks.size()];
        this.wanted = new boolean[blocks.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = b.newLabel();
            entering[i] = Pending.NONE;
        }
        for (RegionBlock each : blocks) {
            countEdges(each);
        }
    }

    /** Where the entry's number in its local is looked at. */
    Label dispatch() {
        return dispatch;
    }

    /** Where the unit is left for the address in its local. */
    Label exit() {
        return exit;
    }

    /** The handler for steps that may touch everything: registers and flags are the processor's. */
    Label everythingHandler() {
        return everything;
    }

    boolean hasStepsOfEverything() {
        return stepsOfEverything;
    }

    /** The label of a block, which will be emitted. */
    Label label(int index) {
        if (!wanted[index]) {
            wanted[index] = true;
            waiting.add(index);
        }
        return labels[index];
    }

    private void countEdges(RegionBlock from) {
        switch (from.lastCode()) {
            case Op.RET, Op.CALL_R, Op.JMP_R, Op.STOP, Op.SYSCALL, Op.JMP_STEP -> {
                // What they lead to is an entry, if it is here.
            }
            case Op.JMP, Op.CALL -> countEdge(from.branch());
            case Op.FALL -> countEdge(from.next());
            default -> {
                countEdge(from.branch());
                countEdge(from.next());
            }
        }
    }

    private void countEdge(long address) {
        int to = unit.blockAt(address);
        if (to >= 0) {
            predecessors[to]++;
        }
    }

    /** Emits the blocks that can be reached from the entries. */
    void emit() {
        while (!waiting.isEmpty()) {
            block(waiting.remove());
        }
    }

    private void block(int index) {
        number = index;
        block = blocks.get(index);
        places.base(block.base());
        flags.pending(entering[index]);
        b.labelBinding(labels[index]);
        b.lload(Locals.RETIRED).loadConstant((long) block.count()).ladd().lload(Locals.DEADLINE).lcmp();
        b.ifgt(unit.leaving(b, flags.pending(), 0, block.base()));
        long[] ops = block.ops();
        for (int i = 0; i < ops.length; i += 2) {
            operation(ops, i);
        }
    }

    private void operation(long[] ops, int i) {
        long w = ops[i];
        long x = ops[i + 1];
        int code = (int) w & Op.CODE;
        if (arithmetic.emit(w, x)) {
            return;
        }
        if (MemoryEmitter.isAddress(code)) {
            memory.address(w, x);
            return;
        }
        if (MemoryEmitter.isAccess(code)) {
            guarded(w, () -> memory.access(w, x));
            memory.commit(w);
            if (MemoryEmitter.stores(code)) {
                unit.checkStored(b, afterwards(w));
            }
            return;
        }
        if (code == Op.STEP) {
            step(w, x);
            boolean complete = Op.order(ops[i + 2]) != Op.order(w);
            if (complete) {
                leaveWhenInvalid(w);
            }
            return;
        }
        flow(code, w, x);
    }

    /** Emits code that may throw at the operation's instruction. */
    private void guarded(long w, Runnable code) {
        unit.site(b, number, w);
        Label from = b.newLabel();
        Label to = b.newLabel();
        b.labelBinding(from);
        code.run();
        b.labelBinding(to);
        unit.guard(b, from, to, flags.pending());
    }

    /** After a complete step that may have written to code. */
    private void leaveWhenInvalid(long w) {
        UnitEmitter.valid(b).ifeq(afterwards(w));
    }

    /** A label to leave by when the operation's instruction is complete. */
    private Label afterwards(long w) {
        return unit.leaving(b, flags.pending(), Op.order(w) + 1, block.base() + Op.start(w) + Op.length(w));
    }

    private void step(long w, long x) {
        long use = block.uses()[(int) x];
        boolean all = use == StepUse.EVERYTHING;
        int reads = (int) use & 0xFFFF;
        int writes = (int) (use >>> 16) & 0xFFFF;
        boolean usesFlags = (use & StepUse.FLAGS) != 0;
        if (usesFlags) {
            flags.settle();
            unit.writeBackFlags(b);
        }
        unit.writeBack(b, reads & unit.written());
        b.aload(Locals.GPR).bipush(16).loadConstant(block.base()).lastore();
        Runnable call = () -> {
            unit.step(b, block.steps()[(int) x]);
            b.aload(Locals.CPU).invokeinterface(Names.STEP, "execute", MethodTypeDesc.of(CD_void, Names.CPU));
        };
        if (all) {
            stepsOfEverything = true;
            unit.site(b, number, w);
            Label from = b.newLabel();
            Label to = b.newLabel();
            b.labelBinding(from);
            call.run();
            b.labelBinding(to);
            b.exceptionCatch(from, to, everything, Names.RUNTIME_EXCEPTION);
            b.aload(Locals.GPR).bipush(18).laload().lstore(Locals.TEMPORARY);
        } else {
            guarded(w, call);
        }
        unit.reload(b, writes);
        if (usesFlags) {
            unit.reloadFlags(b);
        }
    }

    // The end of a block.

    private void flow(int code, long w, long x) {
        switch (code) {
            case Op.JMP -> {
                retire();
                edge(block.branch());
            }
            case Op.FALL -> {
                retire();
                edge(block.next());
            }
            case Op.CALL -> call(w);
            case Op.RET -> ret(w, x);
            case Op.CALL_R -> callIndirect(w);
            case Op.JMP_R -> jumpIndirect(w);
            case Op.SYSCALL -> {
                retire();
                b.goto_(unit.syscall(b, flags.pending(), block.next()));
            }
            case Op.STOP -> b.goto_(unit.looking(b, flags.pending(), Op.order(w), block.base() + Op.start(w)));
            case Op.JCC_STEP -> {
                step(w, x);
                retire();
                Label taken = b.newLabel();
                b.aload(Locals.CPU).getfield(Names.CPU, "target", CD_long).lconst_0().lcmp().ifne(taken);
                branches(taken);
            }
            default -> {
                if (code < Op.JO || code > Op.JG) {
                    throw new IllegalStateException("packed operation " + code + " has no translation");
                }
                retire();
                Label taken = b.newLabel();
                flags.branch(Condition.of(code - Op.JO), taken);
                branches(taken);
            }
        }
    }

    private void retire() {
        b.lload(Locals.RETIRED).loadConstant((long) block.count()).ladd().lstore(Locals.RETIRED);
    }

    private boolean recording() {
        return unit.region().recording();
    }

    private void branches(Label taken) {
        Pending pending = flags.pending();
        bit(false, block.next());
        edge(block.next());
        b.labelBinding(taken);
        flags.pending(pending);
        bit(true, block.branch());
        edge(block.branch());
    }

    /** Shifts the bit of a conditional branch into the trace's word. */
    private void bit(boolean taken, long rip) {
        if (!recording()) {
            return;
        }
        Label room = b.newLabel();
        b.lload(Locals.WORD).iconst_1().lshl();
        if (taken) {
            b.lconst_1().lor();
        }
        b.dup2().lstore(Locals.WORD).lconst_0().lcmp().ifge(room);
        b.aload(Locals.TRACE).aload(Locals.CPU).lload(Locals.WORD).lload(Locals.RETIRED).loadConstant(rip)
                .invokestatic(Names.UNIT, "spill", TRANSFERRED).lstore(Locals.WORD);
        b.labelBinding(room);
    }

    /** Goes on at an address; the block has retired. */
    private void edge(long address) {
        int to = unit.blockAt(address);
        if (to < 0) {
            b.goto_(unit.leaving(b, flags.pending(), 0, address));
            return;
        }
        if (predecessors[to] == 1 && !unit.isEntry(to) && !wanted[to]) {
            entering[to] = flags.pending();
        } else {
            flags.settle();
        }
        b.goto_(label(to));
    }

    private void call(long w) {
        guarded(w, () -> memory.push(() -> b.loadConstant(block.next())));
        memory.commitPush();
        b.istore(Locals.ENTRY);
        if (recording()) {
            b.aload(Locals.TRACE).loadConstant(block.next())
                    .invokevirtual(Names.TRACE, "call", MethodTypeDesc.of(CD_void, CD_long));
        }
        retire();
        b.iload(Locals.ENTRY);
        unit.checkStored(b, unit.leaving(b, flags.pending(), 0, block.branch()));
        edge(block.branch());
    }

    private void ret(long w, long bytes) {
        guarded(w, memory::popTarget);
        memory.release(bytes);
        retire();
        if (recording()) {
            b.aload(Locals.TRACE).aload(Locals.CPU).lload(Locals.WORD).lload(Locals.RETIRED).lload(Locals.TARGET)
                    .invokestatic(Names.UNIT, "returned", TRANSFERRED).lstore(Locals.WORD);
        }
        flags.settle();
        for (int to : returnsHere()) {
            b.lload(Locals.TARGET).loadConstant(blocks.get(to).base()).lcmp().ifeq(label(to));
        }
        transfer();
    }

    private List<Integer> returnsHere() {
        List<Integer> returns = new ArrayList<>();
        for (RegionBlock from : blocks) {
            int to = from.lastCode() == Op.CALL ? unit.blockAt(from.next()) : -1;
            if (to >= 0 && unit.blockAt(from.branch()) >= 0 && returns.size() < RETURNS_MAX) {
                returns.add(to);
            }
        }
        return returns;
    }

    private void callIndirect(long w) {
        guarded(w, () -> memory.callTarget(Op.source(w), block.next()));
        memory.release(-8);
        if (recording()) {
            b.aload(Locals.TRACE).loadConstant(block.next())
                    .invokevirtual(Names.TRACE, "call", MethodTypeDesc.of(CD_void, CD_long));
        }
        indirect(w);
    }

    private void jumpIndirect(long w) {
        guarded(w, () -> memory.jumpTarget(Op.source(w)));
        indirect(w);
    }

    private void indirect(long w) {
        retire();
        if (recording()) {
            b.aload(Locals.TRACE).aload(Locals.CPU).lload(Locals.WORD).lload(Locals.RETIRED)
                    .loadConstant(block.base() + Op.start(w)).lload(Locals.TARGET)
                    .invokestatic(Names.UNIT, "indirect", INDIRECT).lstore(Locals.WORD);
        }
        flags.settle();
        transfer();
    }

    /** Goes on at the address in its local: in this unit where it has an entry there. Nothing is pending. */
    private void transfer() {
        if (unit.region().entries().length > 1) {
            b.aload(Locals.THIS).aload(Locals.JUMPS).lload(Locals.TARGET)
                    .invokevirtual(Names.UNIT, "local", MethodTypeDesc.of(CD_int, Names.JUMP_CACHE, CD_long))
                    .istore(Locals.ENTRY).iload(Locals.ENTRY).ifge(dispatch);
        }
        b.goto_(exit);
    }
}
