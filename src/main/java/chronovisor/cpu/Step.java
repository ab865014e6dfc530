package chronovisor.cpu;

/**
 * One bound instruction: a closure specialised when its block was built, for every form that is not a packed operation.
 *
 * <p>It reads and writes registers and memory of the given processor. It never touches {@code rip} or {@code retired}; it faults by
 * throwing ({@link Cpu#raise}, page faults from the MMU) before it has changed anything a guest can see.
 */
@FunctionalInterface
public interface Step {
    /** Executes the instruction on {@code cpu}. */
    void execute(Cpu cpu);
}
