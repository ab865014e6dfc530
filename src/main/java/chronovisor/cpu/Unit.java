package chronovisor.cpu;

import chronovisor.cpu.trace.StepTrace;
import chronovisor.memory.GuestCanonicalFault;
import chronovisor.memory.GuestPageFault;
import chronovisor.memory.NestedFault;
import java.lang.invoke.MethodHandles;
import java.util.Objects;
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
    abstract int run(Cpu cpu, long deadline, int entry);

    /** Calls {@link #run} so that it returns at once: HotSpot counts, and compiles what is called often. */
    @SuppressWarnings("NullAway") // nothing is touched
    public final int touch() {
        return run(null, 0, -1);
    }

    void invalidate() {
        valid = false;
    }

    // What generated code calls.

    // Fuel is how many instructions may still retire before the deadline. A block's are taken from it before the block runs.

    /** Before a unit runs: what it may use up. */
    static long fuel(Cpu cpu, long deadline) {
        cpu.unitDeadline = deadline;
        return deadline - cpu.retired;
    }

    /** Something was thrown at a place that may fault; registers and flags are written back. Gives an {@link Exit}. */
    final int caught(RuntimeException e, Cpu cpu, int site, long word, long fuel, long loopFuel) {
        CodeBlock code = blocks[translation.siteBlocks[site]];
        long w = translation.siteWords[site];
        cpu.retired = cpu.unitDeadline - fuel - code.count + Op.order(w);
        cpu.rip = translation.bases[translation.siteBlocks[site]] + Op.start(w);
        if (translation.recording) {
            trace(cpu).word(translation.siteLoops[site]
                    ? looped(cpu, word, (loopFuel - fuel) / code.count, fuel, code.count,
                            translation.bases[translation.siteBlocks[site]])
                    : word);
        }
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
    static void left(Cpu cpu, long fuel, long rip) {
        cpu.retired = cpu.unitDeadline - fuel;
        cpu.rip = rip;
    }

    /** As {@link #left(Cpu, long, long)}, when steps are recorded. The branch word may be full. */
    static void left(Cpu cpu, long fuel, long rip, long word) {
        left(cpu, fuel, rip);
        StepTrace trace = trace(cpu);
        trace.word(word < 0 ? trace.spill(word, cpu.retired + cpu.tickBase, rip) : word);
    }

    /** SYSCALL, as {@link Packed#syscall} does it; the unit has been left. */
    static int syscall(Cpu cpu) {
        cpu.gpr[1] = cpu.rip;
        cpu.gpr[11] = cpu.rflags() & ~(long) Flags.RF;
        cpu.exitLength = 0;
        return Exit.SYSCALL;
    }

    @SuppressWarnings("ReferenceEquality") // a unit is only itself
    private boolean isAt(Node node) {
        return node.unit == this;
    }

    /** The number of this unit's entry at {@code target}; -1 when it has none there. */
    final int local(Cpu cpu, long target) {
        Node node = cpu.jumps.at(target);
        return node.base == target && isAt(node) && valid ? node.entry : -1;
    }

    // Of the trace; only when steps are recorded.

    private static StepTrace trace(Cpu cpu) {
        return Objects.requireNonNull(cpu.trace);
    }

    /** The branch word. */
    static long word(Cpu cpu) {
        return trace(cpu).word();
    }

    /** See {@link StepTrace#take}. */
    static boolean take(Cpu cpu, long word) {
        return trace(cpu).take(word);
    }

    /** The word with {@code trips} ones shifted in; 0 when that fills it. */
    static long ones(long word, long trips) {
        return trips < Long.numberOfLeadingZeros(word) ? (word + 1 << trips) - 1 : 0;
    }

    /**
     * A loop of one block has branched to itself {@code trips} times.
     *
     * @param fuel when the next time is paid for
     * @param count instructions of the block
     * @param base its address
     * @return the branch word with the trips in it
     */
    static long looped(Cpu cpu, long word, long trips, long fuel, long count, long base) {
        long bits = word;
        long left = trips;
        while (left > 0) {
            int n = (int) Math.min(Long.numberOfLeadingZeros(bits), left);
            bits = (bits + 1 << n) - 1;
            left -= n;
            if (bits < 0) {
                long retired = cpu.unitDeadline - fuel - (left + 1) * count;
                bits = trace(cpu).spill(bits, retired + cpu.tickBase, base);
            }
        }
        return bits;
    }

    /** See {@link StepTrace#call}. */
    static void called(Cpu cpu, long next) {
        trace(cpu).call(next);
    }

    /** Shifts in the bit of an indirect transfer. */
    static long indirect(Cpu cpu, long word, long rip, long target) {
        return word << 1 | trace(cpu).indirect(rip, target);
    }

    /** Shifts in the bit of a return. */
    static long returned(Cpu cpu, long word, long target) {
        return word << 1 | trace(cpu).ret(target);
    }

    /** Raises #GP(0) for an address that is not on a 16-byte boundary. */
    static long aligned(long address, Cpu cpu) {
        if ((address & 15) != 0) {
            throw cpu.raise(Vector.GP, 0);
        }
        return address;
    }

    /** Stores 128 bits that are not in one page that may be written: all, or none and a fault. */
    static void store128(Cpu cpu, long address, long low, long high) {
        if ((address & 0xFFF) > 0xFF0) {
            cpu.mmu.checkWrite(address, 16);
        }
        cpu.mmu.store64(address, low);
        cpu.mmu.store64(address + 8, high);
    }

    /** Raises #GP(0) for a target that is not canonical. */
    static long canonical(long target, Cpu cpu) {
        if (target << 16 >> 16 != target) {
            throw cpu.raise(Vector.GP, 0);
        }
        return target;
    }
}
