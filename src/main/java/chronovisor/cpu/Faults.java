package chronovisor.cpu;

import chronovisor.isa.Decoded;
import chronovisor.isa.Decoder;
import chronovisor.isa.Instruction;
import chronovisor.isa.Operand;
import chronovisor.memory.GuestCanonicalFault;
import chronovisor.memory.GuestPageFault;
import chronovisor.memory.NestedFault;
import java.util.Arrays;

/** Turns what was thrown into an exit: fills the processor's {@code exit…} fields and gives the code. */
final class Faults {
    private Faults() {}

    static int page(Cpu cpu, GuestPageFault e) {
        cpu.cr2 = e.address;
        cpu.exitAddress = e.address;
        return vector(cpu, Vector.PF, e.errorCode);
    }

    static int nested(Cpu cpu, NestedFault e) {
        cpu.exitGfn = e.gfn;
        cpu.exitWrite = e.write;
        cpu.exitLength = 0;
        return e.watched ? Exit.WATCHPOINT : Exit.NESTED_FAULT;
    }

    /**
     * An exception that semantics have raised. Without CR4.OSXMMEXCPT a SIMD floating-point exception is #UD; without CR0.NE an x87 one
     * would be an interrupt from outside of the processor, by way of its FERR# pin, which this machine does not have.
     */
    static int exception(Cpu cpu, GuestException e) {
        if (e.vector == Vector.MF && (cpu.cr0 & Control.CR0_NE) == 0) {
            cpu.exitLength = 0;
            cpu.exitBytes = new byte[0];
            cpu.exitWhat = "an x87 exception with CR0.NE = 0";
            return Exit.UNSUPPORTED;
        }
        if (e.vector == Vector.XM && (cpu.cr4 & Control.CR4_OSXMMEXCPT) == 0) {
            return vector(cpu, Vector.UD, 0);
        }
        return vector(cpu, e.vector, e.errorCode);
    }

    /** #SS(0) when the instruction addresses the stack, else #GP(0) (SDM vol. 1, 3.3.7.1). */
    static int canonical(Cpu cpu, CodeBlock block, int start, GuestCanonicalFault e) {
        cpu.exitAddress = e.address;
        Decoded decoded = Decoder.decode(block.bytes, start, block.bytes.length);
        boolean stack = decoded instanceof Instruction i && (addressesStack(i) || isTopOfStack(cpu, i, e.address));
        return vector(cpu, stack ? Vector.SS : Vector.GP, 0);
    }

    /** Of those that address other memory too: whether it was their stack access that faulted. */
    private static boolean isTopOfStack(Cpu cpu, Instruction i, long address) {
        return switch (i.operation()) {
            case PUSH, CALL -> address == cpu.gpr[Cpu.RSP] - i.operandSize() / 8;
            case POP -> address == cpu.gpr[Cpu.RSP];
            default -> false; // no other instruction addresses both
        };
    }

    private static boolean addressesStack(Instruction i) {
        Operand memory = i.memory();
        if (memory != null && (memory.base() == Cpu.RSP || memory.base() == 5) && memory.segment() == Operand.NONE) {
            return true;
        }
        return switch (i.operation()) {
            case PUSH, POP, PUSHF, POPF, ENTER, LEAVE, CALL, RET, RET_FAR, IRET -> memory == null;
            default -> false; // no other instruction uses the stack by itself
        };
    }

    static int exit(Cpu cpu, GuestExit e, CodeBlock block, int start, int length) {
        cpu.exitLength = length;
        if (e.code == Exit.UNSUPPORTED) {
            cpu.exitBytes = Arrays.copyOfRange(block.bytes, start, Math.min(block.bytes.length, start + length));
        }
        return e.code;
    }

    /** A fault: RF is set in the flags that the handler sees, so that the instruction's breakpoint does not come twice (SDM vol. 3, 17.3.1.1). */
    static int vector(Cpu cpu, int vector, long errorCode) {
        cpu.flagsOther |= Flags.RF;
        return debug(cpu, vector, errorCode);
    }

    /** An exception that leaves RF alone. */
    static int debug(Cpu cpu, int vector, long errorCode) {
        cpu.exitVector = vector;
        cpu.exitErrorCode = errorCode;
        cpu.exitLength = 0;
        return Exit.EXCEPTION;
    }
}
