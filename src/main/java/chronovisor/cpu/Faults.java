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
        return Exit.NESTED_FAULT;
    }

    static int exception(Cpu cpu, GuestException e) {
        return vector(cpu, e.vector, e.errorCode);
    }

    /** #SS(0) when the instruction addresses the stack, else #GP(0) (SDM vol. 1, 3.3.7.1). */
    static int canonical(Cpu cpu, CodeBlock block, int start, GuestCanonicalFault e) {
        cpu.exitAddress = e.address;
        Decoded decoded = Decoder.decode(block.bytes, start, block.bytes.length);
        boolean stack = decoded instanceof Instruction i && addressesStack(i);
        return vector(cpu, stack ? Vector.SS : Vector.GP, 0);
    }

    private static boolean addressesStack(Instruction i) {
        Operand memory = i.memory();
        if (memory != null && (memory.base() == Cpu.RSP || memory.base() == 5) && memory.segment() == Operand.NONE) {
            return true;
        }
        return switch (i.operation()) {
            case PUSH, POP, PUSHF, POPF, ENTER, LEAVE, CALL, RET, IRET -> memory == null;
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

    private static int vector(Cpu cpu, int vector, long errorCode) {
        cpu.exitVector = vector;
        cpu.exitErrorCode = errorCode;
        cpu.exitLength = 0;
        return Exit.EXCEPTION;
    }
}
