package chronovisor.cpu;

import chronovisor.cpu.trace.StepTrace;
import chronovisor.memory.GuestCanonicalFault;
import chronovisor.memory.GuestPageFault;
import chronovisor.memory.Mmu;
import chronovisor.memory.NestedFault;

/**
 * The interpreter's inner loop: a switch over the groups of packed operations, and what ends a block. {@code loop} must stay well below
 * HotSpot's limit of 8,000 bytecodes, beyond which it would never be compiled; a test holds that.
 */
final class Dispatch {
    /** Not an {@link Exit}: the next block has to be looked up at the processor's RIP. */
    static final int NEXT = -1;

    private Dispatch() {}

    /**
     * Runs from {@code start} on, block to block as long as blocks are linked and end by {@code deadline}.
     *
     * @param deadline value of {@code cpu.retired} not to be passed; the first block ends by then
     * @return an {@link Exit} code or {@link #NEXT}; RIP and tick are exact
     */
    static int loop(Cpu cpu, Node start, long deadline, StepTrace trace, JumpCache jumps) {
        long[] g = cpu.gpr;
        Mmu mmu = cpu.mmu;
        Node node = start;
        long[] ops = node.ops;
        g[Cpu.SLOT_BLOCK] = node.base;
        int pc = 0;
        long retired = cpu.retired;
        long word = trace.word();
        try {
            while (true) {
                long w = ops[pc];
                long x = ops[pc + 1];
                pc += 2;
                boolean taken;
                switch ((int) w >>> Op.GROUP_SHIFT & Op.GROUPS) {
                    case Op.ARITHMETIC64 :
                        PackedGroups.arithmetic64(cpu, g, w, x);
                        continue;
                    case Op.ARITHMETIC32 :
                        PackedGroups.arithmetic32(cpu, g, w, x);
                        continue;
                    case Op.SHIFTS64 :
                        PackedGroups.shifts64(cpu, g, w, x);
                        continue;
                    case Op.SHIFTS32 :
                        PackedGroups.shifts32(cpu, g, w, x);
                        continue;
                    case Op.ARITHMETIC8 :
                        PackedGroups.arithmetic8(cpu, g, w, x);
                        continue;
                    case Op.MOVES :
                        PackedGroups.moves(cpu, g, w, x);
                        continue;
                    case Op.LOADS :
                        PackedGroups.loads(mmu, g, w, x);
                        continue;
                    case Op.STORES :
                        PackedGroups.stores(mmu, g, w, x);
                        continue;
                    case Op.STEPS :
                        node.steps[(int) x].execute(cpu);
                        continue;
                    case Op.BRANCHES :
                        taken = PackedGroups.taken(cpu, node, w, x);
                        word = word << 1 | (taken ? 1 : 0);
                        if (word < 0) {
                            word = trace.spill(word, retired + node.count + cpu.tickBase,
                                    node.base + (taken ? node.target : node.bytes));
                        }
                        break;
                    case Op.STACK :
                    case Op.TRANSFERS :
                        // Together, since calls and returns push and pop.
                        switch ((int) w & Op.CODE) {
                            case Op.PUSH :
                                Packed.push(mmu, g, g[Op.source(w)]);
                                continue;
                            case Op.PUSH_I :
                                Packed.push(mmu, g, x);
                                continue;
                            case Op.POP :
                                Packed.pop(mmu, g, Op.destination(w));
                                continue;
                            case Op.LEAVE :
                                Packed.leave(mmu, g);
                                continue;
                            case Op.CALL :
                                Packed.push(mmu, g, node.base + node.bytes);
                                trace.call(node.base + node.bytes);
                                taken = true;
                                break;
                            case Op.JMP :
                                taken = true;
                                break;
                            case Op.FALL :
                                taken = false;
                                break;
                            case Op.RET :
                            case Op.CALL_R :
                            case Op.JMP_R :
                                boolean returns = ((int) w & Op.CODE) == Op.RET;
                                long target = returns
                                        ? Packed.popTarget(cpu, mmu, g, x)
                                        : Packed.indirect(cpu, g, trace, node, w);
                                word = word << 1
                                        | (returns
                                                ? trace.ret(target)
                                                : trace.indirect(node.base + Op.start(w), target));
                                retired += node.count;
                                if (word < 0) {
                                    word = trace.spill(word, retired + cpu.tickBase, target);
                                }
                                node = jumps.at(target);
                                if (node.base != target || retired + node.fits > deadline) {
                                    return Packed.leave(cpu, jumps, trace, Node.NONE, word, retired, target);
                                }
                                ops = node.ops;
                                g[Cpu.SLOT_BLOCK] = target;
                                pc = 0;
                                continue;
                            case Op.JMP_STEP :
                                return Packed.transfer(cpu, jumps, trace, node, w, x, word, retired);
                            case Op.SYSCALL :
                                return Packed.syscall(cpu, trace, node, word, retired);
                            case Op.STOP :
                                return Packed.stop(cpu, trace, node, w, word, retired);
                            default :
                                throw PackedGroups.unknown(w);
                        }
                        break;
                    default :
                        throw PackedGroups.unknown(w);
                }
                retired += node.count;
                Node next = taken ? node.taken : node.fall;
                if (retired + next.fits > deadline) {
                    node.leftTaken = taken;
                    return Packed.leave(cpu, jumps, trace, node, word, retired,
                            node.base + (taken ? node.target : node.bytes));
                }
                node = next;
                ops = node.ops;
                g[Cpu.SLOT_BLOCK] = node.base;
                pc = 0;
            }
        } catch (GuestPageFault e) {
            Packed.fault(cpu, trace, node, ops[pc - 2], word, retired);
            return Faults.page(cpu, e);
        } catch (NestedFault e) {
            Packed.fault(cpu, trace, node, ops[pc - 2], word, retired);
            return Faults.nested(cpu, e);
        } catch (GuestCanonicalFault e) {
            Packed.fault(cpu, trace, node, ops[pc - 2], word, retired);
            return Faults.canonical(cpu, node.code, Op.start(ops[pc - 2]), e);
        } catch (GuestException e) {
            Packed.fault(cpu, trace, node, ops[pc - 2], word, retired);
            return Faults.exception(cpu, e);
        } catch (GuestExit e) {
            Packed.fault(cpu, trace, node, ops[pc - 2], word, retired);
            return Faults.exit(cpu, e, node.code, Op.start(ops[pc - 2]), Op.length(ops[pc - 2]));
        }
    }
}
