package chronovisor.cpu;

import chronovisor.cpu.trace.StepTrace;
import chronovisor.isa.Decoder;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operation;
import chronovisor.memory.AccessWatch;
import chronovisor.memory.GuestCanonicalFault;
import chronovisor.memory.GuestPageFault;
import chronovisor.memory.NestedFault;
import org.jspecify.annotations.Nullable;

/**
 * One instruction at a time, with all that is checked around it: breakpoints and single-stepping, disabled floating point, alignment,
 * interrupt shadows. The interpreter comes here while {@link Cpu#careful} holds, and for blocks
 * with floating point while that is disabled, so its loop over blocks has none of this.
 */
final class Careful {
    /** Not an {@link Exit}: one iteration of a repeated string instruction is done, and there are more. */
    static final int ITERATED = -2;

    private Careful() {}

    /** Executes the instruction at RIP; gives an {@link Exit} or {@link Dispatch#NEXT}. */
    static int step(Cpu cpu, BlockCache blocks, StepTrace trace) {
        cpu.jumps.left = Node.NONE;
        long breakpoints = (cpu.flagsOther & Flags.RF) != 0 || cpu.system.shadow == SystemState.SHADOW_SS
                ? 0
                : DebugTraps.atInstruction(cpu, cpu.rip);
        if (breakpoints != 0) {
            return DebugTraps.raise(cpu, breakpoints);
        }
        Node node;
        try {
            node = new Node(BlockBuilder.block(cpu, blocks, true), cpu.rip);
        } catch (GuestPageFault e) {
            return Faults.page(cpu, e);
        } catch (NestedFault e) {
            return Faults.nested(cpu, e);
        } catch (GuestCanonicalFault e) {
            return Faults.vector(cpu, Vector.GP, 0);
        }
        trace.code(cpu, cpu.rip, node.code.bytes);
        Instruction i = Decoder.decode(node.code.bytes, 0, node.code.bytes.length) instanceof Instruction decoded
                ? decoded
                : null;
        int gate = i == null ? FloatingPointGate.OPEN : FloatingPointGate.vector(cpu, i);
        return gate == FloatingPointGate.OPEN ? execute(cpu, node, i, trace) : Faults.vector(cpu, gate, 0);
    }

    private static int execute(Cpu cpu, Node node, @Nullable Instruction i, StepTrace trace) {
        SystemState s = cpu.system;
        boolean stepping = (cpu.flagsOther & Flags.TF) != 0;
        Watch watch = watch(cpu);
        int shadow = s.shadow;
        long before = cpu.retired;
        s.shadow = SystemState.SHADOW_NONE;
        cpu.portHits = 0;
        cpu.iterates = stepping || watch != null;
        cpu.mmu.watch(watch);
        int exit = Dispatch.loop(cpu, node, before + 1, trace, cpu.jumps);
        cpu.mmu.watch(null);
        cpu.iterates = false;
        cpu.jumps.left = Node.NONE;
        long traps = (stepping ? DebugTraps.BS : 0) | (watch == null ? 0 : watch.hits);
        if (exit == ITERATED) {
            s.shadow = shadow;
            // Going on with the iterations is no new start of the instruction: its breakpoint must not come again.
            cpu.flagsOther |= Flags.RF;
            return traps == 0 ? Dispatch.NEXT : DebugTraps.raise(cpu, traps);
        }
        if (cpu.retired == before) {
            s.shadow = exit == Exit.EXCEPTION ? SystemState.SHADOW_NONE : shadow;
            return exit;
        }
        if (i == null || i.operation() != Operation.IRET) {
            cpu.flagsOther &= ~Flags.RF;
        }
        return exit == Exit.SYSCALL ? exit : completed(cpu, traps);
    }

    /** The instruction has retired: its traps come now, or after the next instruction when it has loaded SS. */
    private static int completed(Cpu cpu, long traps) {
        SystemState s = cpu.system;
        if (s.shadow == SystemState.SHADOW_SS) {
            s.heldDebug |= traps & ~DebugTraps.BS;
            return Dispatch.NEXT;
        }
        long all = traps | s.heldDebug;
        s.heldDebug = 0;
        return all == 0 ? Dispatch.NEXT : DebugTraps.raise(cpu, all);
    }

    private static @Nullable Watch watch(Cpu cpu) {
        boolean aligned = (cpu.flagsOther & Flags.AC) != 0 && (cpu.cr0 & Control.CR0_AM) != 0 && cpu.cpl == 3;
        boolean data = (cpu.guards & DebugTraps.GUARD) != 0 && DebugTraps.watchesData(cpu);
        return aligned || data ? new Watch(cpu, aligned, data) : null;
    }

    /** Sees every memory access of one instruction: raises #AC for one that is not aligned, collects breakpoints. */
    private static final class Watch implements AccessWatch {
        private final Cpu cpu;
        private final boolean aligned;
        private final boolean data;
        private long hits;

        Watch(Cpu cpu, boolean aligned, boolean data) {
            this.cpu = cpu;
            this.aligned = aligned;
            this.data = data;
        }

        @Override
        public void accessed(long va, int bytes, boolean write) {
            if (aligned && (va & bytes - 1) != 0) {
                throw cpu.raise(Vector.AC, 0);
            }
            if (data) {
                hits |= DebugTraps.atData(cpu, va, bytes, write);
            }
        }
    }
}
