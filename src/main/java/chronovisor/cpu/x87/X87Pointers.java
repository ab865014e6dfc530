package chronovisor.cpu.x87;

import chronovisor.cpu.AddressForm;
import chronovisor.cpu.Step;
import chronovisor.isa.Family;
import chronovisor.isa.Instruction;
import org.jspecify.annotations.Nullable;

/**
 * The last-instruction pointers (SDM vol. 1, 8.1.8): every instruction but the control ones leaves its address, prefixes included. The
 * operand's address and the opcode are left by an unmasked exception alone, as on processors with FDP_EXCPTN_ONLY and without the opcode
 * compatibility mode.
 */
public final class X87Pointers {

    private X87Pointers() {}

    /** Whether an instruction leaves its address. */
    public static boolean isTracked(Instruction i) {
        return i.family() == Family.X87 && switch (i.operation()) {
            case FNINIT, FNSTCW, FLDCW, FNSTSW, WAIT, FNCLEX, FNSTENV, FLDENV, FNSAVE, FRSTOR, FNENI, FNDISI, FNSETPM,
                    FRSTPM ->
                false;
            default -> true; // transfers, arithmetic, comparisons, FNOP
        };
    }

    /** The 11 bits of opcode that the unit keeps: the low bits of the escape byte, then the byte after it. */
    public static int opcode(byte[] code, int at) {
        int k = at;
        while ((code[k] & 0xF8) != 0xD8) {
            k++;
        }
        return (code[k] & 7) << 8 | code[k + 1] & 0xFF;
    }

    /**
     * A step that also leaves the pointers. One that faults leaves them alone, as it has not been executed.
     *
     * @param offset from the block's first byte
     */
    public static Step tracked(Step step, @Nullable AddressForm address, int offset, int opcode) {
        return cpu -> {
            step.execute(cpu);
            X87 f = cpu.x87;
            f.instructionPointer = cpu.blockBase() + offset;
            // A step does not begin with an exception pending, so this is its own.
            if ((f.status & X87.ERROR_SUMMARY) != 0) {
                f.opcode = opcode;
                if (address != null) {
                    f.dataPointer = address.of(cpu);
                }
            }
        };
    }
}
