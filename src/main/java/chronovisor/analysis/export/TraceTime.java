package chronovisor.analysis.export;

/** What a viewer's time is in traces. */
public enum TraceTime {
    /**
     * A viewer's microsecond is a nanosecond of virtual time, so that of one retired instruction: what happens at one instruction, which
     * viewers cannot tell apart otherwise, lies in its order within that microsecond. The kernel's and the VMM's work takes no virtual time,
     * so most slices are of this kind.
     */
    SPREAD,
    /** Virtual time as it is: durations are the guest's, and what happens at one instruction has the same time. */
    GUEST
}
