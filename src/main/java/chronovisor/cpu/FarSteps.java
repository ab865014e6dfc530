package chronovisor.cpu;

import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Transfers that load CS: far CALL, JMP and RET, IRET, SYSRET, SYSENTER, SYSEXIT (SDM vol. 2). They leave where to go in {@link
 * Cpu#target}, and change nothing before they are sure not to fault. Compatibility mode and call gates are outside of this machine.
 */
final class FarSteps {
    private static final int RCX = 1;
    private static final int RDX = 2;
    private static final int R11 = 11;
    private static final long EFER_SCE = 1;
    private static final long SYSRET_FLAGS = 0x3C_7FD7L;

    private FarSteps() {}

    /**
     * The step of a far transfer.
     *
     * @param next distance from the block's start to the next instruction
     */
    static Step bind(Instruction i, @Nullable AddressForm address, int next) {
        int bits = i.operandSize();
        return switch (i.operation()) {
            case JMP_FAR -> jump(Objects.requireNonNull(address), bits);
            case CALL_FAR -> call(Objects.requireNonNull(address), bits, next);
            case RET_FAR -> {
                long released = i.operandCount() > 0 ? i.operand(0).value() & 0xFFFF : 0;
                yield cpu -> ret(cpu, bits, released);
            }
            case IRET -> cpu -> iret(cpu, bits);
            case SYSRET -> cpu -> sysret(cpu, bits);
            case SYSENTER -> FarSteps::sysenter;
            case SYSEXIT -> cpu -> sysexit(cpu, bits);
            default -> throw new IllegalArgumentException("no far transfer: " + i);
        };
    }

    private static long load(Cpu cpu, long va, int bits) {
        return switch (bits) {
            case 16 -> cpu.mmu.load16(va) & 0xFFFF;
            case 32 -> cpu.mmu.load32(va) & 0xFFFF_FFFFL;
            default -> cpu.mmu.load64(va);
        };
    }

    private static void store(Cpu cpu, long va, int bits, long v) {
        switch (bits) {
            case 16 -> cpu.mmu.store16(va, (short) v);
            case 32 -> cpu.mmu.store32(va, (int) v);
            default -> cpu.mmu.store64(va, v);
        }
    }

    private static void requireCanonical(Cpu cpu, long rip) {
        if (rip << 16 >> 16 != rip) {
            throw cpu.raise(Vector.GP, 0);
        }
    }

    /** What is common to all code segments that are transferred to: present, and 64-bit. */
    private static void checkCode(Cpu cpu, int selector, long d) {
        if (!Descriptor.isPresent(d)) {
            throw cpu.raise(Vector.NP, selector & ~3);
        }
        if (!Descriptor.isLong(d)) {
            throw cpu.unsupported("a transfer to a code segment that is not 64-bit");
        }
        if (Descriptor.isBig(d)) {
            throw cpu.raise(Vector.GP, selector & ~3);
        }
        Descriptor.access(cpu, selector, d);
    }

    /** The target of far CALL and JMP: code of the running privilege, or conforming code of a higher one. */
    private static void checkDirect(Cpu cpu, int selector) {
        if (Descriptor.isNull(selector)) {
            throw cpu.raise(Vector.GP, 0);
        }
        long d = Descriptor.fetch(cpu, selector);
        if (!Descriptor.isSegment(d) && Descriptor.type(d) == Descriptor.CALL_GATE) {
            throw cpu.unsupported("a call gate");
        }
        int dpl = Descriptor.dpl(d);
        boolean allowed = Descriptor.isConforming(d) ? dpl <= cpu.cpl : dpl == cpu.cpl && (selector & 3) <= cpu.cpl;
        if (!Descriptor.isCode(d) || !allowed) {
            throw cpu.raise(Vector.GP, selector & ~3);
        }
        checkCode(cpu, selector, d);
    }

    private static void transfer(Cpu cpu, int selector, long rip) {
        cpu.selectors[Operand.CS] = selector & ~3 | cpu.cpl;
        cpu.target = rip;
    }

    private static Step jump(AddressForm address, int bits) {
        return cpu -> {
            long va = address.of(cpu);
            long rip = load(cpu, va, bits);
            int selector = cpu.mmu.load16(va + bits / 8) & 0xFFFF;
            checkDirect(cpu, selector);
            requireCanonical(cpu, rip);
            transfer(cpu, selector, rip);
        };
    }

    private static Step call(AddressForm address, int bits, int next) {
        int bytes = bits / 8;
        return cpu -> {
            long va = address.of(cpu);
            long rip = load(cpu, va, bits);
            int selector = cpu.mmu.load16(va + bytes) & 0xFFFF;
            checkDirect(cpu, selector);
            requireCanonical(cpu, rip);
            long sp = cpu.gpr[Cpu.RSP] - 2L * bytes;
            cpu.mmu.checkWrite(sp, 2 * bytes);
            store(cpu, sp + bytes, bits, cpu.selectors[Operand.CS]);
            store(cpu, sp, bits, cpu.blockBase() + next);
            cpu.gpr[Cpu.RSP] = sp;
            transfer(cpu, selector, rip);
        };
    }

    /** The code segment of a return: of the RPL's privilege, which is not a higher one. */
    private static void checkReturn(Cpu cpu, int selector) {
        if (Descriptor.isNull(selector)) {
            throw cpu.raise(Vector.GP, 0);
        }
        long d = Descriptor.fetch(cpu, selector);
        int rpl = selector & 3;
        boolean allowed = Descriptor.isConforming(d) ? Descriptor.dpl(d) <= rpl : Descriptor.dpl(d) == rpl;
        if (rpl < cpu.cpl || !Descriptor.isCode(d) || !allowed) {
            throw cpu.raise(Vector.GP, selector & ~3);
        }
        checkCode(cpu, selector, d);
    }

    /** Goes on in the ring of the selector's RPL. */
    private static void enter(Cpu cpu, int code, int stack, long rip, long rsp) {
        boolean outward = (code & 3) > cpu.cpl;
        cpu.cpl = code & 3;
        cpu.selectors[Operand.CS] = code;
        cpu.selectors[Operand.SS] = stack;
        cpu.gpr[Cpu.RSP] = rsp;
        cpu.target = rip;
        if (outward) {
            Segments.dropPrivileged(cpu);
        }
        cpu.transferred();
    }

    private static void ret(Cpu cpu, int bits, long released) {
        int bytes = bits / 8;
        long sp = cpu.gpr[Cpu.RSP];
        long rip = load(cpu, sp, bits);
        int code = (int) load(cpu, sp + bytes, bits) & 0xFFFF;
        checkReturn(cpu, code);
        long after = sp + 2L * bytes + released;
        if ((code & 3) == cpu.cpl) {
            requireCanonical(cpu, rip);
            cpu.gpr[Cpu.RSP] = after;
            transfer(cpu, code, rip);
            return;
        }
        long outer = load(cpu, after, bits);
        int stack = (int) load(cpu, after + bytes, bits) & 0xFFFF;
        Segments.checkStack(cpu, stack, code & 3);
        requireCanonical(cpu, rip);
        enter(cpu, code, stack, rip, outer + released);
    }

    /** In 64-bit mode the stack pointer and SS are popped whatever the ring (SDM vol. 3, 6.14.3). */
    private static void iret(Cpu cpu, int bits) {
        int bytes = bits / 8;
        if ((cpu.flagsOther & Flags.NT) != 0) {
            throw cpu.raise(Vector.GP, 0);
        }
        long sp = cpu.gpr[Cpu.RSP];
        long rip = load(cpu, sp, bits);
        int code = (int) load(cpu, sp + bytes, bits) & 0xFFFF;
        long flags = load(cpu, sp + 2L * bytes, bits);
        long rsp = load(cpu, sp + 3L * bytes, bits);
        int stack = (int) load(cpu, sp + 4L * bytes, bits) & 0xFFFF;
        checkReturn(cpu, code);
        Segments.checkStack(cpu, stack, code & 3);
        requireCanonical(cpu, rip);
        StackSteps.setFlags(cpu, bits, flags);
        if (bits != 16) {
            cpu.flagsOther = cpu.flagsOther & ~Flags.RF | flags & Flags.RF;
        }
        cpu.system.blocksNmi = false;
        enter(cpu, code, stack, rip, rsp);
    }

    private static void sysret(Cpu cpu, int bits) {
        if ((cpu.efer & EFER_SCE) == 0) {
            throw cpu.raise(Vector.UD, 0);
        }
        cpu.requirePrivilege();
        if (bits != 64) {
            throw cpu.unsupported("SYSRET to compatibility mode");
        }
        requireCanonical(cpu, cpu.gpr[RCX]);
        int base = (int) (cpu.star >>> 48);
        cpu.rflags(cpu.gpr[R11] & SYSRET_FLAGS);
        flat(cpu, base + 16 | 3, base + 8 | 3, cpu.gpr[RCX], cpu.gpr[Cpu.RSP]);
    }

    /** Sets CS and SS without a look at their descriptors, as the fast system calls do. */
    private static void flat(Cpu cpu, int code, int stack, long rip, long rsp) {
        cpu.cpl = code & 3;
        cpu.selectors[Operand.CS] = code & 0xFFFF;
        cpu.selectors[Operand.SS] = stack & 0xFFFF;
        cpu.gpr[Cpu.RSP] = rsp;
        cpu.target = rip;
        cpu.transferred();
    }

    private static void sysenter(Cpu cpu) {
        int base = (int) cpu.system.sysenterCs & 0xFFFC;
        if (base == 0) {
            throw cpu.raise(Vector.GP, 0);
        }
        cpu.flagsOther &= ~(long) (Flags.IF | Flags.RF);
        flat(cpu, base, base + 8, cpu.system.sysenterEip, cpu.system.sysenterEsp);
    }

    private static void sysexit(Cpu cpu, int bits) {
        int base = (int) cpu.system.sysenterCs & 0xFFFC;
        if (base == 0) {
            throw cpu.raise(Vector.GP, 0);
        }
        cpu.requirePrivilege();
        if (bits != 64) {
            throw cpu.unsupported("SYSEXIT to compatibility mode");
        }
        requireCanonical(cpu, cpu.gpr[RDX]);
        requireCanonical(cpu, cpu.gpr[RCX]);
        flat(cpu, base + 32 | 3, base + 40 | 3, cpu.gpr[RDX], cpu.gpr[RCX]);
    }
}
