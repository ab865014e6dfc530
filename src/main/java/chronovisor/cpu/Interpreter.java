package chronovisor.cpu;

import chronovisor.cpu.trace.StepTrace;
import chronovisor.memory.GuestCanonicalFault;
import chronovisor.memory.GuestPageFault;
import chronovisor.memory.NestedFault;
import org.jspecify.annotations.Nullable;

/**
 * The decoded-block interpreter. One per virtual machine: its blocks are shared by the machine's cores.
 *
 * <p>A block runs whole when it fits into the slice and a reader of the trace knows its bytes; otherwise its instructions run one at a
 * time, so that slices end exactly and new code is told to the trace as it is executed.
 */
public final class Interpreter implements Engine {
    private final StepTrace off = StepTrace.off();

    /** No instruction's address. */
    private static final long NOWHERE = Node.NONE.base;

    private final @Nullable UnitRunner units;

    private @Nullable BlockCache cache;

    /** Where to go on one instruction at a time, inside a block that cannot run whole; {@link #NOWHERE} otherwise. */
    private long singleAt = NOWHERE;

    /** End of that block. */
    private long singleEnd;

    /** Interprets everything. */
    public Interpreter() {
        this.units = null;
    }

    /**
     * Interprets what {@code translator} has not translated yet.
     *
     * @param known where the translator keeps what it has translated, for this machine and others
     */
    public Interpreter(Translator translator, Translations known, Heat heat) {
        this.units = new UnitRunner(translator, known, heat);
    }

    @Override
    public int run(Cpu cpu, long ticksMax) {
        if (cpu.system.codeBits != SystemState.CODE_64) {
            return LegacyMode.run(cpu, ticksMax);
        }
        BlockCache blocks = cache;
        if (blocks == null || blocks.memory() != cpu.mmu.memory()) {
            blocks = new BlockCache(cpu.mmu.memory());
            cache = blocks;
        }
        StepTrace recorded = cpu.trace;
        StepTrace trace = recorded == null ? off : recorded;
        cpu.follow(blocks, trace);
        trace.enter(cpu);
        long deadline = cpu.retired + Math.min(ticksMax, Long.MAX_VALUE / 4);
        singleAt = NOWHERE;
        int exit = Dispatch.NEXT;
        while (exit == Dispatch.NEXT) {
            if (cpu.retired >= deadline) {
                exit = Exit.SLICE;
            } else if (cpu.careful()) {
                exit = cpu.stopsHere() ? Exit.BREAKPOINT : Careful.step(cpu, blocks, trace);
            } else {
                exit = advance(cpu, blocks, deadline, trace);
            }
        }
        trace.leave(cpu);
        return exit;
    }

    /** Runs on from the processor's RIP: blocks while they can be followed, or one instruction. */
    private int advance(Cpu cpu, BlockCache blocks, long deadline, StepTrace trace) {
        JumpCache jumps = cpu.jumps;
        Node left = jumps.left;
        jumps.left = Node.NONE;
        try {
            Node node = jumps.at(cpu.rip);
            if (node.base != cpu.rip || !node.code.valid) {
                if (cpu.stopsHere()) {
                    return Exit.BREAKPOINT;
                }
                if (cpu.rip == singleAt && cpu.disabled == 0) {
                    return single(cpu, blocks, trace);
                }
                node = new Node(BlockBuilder.block(cpu, blocks, false), cpu.rip);
                if (cpu.disabled != 0 && node.code.floating) {
                    return Careful.step(cpu, blocks, trace);
                }
                if (cpu.stops.within(cpu.rip, node.code.bytes.length)
                        || !trace.knows(cpu.cr3, cpu.rip, node.code.bytes)) {
                    singleEnd = cpu.rip + node.code.bytes.length;
                    return single(cpu, blocks, trace);
                }
                jumps.put(node, cpu.mmu);
            }
            if (left != Node.NONE) {
                if (left.leftTaken) {
                    left.taken = node;
                } else {
                    left.fall = node;
                }
            }
            if (cpu.retired + node.count > deadline) {
                singleEnd = cpu.rip + node.code.bytes.length;
                return single(cpu, blocks, trace);
            }
            return units == null
                    ? Dispatch.loop(cpu, node, deadline, trace, jumps)
                    : units.advance(cpu, blocks, node, deadline, trace);
        } catch (GuestPageFault e) {
            return Faults.page(cpu, e);
        } catch (NestedFault e) {
            return Faults.nested(cpu, e);
        } catch (GuestCanonicalFault e) {
            // A fetch is not a stack access.
            return Faults.exception(cpu, (GuestException) cpu.raise(Vector.GP, 0));
        }
    }

    /** Runs the instruction at RIP alone. The next one goes the same way as long as it is the next of the same block. */
    private int single(Cpu cpu, BlockCache blocks, StepTrace trace) {
        Node node = new Node(BlockBuilder.block(cpu, blocks, true), cpu.rip);
        trace.code(cpu, cpu.rip, node.code.bytes);
        int exit = Dispatch.loop(cpu, node, cpu.retired + 1, trace, cpu.jumps);
        cpu.jumps.left = Node.NONE;
        singleAt = cpu.rip == node.base + node.bytes && cpu.rip < singleEnd ? cpu.rip : NOWHERE;
        return exit;
    }
}
