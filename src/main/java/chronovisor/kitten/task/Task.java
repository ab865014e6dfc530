package chronovisor.kitten.task;

import org.jspecify.annotations.Nullable;

/**
 * A thread.
 *
 * @param id
 *            task id (gettid)
 * @param process
 *            its process (getpid)
 * @param run
 *            whether it runs
 * @param registers
 *            user registers while it is not on a core; null while it is
 * @param clearOnExit
 *            address that is zeroed and woken when the thread ends (set_tid_address)
 * @param robustList
 *            head of the robust futex list
 * @param core
 *            the core whose run queue it belongs to; one that has been sent to another core runs on until it is interrupted
 * @param affinity
 *            the cores that it may run on, a bit each
 * @param cpu_ns
 *            virtual time it has run
 * @param scheduling
 *            policy and priorities
 * @param rseq
 *            its registration for restartable sequences
 * @param lag_ns
 *            what the fair scheduler adds to its run time to compare tasks: what a sleeper has missed and does not get back
 * @param trace
 *            how it is traced, or null
 */
public record Task(int id, int process, String name, Run run, @Nullable Registers registers, SignalState signals,
        long clearOnExit, long robustList, int core, long affinity, long cpu_ns, Scheduling scheduling,
        Rseq rseq, long lag_ns, @Nullable Trace trace) {

    public Task withRun(Run changed) {
        return new Task(id, process, name, changed, registers, signals, clearOnExit, robustList, core, affinity,
                cpu_ns, scheduling, rseq, lag_ns, trace);
    }

    public Task withRegisters(@Nullable Registers changed) {
        return new Task(id, process, name, run, changed, signals, clearOnExit, robustList, core, affinity, cpu_ns,
                scheduling, rseq, lag_ns, trace);
    }

    public Task withSignals(SignalState changed) {
        return new Task(id, process, name, run, registers, changed, clearOnExit, robustList, core, affinity, cpu_ns,
                scheduling, rseq, lag_ns, trace);
    }

    public Task withName(String changed) {
        return new Task(id, process, changed, run, registers, signals, clearOnExit, robustList, core, affinity,
                cpu_ns, scheduling, rseq, lag_ns, trace);
    }

    public Task withClearOnExit(long address) {
        return new Task(id, process, name, run, registers, signals, address, robustList, core, affinity, cpu_ns,
                scheduling, rseq, lag_ns, trace);
    }

    public Task withRobustList(long head) {
        return new Task(id, process, name, run, registers, signals, clearOnExit, head, core, affinity, cpu_ns,
                scheduling, rseq, lag_ns, trace);
    }

    public Task withCore(int changed) {
        return new Task(id, process, name, run, registers, signals, clearOnExit, robustList, changed, affinity, cpu_ns,
                scheduling, rseq, lag_ns, trace);
    }

    public Task withAffinity(long mask) {
        return new Task(id, process, name, run, registers, signals, clearOnExit, robustList, core, mask, cpu_ns,
                scheduling, rseq, lag_ns, trace);
    }

    public Task withCpu(long ns) {
        return new Task(id, process, name, run, registers, signals, clearOnExit, robustList, core, affinity, ns,
                scheduling, rseq, lag_ns, trace);
    }

    public Task withScheduling(Scheduling changed) {
        return new Task(id, process, name, run, registers, signals, clearOnExit, robustList, core, affinity, cpu_ns,
                changed, rseq, lag_ns, trace);
    }

    public Task withRseq(Rseq changed) {
        return new Task(id, process, name, run, registers, signals, clearOnExit, robustList, core, affinity, cpu_ns,
                scheduling, changed, lag_ns, trace);
    }

    public Task withLag(long ns) {
        return new Task(id, process, name, run, registers, signals, clearOnExit, robustList, core, affinity, cpu_ns,
                scheduling, rseq, ns, trace);
    }

    public Task withTrace(@Nullable Trace changed) {
        return new Task(id, process, name, run, registers, signals, clearOnExit, robustList, core, affinity, cpu_ns,
                scheduling, rseq, lag_ns, changed);
    }

    /** The wait it is in, or null. */
    public Run.@Nullable Blocked blocked() {
        return run instanceof Run.Blocked blocked ? blocked : null;
    }
}
