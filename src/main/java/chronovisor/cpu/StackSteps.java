package chronovisor.cpu;

import chronovisor.isa.Instruction;
import chronovisor.isa.Operand.Kind;
import org.jspecify.annotations.Nullable;

/** PUSH, POP, PUSHF, POPF, ENTER, LEAVE: what is not packed (SDM vol. 2). RSP is committed last. */
final class StackSteps {
    private static final int RBP = 5;

    private StackSteps() {}

    static @Nullable Step bind(Instruction i, @Nullable AddressForm address) {
        int bits = i.operandSize();
        return switch (i.operation()) {
            case PUSH -> {
                Place s = Place.of(i, 0, address);
                // An immediate is sign-extended, whatever Place masks.
                long value = i.operand(0).kind() == Kind.IMMEDIATE ? i.operand(0).value() : 0;
                yield i.operand(0).kind() == Kind.IMMEDIATE
                        ? cpu -> push(cpu, bits, value)
                        : cpu -> push(cpu, bits, s.get(cpu));
            }
            case POP -> pop(i, address);
            case PUSHF -> cpu -> push(cpu, bits, cpu.rflags() & ~(long) (Flags.RF | Flags.VM));
            case POPF -> cpu -> popf(cpu, bits);
            case ENTER -> cpu -> enter(cpu, bits, (int) i.operand(0).value() & 0xFFFF, (int) i.operand(1).value() & 31);
            case LEAVE -> cpu -> {
                long v = load(cpu, cpu.gpr[RBP], bits);
                cpu.gpr[Cpu.RSP] = cpu.gpr[RBP] + bits / 8;
                Place.register(RBP, bits).set(cpu, v);
            };
            default -> null;
        };
    }

    private static long load(Cpu cpu, long va, int bits) {
        return bits == 16 ? cpu.mmu.load16(va) & 0xFFFF : cpu.mmu.load64(va);
    }

    private static void store(Cpu cpu, long va, int bits, long v) {
        if (bits == 16) {
            cpu.mmu.store16(va, (short) v);
        } else {
            cpu.mmu.store64(va, v);
        }
    }

    private static void push(Cpu cpu, int bits, long v) {
        long sp = cpu.gpr[Cpu.RSP] - bits / 8;
        store(cpu, sp, bits, v);
        cpu.gpr[Cpu.RSP] = sp;
    }

    private static Step pop(Instruction i, @Nullable AddressForm address) {
        int bits = i.operandSize();
        Place d = Place.of(i, 0, address);
        return cpu -> {
            long sp = cpu.gpr[Cpu.RSP];
            long v = load(cpu, sp, bits);
            // The destination's address is computed with the new RSP, yet a fault there must leave the old one.
            cpu.gpr[Cpu.RSP] = sp + bits / 8;
            boolean done = false;
            try {
                d.set(cpu, v);
                done = true;
            } finally {
                if (!done) {
                    cpu.gpr[Cpu.RSP] = sp;
                }
            }
        };
    }

    /** What the privilege does not allow to change stays (SDM vol. 2, POPF). */
    private static void popf(Cpu cpu, int bits) {
        long sp = cpu.gpr[Cpu.RSP];
        long v = load(cpu, sp, bits);
        setFlags(cpu, bits, v);
        cpu.gpr[Cpu.RSP] = sp + bits / 8;
    }

    /** POPF's and IRET's rules; RF is cleared. */
    static void setFlags(Cpu cpu, int bits, long v) {
        int iopl = (int) (cpu.flagsOther >>> 12) & 3;
        long mask = Flags.ARITHMETIC | Flags.TF | Flags.DF | Flags.NT;
        mask |= bits == 16 ? 0 : Flags.AC | Flags.ID | Flags.RF;
        mask |= cpu.cpl <= iopl ? Flags.IF : 0;
        mask |= cpu.cpl == 0 ? Flags.IOPL : 0;
        cpu.rflags((cpu.rflags() & ~mask | v & mask) & ~(long) Flags.RF);
    }

    private static void enter(Cpu cpu, int bits, int size, int level) {
        int bytes = bits / 8;
        long sp = cpu.gpr[Cpu.RSP];
        long bp = cpu.gpr[RBP];
        long total = (level == 0 ? 1L : level + 1L) * bytes;
        cpu.mmu.checkWrite(sp - total, (int) total);
        store(cpu, sp - bytes, bits, bp);
        long frame = sp - bytes;
        long top = frame;
        for (int k = 1; k < level; k++) {
            top -= bytes;
            store(cpu, top, bits, load(cpu, bp - (long) k * bytes, bits));
        }
        if (level > 0) {
            top -= bytes;
            store(cpu, top, bits, frame);
        }
        // Hardware checks that the new top of stack can be written.
        cpu.mmu.checkWrite(top - size, bytes);
        Place.register(RBP, bits).set(cpu, frame);
        cpu.gpr[Cpu.RSP] = top - size;
    }
}
