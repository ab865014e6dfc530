package chronovisor.analysis.probe;

import chronovisor.journal.Blob;
import java.io.Serializable;

/**
 * What a machine with probes tells, in the order in which it happens. Ticks are those before the instruction. Hits of a segment may be
 * found on another host than that which puts the segments together.
 */
sealed interface ProbeHit extends Serializable {

    /** The registers that matter before an instruction: arguments, result, stack. */
    record Registers(long a0, long a1, long a2, long a3, long a4, long a5, long rax, long rsp, long atStack)
            implements
                Serializable {}

    /**
     * An instruction has retired where a function begins or a call returns to.
     *
     * @param function
     *            that begins there; empty for none
     */
    record Reached(long tick, int core, int task, long address, String function, boolean entry, boolean exit,
            Registers registers) implements ProbeHit {}

    /** Memory was accessed. */
    record Accessed(long tick, int core, int task, boolean write, long address, Blob bytes, long rip)
            implements
                ProbeHit {}

    /** A task has ended, or runs another program: its calls do not return. */
    record Gone(int task) implements ProbeHit {}
}
