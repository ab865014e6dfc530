package chronovisor.isa;

import static chronovisor.isa.Operation.*;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rows that are executed but cannot be compared with hardware from a program, and what holds them instead. */
public enum Unproven {
    /** Needs privilege, or does something else with it. */
    RING_0("ring 0: unit tests",
            EnumSet.of(INVLPG, XSETBV, Operation.XSAVES, XRSTORS, SYSRET, SYSEXIT, Operation.MONITOR, MWAIT, LGDT,
                    LIDT, LLDT, LTR, LMSW)),
    /** Leaves user mode, or would come back to it elsewhere. */
    KERNEL_ENTRY("enters or leaves the kernel: unit tests, guest programs",
            EnumSet.of(Operation.SYSCALL, SYSENTER, INT, IRET, VMCALL)),
    /** Loads or reads descriptors, which are the host kernel's there. */
    SEGMENTATION("depends on descriptor tables: unit tests",
            EnumSet.of(CALL_FAR, JMP_FAR, RET_FAR, LSS, LFS, LGS, LAR, LSL, VERR,
                    VERW, SGDT, SIDT, SLDT, STR, SMSW)),
    /** Answers differ from machine to machine. */
    MACHINE("the machine's own answer: unit tests", EnumSet.of(CPUID, RDTSC, Operation.RDTSCP, RDPMC, Operation.RDRAND,
            Operation.RDSEED, Operation.RDPID, XGETBV)),
    /** An area of memory bigger than the harness's. */
    STATE_AREA("state areas: unit tests",
            EnumSet.of(FXSAVE, FXRSTOR, Operation.XSAVE, XRSTOR, Operation.XSAVEOPT, Operation.XSAVEC));

    private final String reason;
    @SuppressWarnings("ImmutableEnumChecker") // nothing changes it
    private final Set<Operation> operations;

    Unproven(String reason, Set<Operation> operations) {
        this.reason = reason;
        this.operations = operations;
    }

    /** Why, and what tests it instead. */
    public String reason() {
        return reason;
    }

    /** The group of a row, or null when it is to be compared. */
    public static @Nullable Unproven of(OpcodeRow row) {
        for (Unproven group : values()) {
            if (group.operations.contains(row.operation())) {
                return group;
            }
        }
        return loadsSegment(row) ? SEGMENTATION : null;
    }

    private static boolean loadsSegment(OpcodeRow row) {
        boolean segment = row.specs.length > 0
                && Set.of(OperandSpec.Sw, OperandSpec.FS, OperandSpec.GS).contains(row.specs[0]);
        return segment && row.operation() != PUSH;
    }
}
