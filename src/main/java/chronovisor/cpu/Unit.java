package chronovisor.cpu;

import chronovisor.cpu.trace.StepTrace;
import chronovisor.memory.GuestCanonicalFault;
import chronovisor.memory.GuestPageFault;
import chronovisor.memory.Mmu;
import chronovisor.memory.NestedFault;
import java.lang.invoke.MethodHandles;
import org.jspecify.annotations.Nullable;

/**
 * Translated code in one machine: a region's blocks as one method, with guest registers in its local variables. Generated classes extend
 * this and live in this package, beside the semantics they call.
 */
public abstract class Unit {
    /** Not an {@link Exit}: the processor has to be looked at before the next instruction. */
    static final int LOOK = -3;

    /** False when code of it has been written to: it must not be entered, and is left before the next instruction. */
    boolean valid = true;

    final Translation translation;
    final CodeBlock[] blocks;

    /** Called by generated constructors. */
    protected Unit(Translation translation, CodeBlock[] blocks) {
        this.translation = translation;
        this.blocks = blocks;
    }

    /** Set before generated code that asks for it is linked. */
    private static @Nullable Object unsafe;

    /** Gives generated code the JVM's Unsafe, which source code cannot name without a warning. */
    public static void unsafe(Object instance) {
        unsafe = instance;
    }

    static @Nullable Object unsafe() {
        return unsafe;
    }

    /** For defining generated classes in this package. */
    public static MethodHandles.Lookup lookup() {
        return MethodHandles.lookup();
    }

    /**
     * Runs from an entry on, as long as blocks end by {@code deadline}.
     *
     * @param entry number of the entry; negative returns at once
     * @return an {@link Exit} code, {@link Dispatch#NEXT} or {@link #LOOK}; RIP and tick are exact
     */
    abstract int run(Cpu cpu, long[] g, Mmu mmu, StepTrace trace, JumpCache jumps, long deadline, int entry);

    /** Calls {@link #run} so that it returns at once: HotSpot counts, and compiles what is called often. */
    @SuppressWarnings("NullAway") // nothing is touched
    public final int touch() {
        return run(null, null, null, null, null, 0, -1);
    }

    void invalidate() {
        valid = false;
    }

    // What generated code calls.

    /** Something was thrown at a place that may fault; registers and flags are written back. Gives an {@link Exit}. */
    final int caught(RuntimeException e, Cpu cpu, StepTrace trace, int site, long word, long retired) {
        CodeBlock code = blocks[translation.siteBlocks[site]];
        long w = translation.siteWords[site];
        cpu.retired = retired + Op.order(w);
        cpu.rip = translation.bases[translation.siteBlocks[site]] + Op.start(w);
        trace.word(word);
        return switch (e) {
            case GuestPageFault fault -> Faults.page(cpu, fault);
            case NestedFault fault -> Faults.nested(cpu, fault);
            case GuestCanonicalFault fault -> Faults.canonical(cpu, code, Op.start(w), fault);
            case GuestException exception -> Faults.exception(cpu, exception);
            case GuestExit exit -> Faults.exit(cpu, exit, code, Op.start(w), Op.length(w));
            default -> throw e; // a failure of ours
        };
    }

    /** Leaves for {@code rip}; registers and flags are written back. */
    static void left(Cpu cpu, StepTrace trace, long word, long retired, long rip) {
        cpu.retired = retired;
        cpu.rip = rip;
        trace.word(word);
    }

    /** SYSCALL, as {@link Packed#syscall} does it; registers and flags are written back. */
    static int syscall(Cpu cpu, StepTrace trace, long word, long retired, long next) {
        left(cpu, trace, word, retired, next);
        cpu.gpr[1] = next;
        cpu.gpr[11] = cpu.rflags() & ~(long) Flags.RF;
        cpu.exitLength = 0;
        return Exit.SYSCALL;
    }

    @SuppressWarnings("ReferenceEquality") // a unit is only itself
    private boolean isAt(Node node) {
        return node.unit == this;
    }

    /** The number of this unit's entry at {@code target}; -1 when it has none there. */
    final int local(JumpCache jumps, long target) {
        Node node = jumps.at(target);
        return node.base == target && isAt(node) && valid ? node.entry : -1;
    }

    /** See {@link StepTrace#spill}. */
    static long spill(StepTrace trace, Cpu cpu, long word, long retired, long rip) {
        return trace.spill(word, retired + cpu.tickBase, rip);
    }

    /** Shifts in the bit of an indirect transfer. */
    static long indirect(StepTrace trace, Cpu cpu, long word, long retired, long rip, long target) {
        long bits = word << 1 | trace.indirect(rip, target);
        return bits < 0 ? trace.spill(bits, retired + cpu.tickBase, target) : bits;
    }

    /** Shifts in the bit of a return. */
    static long returned(StepTrace trace, Cpu cpu, long word, long retired, long target) {
        long bits = word << 1 | trace.ret(target);
        return bits < 0 ? trace.spill(bits, retired + cpu.tickBase, target) : bits;
    }

    /** Raises #GP(0) for a target that is not canonical. */
    static long canonical(long target, Cpu cpu) {
        if (target << 16 >> 16 != target) {
            throw cpu.raise(Vector.GP, 0);
        }
        return target;
    }
}
