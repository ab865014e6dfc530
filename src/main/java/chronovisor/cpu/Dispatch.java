package chronovisor.cpu;

import chronovisor.cpu.trace.StepTrace;
import chronovisor.memory.GuestCanonicalFault;
import chronovisor.memory.GuestPageFault;
import chronovisor.memory.Mmu;
import chronovisor.memory.NestedFault;

/**
 * The interpreter's inner loop: one switch over packed operations. {@code loop} must stay well below HotSpot's limit of 8,000 bytecodes,
 * beyond which it would never be compiled; a test holds that.
 */
final class Dispatch {
    /** Not an {@link Exit}: the next block has to be looked up at the processor's RIP. */
    static final int NEXT = -1;

    private static final long M32 = 0xFFFF_FFFFL;

    private Dispatch() {}

    private static int d(long w) {
        return (int) w >> 10 & 31;
    }

    private static int s(long w) {
        return (int) w >> 15 & 31;
    }

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
                long target;
                switch ((int) w & Op.CODE) {
                    case Op.ADD_RR64 :
                        Packed.add64(cpu, g, d(w), g[s(w)]);
                        continue;
                    case Op.ADD_RI64 :
                        Packed.add64(cpu, g, d(w), x);
                        continue;
                    case Op.ADD_RR32 :
                        Packed.add32(cpu, g, d(w), g[s(w)]);
                        continue;
                    case Op.ADD_RI32 :
                        Packed.add32(cpu, g, d(w), x);
                        continue;
                    case Op.SUB_RR64 :
                        Packed.sub64(cpu, g, d(w), g[s(w)]);
                        continue;
                    case Op.SUB_RI64 :
                        Packed.sub64(cpu, g, d(w), x);
                        continue;
                    case Op.SUB_RR32 :
                        Packed.sub32(cpu, g, d(w), g[s(w)]);
                        continue;
                    case Op.SUB_RI32 :
                        Packed.sub32(cpu, g, d(w), x);
                        continue;
                    case Op.AND_RR64 :
                        Packed.and64(cpu, g, d(w), g[s(w)]);
                        continue;
                    case Op.AND_RI64 :
                        Packed.and64(cpu, g, d(w), x);
                        continue;
                    case Op.AND_RR32 :
                        Packed.and32(cpu, g, d(w), g[s(w)]);
                        continue;
                    case Op.AND_RI32 :
                        Packed.and32(cpu, g, d(w), x);
                        continue;
                    case Op.OR_RR64 :
                        Packed.or64(cpu, g, d(w), g[s(w)]);
                        continue;
                    case Op.OR_RI64 :
                        Packed.or64(cpu, g, d(w), x);
                        continue;
                    case Op.OR_RR32 :
                        Packed.or32(cpu, g, d(w), g[s(w)]);
                        continue;
                    case Op.OR_RI32 :
                        Packed.or32(cpu, g, d(w), x);
                        continue;
                    case Op.XOR_RR64 :
                        Packed.xor64(cpu, g, d(w), g[s(w)]);
                        continue;
                    case Op.XOR_RI64 :
                        Packed.xor64(cpu, g, d(w), x);
                        continue;
                    case Op.XOR_RR32 :
                        Packed.xor32(cpu, g, d(w), g[s(w)]);
                        continue;
                    case Op.XOR_RI32 :
                        Packed.xor32(cpu, g, d(w), x);
                        continue;
                    case Op.CMP_RR64 :
                        Packed.cmp64(cpu, g, d(w), g[s(w)]);
                        continue;
                    case Op.CMP_RI64 :
                        Packed.cmp64(cpu, g, d(w), x);
                        continue;
                    case Op.CMP_RR32 :
                        Packed.cmp32(cpu, g, d(w), g[s(w)]);
                        continue;
                    case Op.CMP_RI32 :
                        Packed.cmp32(cpu, g, d(w), x);
                        continue;
                    case Op.TEST_RR64 :
                        Packed.test64(cpu, g, d(w), g[s(w)]);
                        continue;
                    case Op.TEST_RI64 :
                        Packed.test64(cpu, g, d(w), x);
                        continue;
                    case Op.TEST_RR32 :
                        Packed.test32(cpu, g, d(w), g[s(w)]);
                        continue;
                    case Op.TEST_RI32 :
                        Packed.test32(cpu, g, d(w), x);
                        continue;
                    case Op.INC64 :
                        Packed.inc64(cpu, g, d(w));
                        continue;
                    case Op.INC32 :
                        Packed.inc32(cpu, g, d(w));
                        continue;
                    case Op.DEC64 :
                        Packed.dec64(cpu, g, d(w));
                        continue;
                    case Op.DEC32 :
                        Packed.dec32(cpu, g, d(w));
                        continue;
                    case Op.NEG64 :
                        Packed.neg64(cpu, g, d(w));
                        continue;
                    case Op.NEG32 :
                        Packed.neg32(cpu, g, d(w));
                        continue;
                    case Op.NOT64 :
                        Packed.not64(cpu, g, d(w));
                        continue;
                    case Op.NOT32 :
                        Packed.not32(cpu, g, d(w));
                        continue;
                    case Op.SHL_RI64 :
                        Packed.shl64(cpu, g, d(w), (int) x);
                        continue;
                    case Op.SHL_RI32 :
                        Packed.shl32(cpu, g, d(w), (int) x);
                        continue;
                    case Op.SHR_RI64 :
                        Packed.shr64(cpu, g, d(w), (int) x);
                        continue;
                    case Op.SHR_RI32 :
                        Packed.shr32(cpu, g, d(w), (int) x);
                        continue;
                    case Op.SAR_RI64 :
                        Packed.sar64(cpu, g, d(w), (int) x);
                        continue;
                    case Op.SAR_RI32 :
                        Packed.sar32(cpu, g, d(w), (int) x);
                        continue;
                    case Op.ROL_RI64 :
                        Packed.rol64(cpu, g, d(w), (int) x);
                        continue;
                    case Op.ROL_RI32 :
                        Packed.rol32(cpu, g, d(w), (int) x);
                        continue;
                    case Op.ROR_RI64 :
                        Packed.ror64(cpu, g, d(w), (int) x);
                        continue;
                    case Op.ROR_RI32 :
                        Packed.ror32(cpu, g, d(w), (int) x);
                        continue;
                    case Op.IMUL_RR64 :
                        Packed.imul64(cpu, g, d(w), g[d(w)], g[s(w)]);
                        continue;
                    case Op.IMUL_RRI64 :
                        Packed.imul64(cpu, g, d(w), g[s(w)], x);
                        continue;
                    case Op.IMUL_RR32 :
                        Packed.imul32(cpu, g, d(w), g[d(w)], g[s(w)]);
                        continue;
                    case Op.IMUL_RRI32 :
                        Packed.imul32(cpu, g, d(w), g[s(w)], x);
                        continue;
                    case Op.CMP_RR8 :
                        Packed.cmp8(cpu, g[d(w)], g[s(w)]);
                        continue;
                    case Op.CMP_RI8 :
                        Packed.cmp8(cpu, g[d(w)], x);
                        continue;
                    case Op.TEST_RR8 :
                        Packed.test8(cpu, g[d(w)], g[s(w)]);
                        continue;
                    case Op.TEST_RI8 :
                        Packed.test8(cpu, g[d(w)], x);
                        continue;
                    case Op.MOV_RR64 :
                        g[d(w)] = g[s(w)];
                        continue;
                    case Op.MOV_RR32 :
                        g[d(w)] = g[s(w)] & M32;
                        continue;
                    case Op.MOV_RI :
                        g[d(w)] = x;
                        continue;
                    case Op.MOV_RR8 :
                        g[d(w)] = g[d(w)] & ~0xFFL | g[s(w)] & 0xFF;
                        continue;
                    case Op.ZX8 :
                        g[d(w)] = g[s(w)] & 0xFF;
                        continue;
                    case Op.ZX16 :
                        g[d(w)] = g[s(w)] & 0xFFFF;
                        continue;
                    case Op.SX8_32 :
                        g[d(w)] = (byte) g[s(w)] & M32;
                        continue;
                    case Op.SX8_64 :
                        g[d(w)] = (byte) g[s(w)];
                        continue;
                    case Op.SX16_32 :
                        g[d(w)] = (short) g[s(w)] & M32;
                        continue;
                    case Op.SX16_64 :
                        g[d(w)] = (short) g[s(w)];
                        continue;
                    case Op.SX32_64 :
                        g[d(w)] = (int) g[s(w)];
                        continue;
                    case Op.LEA64 :
                        g[d(w)] = Packed.address(g, w, x);
                        continue;
                    case Op.LEA32 :
                        g[d(w)] = Packed.address(g, w, x) & M32;
                        continue;
                    case Op.LOAD64 :
                        g[d(w)] = mmu.load64(Packed.address(g, w, x));
                        continue;
                    case Op.LOAD32 :
                        g[d(w)] = mmu.load32(Packed.address(g, w, x)) & M32;
                        continue;
                    case Op.LOAD_SX32 :
                        g[d(w)] = mmu.load32(Packed.address(g, w, x));
                        continue;
                    case Op.LOAD16 :
                        g[d(w)] = mmu.load16(Packed.address(g, w, x)) & 0xFFFF;
                        continue;
                    case Op.LOAD_SX16_32 :
                        g[d(w)] = mmu.load16(Packed.address(g, w, x)) & M32;
                        continue;
                    case Op.LOAD_SX16_64 :
                        g[d(w)] = mmu.load16(Packed.address(g, w, x));
                        continue;
                    case Op.LOAD8 :
                        g[d(w)] = mmu.load8(Packed.address(g, w, x)) & 0xFF;
                        continue;
                    case Op.LOAD_SX8_32 :
                        g[d(w)] = mmu.load8(Packed.address(g, w, x)) & M32;
                        continue;
                    case Op.LOAD_SX8_64 :
                        g[d(w)] = mmu.load8(Packed.address(g, w, x));
                        continue;
                    case Op.LOAD8_MERGE :
                        g[d(w)] = g[d(w)] & ~0xFFL | mmu.load8(Packed.address(g, w, x)) & 0xFF;
                        continue;
                    case Op.STORE64 :
                        mmu.store64(Packed.address(g, w, x), g[s(w)]);
                        continue;
                    case Op.STORE32 :
                        mmu.store32(Packed.address(g, w, x), (int) g[s(w)]);
                        continue;
                    case Op.STORE16 :
                        mmu.store16(Packed.address(g, w, x), (short) g[s(w)]);
                        continue;
                    case Op.STORE8 :
                        mmu.store8(Packed.address(g, w, x), (byte) g[s(w)]);
                        continue;
                    case Op.PUSH :
                        Packed.push(mmu, g, g[s(w)]);
                        continue;
                    case Op.PUSH_I :
                        Packed.push(mmu, g, x);
                        continue;
                    case Op.POP :
                        Packed.pop(mmu, g, d(w));
                        continue;
                    case Op.LEAVE :
                        Packed.leave(mmu, g);
                        continue;
                    case Op.SETCC :
                        g[d(w)] = g[d(w)] & ~0xFFL | (Flags.condition(s(w), cpu.flagResult, cpu.flagAux) ? 1 : 0);
                        continue;
                    case Op.CMOV64 :
                        Packed.cmov64(cpu, g, d(w), s(w), (int) x);
                        continue;
                    case Op.CMOV32 :
                        Packed.cmov32(cpu, g, d(w), s(w), (int) x);
                        continue;
                    case Op.STEP :
                        node.steps[(int) x].execute(cpu);
                        continue;
                    case Op.JO :
                        taken = Flags.overflow(cpu.flagAux);
                        break;
                    case Op.JNO :
                        taken = !Flags.overflow(cpu.flagAux);
                        break;
                    case Op.JB :
                        taken = cpu.flagAux < 0;
                        break;
                    case Op.JAE :
                        taken = cpu.flagAux >= 0;
                        break;
                    case Op.JE :
                        taken = cpu.flagResult == 0;
                        break;
                    case Op.JNE :
                        taken = cpu.flagResult != 0;
                        break;
                    case Op.JBE :
                        taken = cpu.flagResult == 0 || cpu.flagAux < 0;
                        break;
                    case Op.JA :
                        taken = cpu.flagResult != 0 && cpu.flagAux >= 0;
                        break;
                    case Op.JS :
                        taken = Flags.sign(cpu.flagResult, cpu.flagAux);
                        break;
                    case Op.JNS :
                        taken = !Flags.sign(cpu.flagResult, cpu.flagAux);
                        break;
                    case Op.JP :
                        taken = Flags.parity(cpu.flagResult, cpu.flagAux);
                        break;
                    case Op.JNP :
                        taken = !Flags.parity(cpu.flagResult, cpu.flagAux);
                        break;
                    case Op.JL :
                        taken = Flags.less(cpu.flagResult, cpu.flagAux);
                        break;
                    case Op.JGE :
                        taken = !Flags.less(cpu.flagResult, cpu.flagAux);
                        break;
                    case Op.JLE :
                        taken = cpu.flagResult == 0 || Flags.less(cpu.flagResult, cpu.flagAux);
                        break;
                    case Op.JG :
                        taken = cpu.flagResult != 0 && !Flags.less(cpu.flagResult, cpu.flagAux);
                        break;
                    case Op.JCC_STEP :
                        node.steps[(int) x].execute(cpu);
                        taken = cpu.target != 0;
                        break;
                    case Op.ADC_RR64 :
                        Packed.adc64(cpu, g, d(w), g[s(w)]);
                        continue;
                    case Op.ADC_RI64 :
                        Packed.adc64(cpu, g, d(w), x);
                        continue;
                    case Op.ADC_RR32 :
                        Packed.adc32(cpu, g, d(w), g[s(w)]);
                        continue;
                    case Op.ADC_RI32 :
                        Packed.adc32(cpu, g, d(w), x);
                        continue;
                    case Op.SBB_RR64 :
                        Packed.sbb64(cpu, g, d(w), g[s(w)]);
                        continue;
                    case Op.SBB_RI64 :
                        Packed.sbb64(cpu, g, d(w), x);
                        continue;
                    case Op.SBB_RR32 :
                        Packed.sbb32(cpu, g, d(w), g[s(w)]);
                        continue;
                    case Op.SBB_RI32 :
                        Packed.sbb32(cpu, g, d(w), x);
                        continue;
                    case Op.ADD_RR8 :
                        Packed.add8(cpu, g, d(w), g[s(w)]);
                        continue;
                    case Op.ADD_RI8 :
                        Packed.add8(cpu, g, d(w), x);
                        continue;
                    case Op.SUB_RR8 :
                        Packed.sub8(cpu, g, d(w), g[s(w)]);
                        continue;
                    case Op.SUB_RI8 :
                        Packed.sub8(cpu, g, d(w), x);
                        continue;
                    case Op.AND_RR8 :
                        Packed.and8(cpu, g, d(w), g[s(w)]);
                        continue;
                    case Op.AND_RI8 :
                        Packed.and8(cpu, g, d(w), x);
                        continue;
                    case Op.OR_RR8 :
                        Packed.or8(cpu, g, d(w), g[s(w)]);
                        continue;
                    case Op.OR_RI8 :
                        Packed.or8(cpu, g, d(w), x);
                        continue;
                    case Op.XOR_RR8 :
                        Packed.xor8(cpu, g, d(w), g[s(w)]);
                        continue;
                    case Op.XOR_RI8 :
                        Packed.xor8(cpu, g, d(w), x);
                        continue;
                    case Op.SHL_CL64 :
                        Packed.shlCl64(cpu, g, d(w));
                        continue;
                    case Op.SHL_CL32 :
                        Packed.shlCl32(cpu, g, d(w));
                        continue;
                    case Op.SHR_CL64 :
                        Packed.shrCl64(cpu, g, d(w));
                        continue;
                    case Op.SHR_CL32 :
                        Packed.shrCl32(cpu, g, d(w));
                        continue;
                    case Op.SAR_CL64 :
                        Packed.sarCl64(cpu, g, d(w));
                        continue;
                    case Op.SAR_CL32 :
                        Packed.sarCl32(cpu, g, d(w));
                        continue;
                    case Op.RMW64 :
                        g[d(w)] = Packed.loadToWrite64(mmu, Packed.address(g, w, x));
                        continue;
                    case Op.RMW32 :
                        g[d(w)] = Packed.loadToWrite32(mmu, Packed.address(g, w, x));
                        continue;
                    case Op.SIGN64 :
                        g[d(w)] = g[s(w)] >> 63;
                        continue;
                    case Op.SIGN32 :
                        g[d(w)] = (int) g[s(w)] >> 31 & M32;
                        continue;
                    case Op.MOV_RI8 :
                        g[d(w)] = g[d(w)] & ~0xFFL | x;
                        continue;
                    case Op.CALL :
                        Packed.push(mmu, g, node.base + node.bytes);
                        trace.call(node.base + node.bytes);
                        node.leftTaken = true;
                        retired += node.count;
                        if (retired + node.taken.fits > deadline) {
                            return Packed.leave(cpu, jumps, trace, node, word, retired, node.base + node.target);
                        }
                        node = node.taken;
                        ops = node.ops;
                        g[Cpu.SLOT_BLOCK] = node.base;
                        pc = 0;
                        continue;
                    case Op.JMP :
                        node.leftTaken = true;
                        retired += node.count;
                        if (retired + node.taken.fits > deadline) {
                            return Packed.leave(cpu, jumps, trace, node, word, retired, node.base + node.target);
                        }
                        node = node.taken;
                        ops = node.ops;
                        g[Cpu.SLOT_BLOCK] = node.base;
                        pc = 0;
                        continue;
                    case Op.FALL :
                        node.leftTaken = false;
                        retired += node.count;
                        if (retired + node.fall.fits > deadline) {
                            return Packed.leave(cpu, jumps, trace, node, word, retired, node.base + node.bytes);
                        }
                        node = node.fall;
                        ops = node.ops;
                        g[Cpu.SLOT_BLOCK] = node.base;
                        pc = 0;
                        continue;
                    case Op.RET :
                        target = Packed.popTarget(cpu, mmu, g, x);
                        word = word << 1 | trace.ret(target);
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
                    case Op.CALL_R :
                    case Op.JMP_R :
                        target = Packed.indirect(cpu, g, trace, node, w);
                        word = word << 1 | trace.indirect(node.base + Op.start(w), target);
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
                        throw new IllegalStateException("packed operation " + (w & Op.CODE));
                }
                word = word << 1 | (taken ? 1 : 0);
                retired += node.count;
                if (word < 0) {
                    word = trace.spill(word, retired + cpu.tickBase, node.base + (taken ? node.target : node.bytes));
                }
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
