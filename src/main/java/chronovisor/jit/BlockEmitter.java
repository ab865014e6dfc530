package chronovisor.jit;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import chronovisor.cpu.Op;
import chronovisor.cpu.RegionBlock;
import chronovisor.cpu.StepUse;
import chronovisor.isa.Condition;
import chronovisor.isa.Decoder;
import chronovisor.isa.Instruction;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The blocks of a unit: operations, and the edges between blocks.
 *
 * <p>A block is emitted once for each kind of pending flags that edges bring to it (a version), so that flags which nobody reads are not
 * computed on the way round a loop. A block that sets all flags before it could be left needs one version only. Fuel for a block is taken on
 * the edge that leads to it: there it is known which flags are pending when there is none left.
 *
 * <p>When steps are recorded, a block that branches to itself does not tell the trace so each time: how often it has is known from the fuel
 * when it is left.
 */
final class BlockEmitter {
    private static final MethodTypeDesc RETURNED = MethodTypeDesc.of(CD_long, Names.CPU, CD_long, CD_long);
    private static final MethodTypeDesc INDIRECT = MethodTypeDesc.of(CD_long, Names.CPU, CD_long, CD_long, CD_long);
    private static final MethodTypeDesc CALLED = MethodTypeDesc.of(CD_void, Names.CPU, CD_long);
    private static final MethodTypeDesc ONES = MethodTypeDesc.of(CD_long, CD_long, CD_long);
    private static final MethodTypeDesc LOCAL = MethodTypeDesc.of(CD_int, Names.CPU, CD_long);

    /** Versions of a block besides the one that nothing is pending in; edges with other kinds compute the flags. */
    private static final int VERSIONS_MAX = 2;

    /** Larger blocks, and those with steps, have one version: computing the flags costs little beside them, a copy a lot. */
    private static final int VERSION_OPERATIONS_MAX = 16;

    /** Return addresses that a return is compared with before the jump cache is asked. */
    private static final int RETURNS_MAX = 3;

    private final CodeBuilder b;
    private final UnitEmitter unit;
    private final Places places;
    private final FlagEmitter flags;
    private final ArithmeticEmitter arithmetic;
    private final MemoryEmitter memory;
    private final VectorEmitter vectors;
    private final Label dispatch;
    private final Label exit;
    private final Label everything;
    private final List<RegionBlock> blocks;
    private final @Nullable Label[] heads;
    private final List<Map<Pending, Label>> versions = new ArrayList<>();
    private final ArrayDeque<Version> waiting = new ArrayDeque<>();
    private boolean stepsOfEverything;

    /** A block that is to be emitted; {@code pending} is null for its head, where execution enters from elsewhere. */
    private record Version(int block, @Nullable Pending pending, Label label) {}

    // The block under way, and its version.
    private Pending version = Pending.NONE;
    private @Nullable Label loop;
    private int number;
    private RegionBlock block;

    BlockEmitter(CodeBuilder b, UnitEmitter unit) {
        this.b = b;
        this.unit = unit;
        this.places = new Places(b);
        this.flags = new FlagEmitter(b);
        this.arithmetic = new ArithmeticEmitter(b, places, flags);
        this.memory = new MemoryEmitter(b, places);
        this.vectors = new VectorEmitter(b, places);
        this.dispatch = b.newLabel();
        this.exit = b.newLabel();
        this.everything = b.newLabel();
        this.blocks = unit.region().blocks();
        this.block = blocks.get(0);
        this.heads = new @Nullable Label[blocks.size()];
        blocks.forEach(_ -> versions.add(new EnumMap<>(Pending.class)));
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

    /** Where execution enters a block from elsewhere: nothing is pending, nothing is paid. */
    Label head(int index) {
        Label head = heads[index];
        if (head == null) {
            head = b.newLabel();
            heads[index] = head;
            waiting.add(new Version(index, null, head));
        }
        return head;
    }

    /** A block's operations for this kind of pending flags; paid. */
    private Label body(int index, Pending pending) {
        return versions.get(index).computeIfAbsent(pending, kind -> {
            Label label = b.newLabel();
            waiting.add(new Version(index, kind, label));
            return label;
        });
    }

    /** Emits the blocks that can be reached from the entries. */
    void emit() {
        while (!waiting.isEmpty()) {
            Version next = waiting.remove();
            b.labelBinding(next.label);
            if (next.pending == null) {
                flags.pending(Pending.NONE);
                pay(next.block, Pending.NONE);
                b.goto_(body(next.block, Pending.NONE));
            } else {
                block(next.block, next.pending);
            }
        }
    }

    /** Takes the fuel for a block, or leaves for it when there is too little. */
    private void pay(int index, Pending pending) {
        RegionBlock to = blocks.get(index);
        b.lload(Locals.FUEL).loadConstant((long) to.count()).lsub().dup2().lstore(Locals.FUEL).lconst_0().lcmp();
        b.iflt(unit.leaving(b, pending, to.count(), to.base()));
    }

    private void block(int index, Pending pending) {
        number = index;
        block = blocks.get(index);
        places.base(block.base());
        flags.pending(pending);
        version = pending;
        boolean loops = recording() && block.branches() && block.branch() == block.base();
        loop = loops ? b.newLabel() : null;
        unit.loop(loops ? block : null);
        if (loop != null) {
            b.lload(Locals.FUEL).lstore(Locals.LOOP).labelBinding(loop);
        }
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
            boolean complete = Op.order(ops[i + 2]) != Op.order(w);
            if (complete && vector(w)) {
                return;
            }
            step(w, x);
            if (complete) {
                leaveWhenInvalid(w);
            }
            return;
        }
        flow(code, w, x);
    }

    /** Emits a vector instruction that needs no step; false when it is none of those. */
    private boolean vector(long w) {
        int next = Op.start(w) + Op.length(w);
        if (!(Decoder.decode(block.code(), Op.start(w), next) instanceof Instruction i) || !VectorEmitter.isVector(i)) {
            return false;
        }
        if (VectorEmitter.accesses(i)) {
            guarded(w, () -> vectors.access(i, next));
        }
        if (VectorEmitter.isStore(i)) {
            unit.checkStored(b, afterwards(w));
        }
        vectors.commit(i);
        return true;
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
        return unit.leaving(b, flags.pending(), block.count() - Op.order(w) - 1,
                block.base() + Op.start(w) + Op.length(w));
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
        Places.registers(b).bipush(16).loadConstant(block.base()).lastore();
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
            Places.registers(b).bipush(18).laload().lstore(Locals.TEMPORARY);
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
            case Op.JMP -> edge(block.branch());
            case Op.FALL -> edge(block.next());
            case Op.CALL -> call(w);
            case Op.RET -> ret(w, x);
            case Op.CALL_R -> callIndirect(w);
            case Op.JMP_R -> jumpIndirect(w);
            case Op.SYSCALL -> b.goto_(unit.syscall(b, flags.pending(), block.next()));
            case Op.STOP -> b.goto_(unit.looking(b, flags.pending(), block.count() - Op.order(w),
                    block.base() + Op.start(w)));
            case Op.JCC_STEP -> {
                step(w, x);
                Label taken = b.newLabel();
                b.aload(Locals.CPU).getfield(Names.CPU, "target", CD_long).lconst_0().lcmp().ifne(taken);
                branches(taken);
            }
            default -> {
                if (code < Op.JO || code > Op.JG) {
                    throw new IllegalStateException("packed operation " + code + " has no translation");
                }
                Label taken = b.newLabel();
                flags.branch(Condition.of(code - Op.JO), taken);
                branches(taken);
            }
        }
    }

    private boolean recording() {
        return unit.region().recording();
    }

    private void branches(Label taken) {
        Pending pending = flags.pending();
        boolean loops = unit.loop(null) != null;
        if (loops) {
            looped();
        }
        bit(false, block.next());
        edge(block.next());
        b.labelBinding(taken);
        flags.pending(pending);
        if (loop != null && arriving(number) == version) {
            unit.loop(block);
            pay(number, pending);
            unit.loop(null);
            b.goto_(loop);
            return;
        }
        // The first time round was in another version than the others.
        flags.pending(pending);
        bit(true, block.branch());
        edge(block.branch());
    }

    /** Tells the trace how often the block has branched to itself. */
    private void looped() {
        unit.trips(b, block.count());
        b.lstore(Locals.OTHER).lload(Locals.WORD).lload(Locals.OTHER).invokestatic(Names.UNIT, "ones", ONES)
                .dup2().lstore(Locals.VALUE);
        unit.checkOnes(b, block);
    }

    /** Shifts the bit of a conditional branch into the trace's word. */
    private void bit(boolean taken, long rip) {
        if (!recording()) {
            return;
        }
        b.lload(Locals.WORD).iconst_1().lshl();
        if (taken) {
            b.lconst_1().lor();
        }
        b.lstore(Locals.WORD);
        unit.checkFull(b, unit.leaving(b, flags.pending(), 0, rip));
    }

    /** Goes on at an address. */
    private void edge(long address) {
        int to = unit.blockAt(address);
        if (to < 0) {
            b.goto_(unit.leaving(b, flags.pending(), 0, address));
            return;
        }
        pay(to, flags.pending());
        b.goto_(body(to, arriving(to)));
    }

    /** What is pending when the block is entered from here. */
    private Pending arriving(int to) {
        if (FlagUse.setsFirst(blocks.get(to))) {
            return Pending.NONE; // whatever it is, nobody will ask
        }
        Map<Pending, Label> known = versions.get(to);
        int others = known.size() - (known.containsKey(Pending.NONE) ? 1 : 0);
        if (!known.containsKey(flags.pending()) && (others >= VERSIONS_MAX || !isSmall(blocks.get(to)))) {
            flags.settle();
        }
        return flags.pending();
    }

    private static boolean isSmall(RegionBlock block) {
        return block.ops().length <= 2 * VERSION_OPERATIONS_MAX && block.steps().length == 0;
    }

    private void call(long w) {
        guarded(w, () -> memory.push(() -> b.loadConstant(block.next())));
        memory.commitPush();
        b.istore(Locals.ENTRY);
        if (recording()) {
            called();
        }
        b.iload(Locals.ENTRY);
        unit.checkStored(b, unit.leaving(b, flags.pending(), 0, block.branch()));
        edge(block.branch());
    }

    private void called() {
        b.aload(Locals.CPU).loadConstant(block.next()).invokestatic(Names.UNIT, "called", CALLED);
    }

    private void ret(long w, long bytes) {
        guarded(w, memory::popTarget);
        memory.release(bytes);
        flags.settle();
        if (recording()) {
            b.aload(Locals.CPU).lload(Locals.WORD).lload(Locals.TARGET)
                    .invokestatic(Names.UNIT, "returned", RETURNED).lstore(Locals.WORD);
            unit.checkFull(b, exit);
        }
        for (int to : returnsHere()) {
            b.lload(Locals.TARGET).loadConstant(blocks.get(to).base()).lcmp().ifeq(head(to));
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
            called();
        }
        indirect(w);
    }

    private void jumpIndirect(long w) {
        guarded(w, () -> memory.jumpTarget(Op.source(w)));
        indirect(w);
    }

    private void indirect(long w) {
        flags.settle();
        if (recording()) {
            b.aload(Locals.CPU).lload(Locals.WORD).loadConstant(block.base() + Op.start(w)).lload(Locals.TARGET)
                    .invokestatic(Names.UNIT, "indirect", INDIRECT).lstore(Locals.WORD);
            unit.checkFull(b, exit);
        }
        transfer();
    }

    /** Goes on at the address in its local: in this unit where it has an entry there. Nothing is pending. */
    private void transfer() {
        if (unit.region().entries().length > 1) {
            b.aload(Locals.THIS).aload(Locals.CPU).lload(Locals.TARGET).invokevirtual(Names.UNIT, "local", LOCAL)
                    .istore(Locals.ENTRY).iload(Locals.ENTRY).ifge(dispatch);
        }
        b.goto_(exit);
    }
}
