package chronovisor.cpu;

import chronovisor.cpu.trace.StepTrace;
import chronovisor.memory.Mmu;

/** Bodies of the packed operations: operand plumbing and lazy flags around the shared semantics. Small, so that they are inlined. */
final class Packed {
    private static final long M32 = 0xFFFF_FFFFL;

    private Packed() {}

    /** Effective linear address; base and index may be any slot. */
    static long address(long[] g, long w, long displacement) {
        return g[Op.base(w)] + (g[Op.index(w)] << Op.scale(w)) + displacement;
    }

    static void add64(Cpu cpu, long[] g, int d, long b) {
        long a = g[d];
        long r = a + b;
        g[d] = r;
        cpu.flagResult = r;
        cpu.flagAux = Flags.addAux64(a, b, r);
    }

    static void add32(Cpu cpu, long[] g, int d, long b) {
        long a = g[d];
        int r = (int) (a + b);
        g[d] = r & M32;
        cpu.flagResult = r;
        cpu.flagAux = Flags.addAux(32, a, b, r);
    }

    static void sub64(Cpu cpu, long[] g, int d, long b) {
        long a = g[d];
        long r = a - b;
        g[d] = r;
        cpu.flagResult = r;
        cpu.flagAux = Flags.subAux64(a, b, r);
    }

    static void sub32(Cpu cpu, long[] g, int d, long b) {
        long a = g[d];
        int r = (int) (a - b);
        g[d] = r & M32;
        cpu.flagResult = r;
        cpu.flagAux = Flags.subAux(32, a, b, r);
    }

    static void and64(Cpu cpu, long[] g, int d, long b) {
        long r = g[d] & b;
        g[d] = r;
        cpu.flagResult = r;
        cpu.flagAux = 0;
    }

    static void and32(Cpu cpu, long[] g, int d, long b) {
        int r = (int) (g[d] & b);
        g[d] = r & M32;
        cpu.flagResult = r;
        cpu.flagAux = 0;
    }

    static void or64(Cpu cpu, long[] g, int d, long b) {
        long r = g[d] | b;
        g[d] = r;
        cpu.flagResult = r;
        cpu.flagAux = 0;
    }

    static void or32(Cpu cpu, long[] g, int d, long b) {
        int r = (int) (g[d] | b);
        g[d] = r & M32;
        cpu.flagResult = r;
        cpu.flagAux = 0;
    }

    static void xor64(Cpu cpu, long[] g, int d, long b) {
        long r = g[d] ^ b;
        g[d] = r;
        cpu.flagResult = r;
        cpu.flagAux = 0;
    }

    static void xor32(Cpu cpu, long[] g, int d, long b) {
        int r = (int) (g[d] ^ b);
        g[d] = r & M32;
        cpu.flagResult = r;
        cpu.flagAux = 0;
    }

    static void cmp64(Cpu cpu, long[] g, int d, long b) {
        long a = g[d];
        long r = a - b;
        cpu.flagResult = r;
        cpu.flagAux = Flags.subAux64(a, b, r);
    }

    static void cmp32(Cpu cpu, long[] g, int d, long b) {
        long a = g[d];
        int r = (int) (a - b);
        cpu.flagResult = r;
        cpu.flagAux = Flags.subAux(32, a, b, r);
    }

    static void cmp8(Cpu cpu, long a, long b) {
        byte r = (byte) (a - b);
        cpu.flagResult = r;
        cpu.flagAux = Flags.subAux(8, a, b, r);
    }

    static void test64(Cpu cpu, long[] g, int d, long b) {
        cpu.flagResult = g[d] & b;
        cpu.flagAux = 0;
    }

    static void test32(Cpu cpu, long[] g, int d, long b) {
        cpu.flagResult = (int) (g[d] & b);
        cpu.flagAux = 0;
    }

    static void test8(Cpu cpu, long a, long b) {
        cpu.flagResult = (byte) (a & b);
        cpu.flagAux = 0;
    }

    static void inc64(Cpu cpu, long[] g, int d) {
        long a = g[d];
        long r = a + 1;
        g[d] = r;
        cpu.flagResult = r;
        cpu.flagAux = Flags.keepCarry(Flags.addAux64(a, 1, r), cpu.flagAux);
    }

    static void inc32(Cpu cpu, long[] g, int d) {
        long a = g[d];
        int r = (int) (a + 1);
        g[d] = r & M32;
        cpu.flagResult = r;
        cpu.flagAux = Flags.keepCarry(Flags.addAux(32, a, 1, r), cpu.flagAux);
    }

    static void dec64(Cpu cpu, long[] g, int d) {
        long a = g[d];
        long r = a - 1;
        g[d] = r;
        cpu.flagResult = r;
        cpu.flagAux = Flags.keepCarry(Flags.subAux64(a, 1, r), cpu.flagAux);
    }

    static void dec32(Cpu cpu, long[] g, int d) {
        long a = g[d];
        int r = (int) (a - 1);
        g[d] = r & M32;
        cpu.flagResult = r;
        cpu.flagAux = Flags.keepCarry(Flags.subAux(32, a, 1, r), cpu.flagAux);
    }

    static void neg64(Cpu cpu, long[] g, int d) {
        long a = g[d];
        long r = -a;
        g[d] = r;
        cpu.flagResult = r;
        cpu.flagAux = Flags.subAux64(0, a, r);
    }

    static void neg32(Cpu cpu, long[] g, int d) {
        long a = g[d];
        int r = (int) -a;
        g[d] = r & M32;
        cpu.flagResult = r;
        cpu.flagAux = Flags.subAux(32, 0, a, r);
    }

    static void not64(Cpu cpu, long[] g, int d) {
        g[d] = ~g[d];
    }

    static void not32(Cpu cpu, long[] g, int d) {
        g[d] = ~g[d] & M32;
    }

    static void shl64(Cpu cpu, long[] g, int d, int n) {
        long a = g[d];
        long r = Shifts.shl(64, a, n);
        g[d] = r;
        cpu.flagResult = r;
        cpu.flagAux = Shifts.shlAux(64, a, n);
    }

    static void shl32(Cpu cpu, long[] g, int d, int n) {
        long a = g[d] & M32;
        int r = (int) Shifts.shl(32, a, n);
        g[d] = r & M32;
        cpu.flagResult = r;
        cpu.flagAux = Shifts.shlAux(32, a, n);
    }

    static void shr64(Cpu cpu, long[] g, int d, int n) {
        long a = g[d];
        long r = Shifts.shr(64, a, n);
        g[d] = r;
        cpu.flagResult = r;
        cpu.flagAux = Shifts.shrAux(64, a, n);
    }

    static void shr32(Cpu cpu, long[] g, int d, int n) {
        long a = g[d] & M32;
        int r = (int) Shifts.shr(32, a, n);
        g[d] = r & M32;
        cpu.flagResult = r;
        cpu.flagAux = Shifts.shrAux(32, a, n);
    }

    static void sar64(Cpu cpu, long[] g, int d, int n) {
        long a = g[d];
        long r = Shifts.sar(64, a, n);
        g[d] = r;
        cpu.flagResult = r;
        cpu.flagAux = Shifts.sarAux(64, a, n);
    }

    static void sar32(Cpu cpu, long[] g, int d, int n) {
        long a = g[d] & M32;
        int r = (int) Shifts.sar(32, a, n);
        g[d] = r & M32;
        cpu.flagResult = r;
        cpu.flagAux = Shifts.sarAux(32, a, n);
    }

    static void rol64(Cpu cpu, long[] g, int d, int n) {
        long v = g[d];
        long r = Long.rotateLeft(v, n);
        g[d] = r;
        cpu.flagAux = Shifts.rolAux(64, v, r, n != 1, cpu.flagAux);
    }

    static void rol32(Cpu cpu, long[] g, int d, int n) {
        long v = g[d] & M32;
        long r = Integer.rotateLeft((int) v, n) & M32;
        g[d] = r;
        cpu.flagAux = Shifts.rolAux(32, v, r, n != 1, cpu.flagAux);
    }

    static void ror64(Cpu cpu, long[] g, int d, int n) {
        long v = g[d];
        long r = Long.rotateRight(v, n);
        g[d] = r;
        cpu.flagAux = Shifts.rorAux(64, v, r, n != 1, cpu.flagAux);
    }

    static void ror32(Cpu cpu, long[] g, int d, int n) {
        long v = g[d] & M32;
        long r = Integer.rotateRight((int) v, n) & M32;
        g[d] = r;
        cpu.flagAux = Shifts.rorAux(32, v, r, n != 1, cpu.flagAux);
    }

    static void imul64(Cpu cpu, long[] g, int d, long a, long b) {
        long r = a * b;
        g[d] = r;
        cpu.flagResult = MulDiv.flagResult(r);
        cpu.flagAux = MulDiv.imulAux(64, r, Math.multiplyHigh(a, b));
    }

    static void imul32(Cpu cpu, long[] g, int d, long a, long b) {
        long r = (long) (int) a * (int) b;
        g[d] = r & M32;
        cpu.flagResult = MulDiv.flagResult(Flags.extend(32, r));
        cpu.flagAux = MulDiv.imulAux(32, r, r >> 32);
    }

    static void adc64(Cpu cpu, long[] g, int d, long b) {
        long a = g[d];
        long r = a + b + (cpu.flagAux >>> 63);
        g[d] = r;
        cpu.flagResult = r;
        cpu.flagAux = Flags.addAux64(a, b, r);
    }

    static void adc32(Cpu cpu, long[] g, int d, long b) {
        long a = g[d];
        int r = (int) (a + b + (cpu.flagAux >>> 63));
        g[d] = r & M32;
        cpu.flagResult = r;
        cpu.flagAux = Flags.addAux(32, a, b, r);
    }

    static void sbb64(Cpu cpu, long[] g, int d, long b) {
        long a = g[d];
        long r = a - b - (cpu.flagAux >>> 63);
        g[d] = r;
        cpu.flagResult = r;
        cpu.flagAux = Flags.subAux64(a, b, r);
    }

    static void sbb32(Cpu cpu, long[] g, int d, long b) {
        long a = g[d];
        int r = (int) (a - b - (cpu.flagAux >>> 63));
        g[d] = r & M32;
        cpu.flagResult = r;
        cpu.flagAux = Flags.subAux(32, a, b, r);
    }

    static void add8(Cpu cpu, long[] g, int d, long b) {
        long a = g[d];
        byte r = (byte) (a + b);
        g[d] = a & ~0xFFL | r & 0xFF;
        cpu.flagResult = r;
        cpu.flagAux = Flags.addAux(8, a, b, r);
    }

    static void sub8(Cpu cpu, long[] g, int d, long b) {
        long a = g[d];
        byte r = (byte) (a - b);
        g[d] = a & ~0xFFL | r & 0xFF;
        cpu.flagResult = r;
        cpu.flagAux = Flags.subAux(8, a, b, r);
    }

    static void and8(Cpu cpu, long[] g, int d, long b) {
        byte r = (byte) (g[d] & b);
        g[d] = g[d] & ~0xFFL | r & 0xFF;
        cpu.flagResult = r;
        cpu.flagAux = 0;
    }

    static void or8(Cpu cpu, long[] g, int d, long b) {
        byte r = (byte) (g[d] | b);
        g[d] = g[d] & ~0xFFL | r & 0xFF;
        cpu.flagResult = r;
        cpu.flagAux = 0;
    }

    static void xor8(Cpu cpu, long[] g, int d, long b) {
        byte r = (byte) (g[d] ^ b);
        g[d] = g[d] & ~0xFFL | r & 0xFF;
        cpu.flagResult = r;
        cpu.flagAux = 0;
    }

    static void shlCl64(Cpu cpu, long[] g, int d) {
        int n = (int) g[1] & 63;
        if (n != 0) {
            shl64(cpu, g, d, n);
        }
    }

    static void shlCl32(Cpu cpu, long[] g, int d) {
        int n = (int) g[1] & 31;
        if (n != 0) {
            shl32(cpu, g, d, n);
        } else {
            g[d] &= M32;
        }
    }

    static void shrCl64(Cpu cpu, long[] g, int d) {
        int n = (int) g[1] & 63;
        if (n != 0) {
            shr64(cpu, g, d, n);
        }
    }

    static void shrCl32(Cpu cpu, long[] g, int d) {
        int n = (int) g[1] & 31;
        if (n != 0) {
            shr32(cpu, g, d, n);
        } else {
            g[d] &= M32;
        }
    }

    static void sarCl64(Cpu cpu, long[] g, int d) {
        int n = (int) g[1] & 63;
        if (n != 0) {
            sar64(cpu, g, d, n);
        }
    }

    static void sarCl32(Cpu cpu, long[] g, int d) {
        int n = (int) g[1] & 31;
        if (n != 0) {
            sar32(cpu, g, d, n);
        } else {
            g[d] &= M32;
        }
    }

    /** Loads what the same instruction will store: what the store would raise is raised here. */
    static long loadToWrite64(Mmu mmu, long va) {
        mmu.checkWrite(va, 8);
        return mmu.load64(va);
    }

    /** See {@link #loadToWrite64}. */
    static long loadToWrite32(Mmu mmu, long va) {
        mmu.checkWrite(va, 4);
        return mmu.load32(va) & M32;
    }

    static void push(Mmu mmu, long[] g, long v) {
        long sp = g[Cpu.RSP] - 8;
        mmu.store64(sp, v);
        g[Cpu.RSP] = sp;
    }

    static void pop(Mmu mmu, long[] g, int d) {
        long v = mmu.load64(g[Cpu.RSP]);
        g[Cpu.RSP] += 8;
        g[d] = v;
    }

    static void leave(Mmu mmu, long[] g) {
        long bp = g[5];
        long v = mmu.load64(bp);
        g[Cpu.RSP] = bp + 8;
        g[5] = v;
    }

    static void cmov64(Cpu cpu, long[] g, int d, int s, int condition) {
        if (Flags.condition(condition, cpu.flagResult, cpu.flagAux)) {
            g[d] = g[s];
        }
    }

    /** At 32 bits the upper half of the destination is cleared even when the condition does not hold. */
    static void cmov32(Cpu cpu, long[] g, int d, int s, int condition) {
        g[d] = (Flags.condition(condition, cpu.flagResult, cpu.flagAux) ? g[s] : g[d]) & M32;
    }

    /** Target of a near return, which pops {@code bytes} bytes in all. A non-canonical target faults here, not there. */
    static long popTarget(Cpu cpu, Mmu mmu, long[] g, long bytes) {
        long target = mmu.load64(g[Cpu.RSP]);
        requireCanonical(cpu, target);
        g[Cpu.RSP] += bytes;
        return target;
    }

    private static void requireCanonical(Cpu cpu, long target) {
        if (target << 16 >> 16 != target) {
            throw cpu.raise(Vector.GP, 0);
        }
    }

    /** Target of an indirect jump or call, after what a call pushes. */
    static long indirect(Cpu cpu, long[] g, StepTrace trace, Node node, long w) {
        long target = g[Op.source(w)];
        if (((int) w & Op.CODE) == Op.JMP_R) {
            requireCanonical(cpu, target);
            return target;
        }
        // Hardware has written the return address when it finds the target non-canonical; RSP stays.
        long next = node.base + node.bytes;
        cpu.mmu.store64(g[Cpu.RSP] - 8, next);
        requireCanonical(cpu, target);
        g[Cpu.RSP] -= 8;
        trace.call(next);
        return target;
    }

    /** Ends the loop because no link leads on. */
    static int leave(Cpu cpu, JumpCache jumps, StepTrace trace, Node left, long word, long retired, long rip) {
        cpu.retired = retired;
        cpu.rip = rip;
        trace.word(word);
        jumps.left = left;
        return Dispatch.NEXT;
    }

    /** A transfer by a step (IRET, far transfers): it may change privilege and flags, so the loop ends. */
    static int transfer(Cpu cpu, JumpCache jumps, StepTrace trace, Node node, long w, long x, long word,
            long retired) {
        node.steps[(int) x].execute(cpu);
        long target = cpu.target;
        long bits = word << 1 | trace.indirect(node.base + Op.start(w), target);
        if (bits < 0) {
            bits = trace.spill(bits, retired + node.count + cpu.tickBase, target);
        }
        return leave(cpu, jumps, trace, Node.NONE, bits, retired + node.count, target);
    }

    /** SYSCALL retires before its exit: RCX and R11 are set, the rest is the kernel's entry (SDM vol. 2, SYSCALL). */
    static int syscall(Cpu cpu, StepTrace trace, Node node, long word, long retired) {
        trace.word(word);
        cpu.retired = retired + node.count;
        cpu.rip = node.base + node.bytes;
        cpu.gpr[1] = cpu.rip;
        cpu.gpr[11] = cpu.rflags() & ~(long) Flags.RF;
        cpu.exitLength = 0;
        return Exit.SYSCALL;
    }

    /** The block was invalidated under our feet: go on at the next instruction with a fresh look at its bytes. */
    static int stop(Cpu cpu, StepTrace trace, Node node, long w, long word, long retired) {
        fault(cpu, trace, node, w, word, retired);
        return Dispatch.NEXT;
    }

    /** Makes RIP and tick those of the instruction that {@code w} belongs to. */
    static void fault(Cpu cpu, StepTrace trace, Node node, long w, long word, long retired) {
        cpu.retired = retired + Op.order(w);
        cpu.rip = node.base + Op.start(w);
        trace.word(word);
    }
}
