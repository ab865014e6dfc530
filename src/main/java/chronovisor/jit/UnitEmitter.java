package chronovisor.jit;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import chronovisor.cpu.Region;
import chronovisor.cpu.RegionBlock;
import chronovisor.cpu.Step;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DynamicConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The frame of a unit's method: what comes before and after its blocks.
 *
 * <pre>
 *   registers, flags, counters from the processor to locals
 *   dispatch:  switch (entry)
 *   blocks     see {@link BlockEmitter}
 *   checks     of code that has been written to; of branch words that are full
 *   stubs      rarely executed ends of blocks: where to go on, then
 *   exit:      locals back to the processor
 *   handlers   one for each kind of pending flags: locals back, the exception becomes an exit
 * </pre>
 */
final class UnitEmitter {
    private static final MethodTypeDesc CAUGHT = MethodTypeDesc.of(CD_int, Names.RUNTIME_EXCEPTION, Names.CPU,
            CD_int, CD_long, CD_long, CD_long);
    private static final MethodTypeDesc LEFT = MethodTypeDesc.of(CD_void, Names.CPU, CD_long, CD_long);
    private static final MethodTypeDesc LEFT_RECORDING = MethodTypeDesc.of(CD_void, Names.CPU, CD_long, CD_long,
            CD_long);
    private static final MethodTypeDesc FUEL = MethodTypeDesc.of(CD_long, Names.CPU, CD_long);
    private static final MethodTypeDesc WORD = MethodTypeDesc.of(CD_long, Names.CPU);
    private static final MethodTypeDesc TAKE = MethodTypeDesc.of(CD_boolean, Names.CPU, CD_long);
    private static final MethodTypeDesc LOOPED = MethodTypeDesc.of(CD_long, Names.CPU, CD_long, CD_long, CD_long,
            CD_long, CD_long);
    private static final MethodTypeDesc SYSCALL = MethodTypeDesc.of(CD_int, Names.CPU);
    private static final int NEXT = -1;
    private static final int LOOK = -3;

    private final Region region;
    private final int read;
    private final int written;
    private final List<Step> steps = new ArrayList<>();
    private final List<Integer> siteBlocks = new ArrayList<>();
    private final List<Long> siteWords = new ArrayList<>();
    private final List<Stub> stubs = new ArrayList<>();
    private final List<Check> checks = new ArrayList<>();
    private final List<Check> fulls = new ArrayList<>();
    private final List<Full> loops = new ArrayList<>();
    private final List<Boolean> siteLoops = new ArrayList<>();
    private @Nullable RegionBlock loop;
    private final Map<Pending, Label> exits = new EnumMap<>(Pending.class);
    private final Map<Pending, Label> handlers = new EnumMap<>(Pending.class);

    /** An end of a block that is laid out behind all blocks. */
    private record Stub(Label label, Pending pending, int refund, long rip, Kind kind, @Nullable RegionBlock loop) {}

    /** A loop of one block has branched to itself more often than the branch word has room for. */
    private record Full(Label from, Label back, RegionBlock loop) {}

    /**
     * After a store that went the slow way: is all code still as it was translated? Or, after a branch that filled the branch word: does the
     * trace go on with another one?
     */
    private record Check(Label from, Label back, Label leaving) {}

    private enum Kind {
        /** Goes on at an address. */
        NEXT,
        /** Goes on at an address, after a look at the processor. */
        LOOK, SYSCALL
    }

    UnitEmitter(Region region) {
        this.region = region;
        int use = region.blocks().stream().mapToInt(RegisterUse::of).reduce(0, (a, b) -> a | b);
        this.written = use >>> 16;
        this.read = use & 0xFFFF | written;
    }

    Region region() {
        return region;
    }

    /** The steps that the code names by number. */
    List<Step> steps() {
        return List.copyOf(steps);
    }

    int[] siteBlocks() {
        return siteBlocks.stream().mapToInt(Integer::intValue).toArray();
    }

    boolean[] siteLoops() {
        boolean[] all = new boolean[siteLoops.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = siteLoops.get(i);
        }
        return all;
    }

    long[] siteWords() {
        return siteWords.stream().mapToLong(Long::longValue).toArray();
    }

    /** Registers that are in locals. */
    int read() {
        return read;
    }

    /** Registers that blocks change. */
    int written() {
        return written;
    }

    void emit(CodeBuilder b) {
        Label run = b.newLabel();
        b.iload(Locals.ENTRY).ifge(run).iconst_m1().ireturn().labelBinding(run);
        load(b);
        BlockEmitter blocks = new BlockEmitter(b, this);
        b.labelBinding(blocks.dispatch());
        dispatch(b, blocks);
        blocks.emit();
        Label exit = blocks.exit();
        Label look = b.newLabel();
        stubs(b, exit, look);
        b.labelBinding(exit);
        leave(b, NEXT);
        if (stubs.stream().anyMatch(s -> s.kind == Kind.LOOK)) {
            b.labelBinding(look);
            leave(b, LOOK);
        }
        handlers(b, blocks);
    }

    private void load(CodeBuilder b) {
        reload(b, read);
        b.aload(Locals.CPU).lload(Locals.DEADLINE).invokestatic(Names.UNIT, "fuel", FUEL).lstore(Locals.FUEL);
        if (region.recording()) {
            b.aload(Locals.CPU).invokestatic(Names.UNIT, "word", WORD).lstore(Locals.WORD);
        }
        b.aload(Locals.CPU).getfield(Names.CPU, "mmu", Names.MMU)
                .invokevirtual(Names.MMU, "set", MethodTypeDesc.of(CD_long)).lstore(Locals.SET);
        reloadFlags(b);
        for (int local : new int[]{Locals.TARGET, Locals.A, Locals.B, Locals.TEMPORARY, Locals.LOOP}) {
            b.lconst_0().lstore(local);
        }
        b.iconst_0().istore(Locals.SITE);
    }

    private void dispatch(CodeBuilder b, BlockEmitter blocks) {
        int[] entries = region.entries();
        if (entries.length == 1) {
            b.goto_(blocks.head(0));
            return;
        }
        List<SwitchCase> cases = new ArrayList<>();
        for (int i = 1; i < entries.length; i++) {
            cases.add(SwitchCase.of(i, blocks.head(entries[i])));
        }
        b.iload(Locals.ENTRY).tableswitch(1, entries.length - 1, blocks.head(entries[0]), cases);
    }

    // Between locals and the processor.

    void reload(CodeBuilder b, int registers) {
        if (registers != 0) {
            Places.registers(b).astore(Locals.ARRAY);
        }
        for (int r = 0; r < 16; r++) {
            if ((registers >> r & 1) != 0) {
                b.aload(Locals.ARRAY).bipush(r).laload().lstore(Locals.register(r));
            }
        }
    }

    void writeBack(CodeBuilder b, int registers) {
        if (registers != 0) {
            Places.registers(b).astore(Locals.ARRAY);
        }
        for (int r = 0; r < 16; r++) {
            if ((registers >> r & 1) != 0) {
                b.aload(Locals.ARRAY).bipush(r).lload(Locals.register(r)).lastore();
            }
        }
    }

    void reloadFlags(CodeBuilder b) {
        b.aload(Locals.CPU).getfield(Names.CPU, "flagResult", CD_long).lstore(Locals.RESULT);
        b.aload(Locals.CPU).getfield(Names.CPU, "flagAux", CD_long).lstore(Locals.AUX);
    }

    void writeBackFlags(CodeBuilder b) {
        b.aload(Locals.CPU).lload(Locals.RESULT).putfield(Names.CPU, "flagResult", CD_long);
        b.aload(Locals.CPU).lload(Locals.AUX).putfield(Names.CPU, "flagAux", CD_long);
    }

    // What blocks ask for.

    /** Pushes a step, a constant of the class. */
    void step(CodeBuilder b, Step step) {
        b.ldc(DynamicConstantDesc.ofNamed(ConstantDescs.BSM_CLASS_DATA_AT,
                ConstantDescs.DEFAULT_NAME, Names.STEP, steps.size()));
        steps.add(step);
    }

    /** A place that may fault: its number goes into the local. */
    void site(CodeBuilder b, int block, long w) {
        b.loadConstant(siteBlocks.size()).istore(Locals.SITE);
        siteBlocks.add(block);
        siteWords.add(w);
        siteLoops.add(loop != null);
    }

    /** What is thrown between two labels comes from the place in the local, with these flags pending. */
    void guard(CodeBuilder b, Label from, Label to, Pending pending) {
        b.exceptionCatch(from, to, handlers.computeIfAbsent(pending, _ -> b.newLabel()), Names.RUNTIME_EXCEPTION);
    }

    /** A label to jump to in order to leave for {@code rip}, when {@code refund} instructions that were paid for have not retired. */
    Label leaving(CodeBuilder b, Pending pending, int refund, long rip) {
        return stub(b, pending, refund, rip, Kind.NEXT);
    }

    /** As {@link #leaving}, with a look at the processor before the next instruction. */
    Label looking(CodeBuilder b, Pending pending, int refund, long rip) {
        return stub(b, pending, refund, rip, Kind.LOOK);
    }

    /** A label to jump to for SYSCALL, whose next instruction is at {@code rip}. */
    Label syscall(CodeBuilder b, Pending pending, long rip) {
        return stub(b, pending, 0, rip, Kind.SYSCALL);
    }

    /** Pops whether a store went the slow way; leaves by {@code leaving} when it has written to code of this unit. */
    void checkStored(CodeBuilder b, Label leaving) {
        Check check = new Check(b.newLabel(), b.newLabel(), leaving);
        checks.add(check);
        b.ifne(check.from).labelBinding(check.back);
    }

    /** What is emitted from here on is in a loop of this block, or in none; gives what it was in before. */
    @Nullable
    RegionBlock loop(@Nullable RegionBlock block) {
        RegionBlock before = loop;
        loop = block;
        return before;
    }

    /** Pushes how often a loop of one block, which has {@code count} instructions, has branched to itself since it was entered. */
    CodeBuilder trips(CodeBuilder b, int count) {
        b.lload(Locals.LOOP).lload(Locals.FUEL).lsub();
        return Integer.bitCount(count) == 1
                ? b.bipush(Integer.numberOfTrailingZeros(count)).lushr()
                : b.loadConstant((long) count).ldiv();
    }

    /** Pops the branch word with the trips of a loop in it, or 0 when they do not fit; it is in {@link Locals#VALUE}, too. */
    void checkOnes(CodeBuilder b, RegionBlock block) {
        Full full = new Full(b.newLabel(), b.newLabel(), block);
        loops.add(full);
        b.lconst_0().lcmp().ifeq(full.from).lload(Locals.VALUE).lstore(Locals.WORD).labelBinding(full.back);
    }

    /** Tells the trace the trips in {@link Locals#OTHER}. */
    private static void looped(CodeBuilder b, RegionBlock block) {
        b.aload(Locals.CPU).lload(Locals.WORD).lload(Locals.OTHER).lload(Locals.FUEL).loadConstant((long) block.count())
                .loadConstant(block.base()).invokestatic(Names.UNIT, "looped", LOOPED).lstore(Locals.WORD);
    }

    /** Leaves by {@code leaving} when the branch word is full and the trace does not just go on with another one. */
    void checkFull(CodeBuilder b, Label leaving) {
        Check check = new Check(b.newLabel(), b.newLabel(), leaving);
        fulls.add(check);
        b.lload(Locals.WORD).lconst_0().lcmp().iflt(check.from).labelBinding(check.back);
    }

    private Label stub(CodeBuilder b, Pending pending, int refund, long rip, Kind kind) {
        Stub stub = new Stub(b.newLabel(), pending, refund, rip, kind, loop);
        stubs.add(stub);
        return stub.label;
    }

    // Ends.

    private void stubs(CodeBuilder b, Label exit, Label look) {
        FlagEmitter flags = new FlagEmitter(b);
        for (Check c : checks) {
            b.labelBinding(c.from);
            valid(b).ifne(c.back).goto_(c.leaving);
        }
        for (Check c : fulls) {
            b.labelBinding(c.from);
            b.aload(Locals.CPU).lload(Locals.WORD).invokestatic(Names.UNIT, "take", TAKE).ifeq(c.leaving);
            b.lconst_1().lstore(Locals.WORD).goto_(c.back);
        }
        for (Full f : loops) {
            b.labelBinding(f.from);
            looped(b, f.loop);
            b.goto_(f.back);
        }
        exits.put(Pending.NONE, exit);
        for (Stub s : stubs) {
            b.labelBinding(s.label);
            if (s.loop != null) {
                trips(b, s.loop.count()).lstore(Locals.OTHER);
                looped(b, s.loop);
            }
            if (s.refund != 0) {
                b.lload(Locals.FUEL).loadConstant((long) s.refund).ladd().lstore(Locals.FUEL);
            }
            b.loadConstant(s.rip).lstore(Locals.TARGET);
            switch (s.kind) {
                case NEXT -> b.goto_(exits.computeIfAbsent(s.pending, _ -> b.newLabel()));
                case LOOK -> {
                    flags.settle(s.pending);
                    b.goto_(look);
                }
                case SYSCALL -> {
                    flags.settle(s.pending);
                    writeBack(b, written);
                    writeBackFlags(b);
                    left(b).aload(Locals.CPU).invokestatic(Names.UNIT, "syscall", SYSCALL).ireturn();
                }
            }
        }
        exits.forEach((pending, label) -> {
            if (pending != Pending.NONE) {
                b.labelBinding(label);
                flags.settle(pending);
                b.goto_(exit);
            }
        });
    }

    private CodeBuilder left(CodeBuilder b) {
        b.aload(Locals.CPU).lload(Locals.FUEL).lload(Locals.TARGET);
        return region.recording()
                ? b.lload(Locals.WORD).invokestatic(Names.UNIT, "left", LEFT_RECORDING)
                : b.invokestatic(Names.UNIT, "left", LEFT);
    }

    private void leave(CodeBuilder b, int code) {
        writeBack(b, written);
        writeBackFlags(b);
        left(b).loadConstant(code).ireturn();
    }

    private void handlers(CodeBuilder b, BlockEmitter blocks) {
        FlagEmitter flags = new FlagEmitter(b);
        Label all = b.newLabel();
        Label told = b.newLabel();
        handlers.forEach((pending, label) -> {
            b.labelBinding(label).astore(Locals.EXCEPTION);
            flags.settle(pending);
            b.goto_(all);
        });
        if (!handlers.isEmpty()) {
            b.labelBinding(all);
            writeBack(b, written);
            writeBackFlags(b);
            b.goto_(told);
        }
        if (blocks.hasStepsOfEverything()) {
            b.labelBinding(blocks.everythingHandler()).astore(Locals.EXCEPTION);
        }
        if (!handlers.isEmpty() || blocks.hasStepsOfEverything()) {
            b.labelBinding(told);
            b.aload(Locals.THIS).aload(Locals.EXCEPTION).aload(Locals.CPU).iload(Locals.SITE);
            if (region.recording()) {
                b.lload(Locals.WORD);
            } else {
                b.lconst_0();
            }
            b.lload(Locals.FUEL).lload(Locals.LOOP).invokevirtual(Names.UNIT, "caught", CAUGHT).ireturn();
        }
    }

    /** The block that starts at an address; -1 when it is not in the region. */
    int blockAt(long address) {
        List<RegionBlock> blocks = region.blocks();
        for (int i = 0; i < blocks.size(); i++) {
            if (blocks.get(i).base() == address) {
                return i;
            }
        }
        return -1;
    }

    boolean isEntry(int block) {
        for (int entry : region.entries()) {
            if (entry == block) {
                return true;
            }
        }
        return false;
    }

    /** Pushes whether no code of the unit has been written to. */
    static CodeBuilder valid(CodeBuilder b) {
        return b.aload(Locals.THIS).getfield(Names.UNIT, "valid", CD_boolean);
    }
}
