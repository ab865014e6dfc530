package chronovisor.cpu;

/**
 * Why {@link Engine#run} returned. Except for {@link #SLICE} and {@link #SYSCALL} the instruction has not retired and RIP is at it: the
 * handler does its work and calls {@link Cpu#retire} with {@code exitLength}, or resumes as it is to try again.
 */
public final class Exit {
    /** The given number of instructions has retired. */
    public static final int SLICE = 0;

    /** SYSCALL has retired: RCX holds the next RIP, R11 the flags; RIP is after the instruction. */
    public static final int SYSCALL = 1;

    /**
     * An exception: {@code exitVector}, {@code exitErrorCode}, for #PF {@code exitAddress}. For INT3, INT n and INTO {@code exitLength} is
     * not 0: the handler retires the instruction first, as the manual's traps report the next RIP. For faults it is 0.
     */
    public static final int EXCEPTION = 2;

    /** HLT. */
    public static final int HLT = 3;

    /** Port I/O: {@code exitPort}, {@code exitSize} (bytes), {@code exitIn}, {@code exitString} (INS/OUTS), {@code exitRepeat}. */
    public static final int IO = 4;

    /** CPUID: leaf and subleaf are in EAX and ECX. */
    public static final int CPUID = 5;

    /** RDTSC. */
    public static final int RDTSC = 6;

    /** RDTSCP. */
    public static final int RDTSCP = 7;

    /** RDMSR: the number is in ECX. */
    public static final int MSR_READ = 8;

    /** WRMSR: the number is in ECX. */
    public static final int MSR_WRITE = 9;

    /** MOV to or from a control register: {@code exitControl} (0, 2, 3, 4, 8), {@code exitRegister}, {@code exitIn} (true: from it). */
    public static final int CR_ACCESS = 10;

    /** INVLPG of {@code exitAddress}. */
    public static final int INVLPG = 11;

    /** Guest-physical memory is not there: {@code exitGfn}, {@code exitWrite}. Resolve it and run again. */
    public static final int NESTED_FAULT = 12;

    /** The processor has shut down (triple fault). */
    public static final int SHUTDOWN = 13;

    /** Valid on hardware, not implemented here: {@code exitBytes}. The machine stops. */
    public static final int UNSUPPORTED = 14;

    /** PAUSE in a privileged spin loop; not produced unless asked for. */
    public static final int PAUSE = 15;

    /** An entropy instruction (RDRAND, RDSEED): {@code exitRegister}, {@code exitSize} in bytes. */
    public static final int ENTROPY = 16;

    /** The instruction at RIP is at one of {@link Cpu#stops}; running again executes it. */
    public static final int BREAKPOINT = 17;

    /** The instruction is about to access watched memory: let it through with {@link chronovisor.memory.GuestMemory#passWatches}. */
    public static final int WATCHPOINT = 18;

    /** VMCALL: the VMM is asked, as it and the guest's kernel have agreed. */
    public static final int HYPERCALL = 19;

    private static final String[] NAMES = {
        "SLICE", "SYSCALL", "EXCEPTION", "HLT", "IO", "CPUID", "RDTSC", "RDTSCP", "MSR_READ", "MSR_WRITE", "CR_ACCESS",
        "INVLPG",
        "NESTED_FAULT", "SHUTDOWN", "UNSUPPORTED", "PAUSE", "ENTROPY",
        "BREAKPOINT", "WATCHPOINT", "HYPERCALL"
    };

    private Exit() {}

    /** The name of an exit code, for messages. */
    public static String name(int exit) {
        return NAMES[exit];
    }
}
