package chronovisor.cpu.trace;

/** Takes batches as they fill, on the VM's thread. */
@FunctionalInterface
public interface StepSink {
    /** Takes a batch; it is never touched again. */
    void accept(StepBatch batch);
}
