package chronovisor.cpu.hardware;

import chronovisor.isa.Operation;
import java.util.EnumSet;
import java.util.Set;

/**
 * Every difference from hardware that is not an error, with its reason. What is not listed here is compared bit for bit, the flags and
 * bits that the manual calls undefined included.
 */
public enum AcceptedDifference {
    /**
     * x87 transcendental results one unit in the last place away, and C1, which tells whether the result was rounded up. The manual bounds
     * their error (SDM vol. 1, 8.3.10: less than 1 ulp), and processors of one maker differ from each other within it.
     */
    TRANSCENDENTAL_LAST_PLACE(EnumSet.of(Operation.FSIN, Operation.FCOS, Operation.FSINCOS, Operation.FPTAN,
            Operation.FPATAN, Operation.F2XM1, Operation.FYL2X, Operation.FYL2XP1)),

    /**
     * The x87 instruction and data pointers and the last opcode. When they are updated, and with which selectors, differs between
     * processors (SDM vol. 1, 8.1.8 and 8.1.9), and a signal frame of the host's kernel does not always hold them.
     */
    X87_POINTERS(EnumSet.of(Operation.FNSTENV, Operation.FNSAVE)),

    /** Linux sets the present bit in the error code of page faults in the upper half, to hide where its mappings are. */
    PRESENT_BIT_OF_KERNEL_ADDRESSES(EnumSet.noneOf(Operation.class));

    @SuppressWarnings("ImmutableEnumChecker") // nothing changes it
    private final Set<Operation> operations;

    AcceptedDifference(Set<Operation> operations) {
        this.operations = operations;
    }

    /** Whether it is accepted of an instruction in particular. */
    public boolean covers(Operation operation) {
        return operations.contains(operation);
    }
}
