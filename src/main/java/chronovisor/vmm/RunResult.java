package chronovisor.vmm;

/**
 * Why {@link VirtualMachine#run} returned.
 *
 * @param status
 *            the guest's exit status where it shut down, else 0
 * @param reason
 *            for people
 */
public record RunResult(Kind kind, int status, String reason) {

    /** How it ended. */
    public enum Kind {
        /** The guest, its kernel or the operator shut the machine down. */
        SHUTDOWN,
        /** The tick that was asked for is reached. */
        TICK_REACHED,
        /** A breakpoint's handler ended the run before an instruction; running again executes it. */
        BREAKPOINT,
        /** A watchpoint's handler ended the run after an access. */
        WATCHPOINT,
        /** The operator paused it. */
        PAUSED,
        /** Every core is idle, no timer will wake one and no input will ever come. */
        IDLE_FOREVER,
        /** The guest did what this machine cannot do yet. */
        UNSUPPORTED,
        /** The machine failed: out of host memory, a wild guest. */
        ERROR
    }
}
