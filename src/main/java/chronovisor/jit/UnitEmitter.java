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

/**
 * The frame of a unit's method: what comes before and after its blocks.
 *
 * <pre>
 *   registers, flags, counters from the processor to locals
 *   dispatch:  switch (entry)
 *   blocks     see {@link BlockEmitter}
 *   stubs      rarely executed ends of blocks: where to go on, then
 *   exit:      locals back to the processor
 *   handlers   one for each kind of pending flags: locals back, the exception becomes an exit
 * </pre>
 */
final class UnitEmitter {
    private static final MethodTypeDesc CAUGHT = MethodTypeDesc.of(CD_int, Names.RUNTIME_EXCEPTION, Names.CPU,
            Names.TRACE, CD_int, CD_long, CD_long);
    private static final MethodTypeDesc LEFT = MethodTypeDesc.of(CD_void, Names.CPU, Names.TRACE, CD_long, CD_long,
            CD_long);
    private static final MethodTypeDesc SYSCALL = MethodTypeDesc.of(CD_int, Names.CPU, Names.TRACE, CD_long, CD_long,
            CD_long);
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
    private final Map<Pending, Label> exits = new EnumMap<>(Pending.class);
    private final Map<Pending, Label> handlers = new EnumMap<>(Pending.class);

    /** An end of a block that is laid out behind all blocks. */
    private record Stub(Label label, Pending pending, int retired, long rip, Kind kind) {}

    /** After a store that went the slow way: is all code still as it was translated? */
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
        b.aload(Locals.CPU).getfield(Names.CPU, "retired", CD_long).lstore(Locals.RETIRED);
        b.aload(Locals.TRACE).invokevirtual(Names.TRACE, "word", MethodTypeDesc.of(CD_long)).lstore(Locals.WORD);
        b.aload(Locals.MMU).invokevirtual(Names.MMU, "set", MethodTypeDesc.of(CD_long)).lstore(Locals.SET);
        reloadFlags(b);
        for (int local : new int[]{Locals.TARGET, Locals.A, Locals.B, Locals.TEMPORARY}) {
            b.lconst_0().lstore(local);
        }
        b.iconst_0().istore(Locals.SITE);
    }

    private void dispatch(CodeBuilder b, BlockEmitter blocks) {
        int[] entries = region.entries();
        if (entries.length == 1) {
            b.goto_(blocks.label(0));
            return;
        }
        List<SwitchCase> cases = new ArrayList<>();
        for (int i = 1; i < entries.length; i++) {
            cases.add(SwitchCase.of(i, blocks.label(entries[i])));
        }
        b.iload(Locals.ENTRY).tableswitch(1, entries.length - 1, blocks.label(entries[0]), cases);
    }

    // Between locals and the processor.

    void reload(CodeBuilder b, int registers) {
        for (int r = 0; r < 16; r++) {
            if ((registers >> r & 1) != 0) {
                b.aload(Locals.GPR).bipush(r).laload().lstore(Locals.register(r));
            }
        }
    }

    void writeBack(CodeBuilder b, int registers) {
        for (int r = 0; r < 16; r++) {
            if ((registers >> r & 1) != 0) {
                b.aload(Locals.GPR).bipush(r).lload(Locals.register(r)).lastore();
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
    }

    /** What is thrown between two labels comes from the place in the local, with these flags pending. */
    void guard(CodeBuilder b, Label from, Label to, Pending pending) {
        b.exceptionCatch(from, to, handlers.computeIfAbsent(pending, _ -> b.newLabel()), Names.RUNTIME_EXCEPTION);
    }

    /** A label to jump to in order to leave for {@code rip}, when {@code retired} more instructions have retired. */
    Label leaving(CodeBuilder b, Pending pending, int retired, long rip) {
        return stub(b, pending, retired, rip, Kind.NEXT);
    }

    /** As {@link #leaving}, with a look at the processor before the next instruction. */
    Label looking(CodeBuilder b, Pending pending, int retired, long rip) {
        return stub(b, pending, retired, rip, Kind.LOOK);
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

    private Label stub(CodeBuilder b, Pending pending, int retired, long rip, Kind kind) {
        Stub stub = new Stub(b.newLabel(), pending, retired, rip, kind);
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
        exits.put(Pending.NONE, exit);
        for (Stub s : stubs) {
            b.labelBinding(s.label);
            if (s.retired != 0) {
                b.lload(Locals.RETIRED).loadConstant((long) s.retired).ladd().lstore(Locals.RETIRED);
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
                    position(b).invokestatic(Names.UNIT, "syscall", SYSCALL).ireturn();
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

    private CodeBuilder position(CodeBuilder b) {
        return b.aload(Locals.CPU).aload(Locals.TRACE).lload(Locals.WORD).lload(Locals.RETIRED).lload(Locals.TARGET);
    }

    private void leave(CodeBuilder b, int code) {
        writeBack(b, written);
        writeBackFlags(b);
        position(b).invokestatic(Names.UNIT, "left", LEFT).loadConstant(code).ireturn();
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
            b.aload(Locals.THIS).aload(Locals.EXCEPTION).aload(Locals.CPU).aload(Locals.TRACE).iload(Locals.SITE)
                    .lload(Locals.WORD).lload(Locals.RETIRED).invokevirtual(Names.UNIT, "caught", CAUGHT).ireturn();
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
