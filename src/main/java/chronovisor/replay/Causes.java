package chronovisor.replay;

import chronovisor.journal.Position;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * Remembers the positions that later events may name as their cause. A pure function of the events told so far, so it is
 * the same recorded and replayed; a value, so that checkpoints keep it for nothing.
 *
 * @param syscalls
 *            calls under way, by task; the last in which a task ended is there as {@link #ENDED}'s
 * @param faults
 *            the last page fault, by task
 * @param exceptions
 *            the last exception, by core
 * @param interrupts
 *            the last interrupt, by core
 * @param signals
 *            signals sent and not delivered, by task and number
 * @param deliveries
 *            the last signal delivered, by task
 * @param arrivals
 *            the last character that came, by device
 * @param pipes
 *            writes whose bytes have not been read up, by pipe and offset
 */
record Causes(TreePMap<Integer, Position> syscalls, TreePMap<Integer, Position> faults,
        TreePMap<Integer, Position> exceptions, TreePMap<Integer, Position> interrupts,
        TreePMap<Long, Position> signals,
        TreePMap<Integer, Position> deliveries, TreePMap<String, Position> arrivals,
        TreePMap<Long, TreePMap<Long, Position>> pipes) {

    /** Nothing has happened. */
    static final Causes NONE = new Causes(TreePMap.empty(), TreePMap.empty(), TreePMap.empty(), TreePMap.empty(),
            TreePMap.empty(), TreePMap.empty(), TreePMap.empty(), TreePMap.empty());

    private static final int SIGNALS_MAX = 1 << 16;
    /** In the place of a task: those that have ended. */
    private static final int ENDED = -1;

    Causes syscall(int task, Position at) {
        return withSyscalls(syscalls.plus(task, at));
    }

    private Causes withSyscalls(TreePMap<Integer, Position> changed) {
        return new Causes(changed, faults, exceptions, interrupts, signals, deliveries, arrivals, pipes);
    }

    @Nullable
    Position ofReturn(int task) {
        return syscalls.get(task);
    }

    Causes returned(int task) {
        return withSyscalls(syscalls.minus(task));
    }

    /** A task has ended. The call that ended it may still be the cause of what the kernel does at this tick, and is nobody's return. */
    Causes exited(int task) {
        Position call = syscalls.get(task);
        if (call == null && !faults.containsKey(task)) {
            return this;
        }
        Position last = later(syscalls.get(ENDED), call);
        TreePMap<Integer, Position> calls = last == null ? syscalls : syscalls.minus(task).plus(ENDED, last);
        return new Causes(calls, faults.minus(task), exceptions, interrupts, signals, deliveries, arrivals, pipes);
    }

    Causes exception(int core, Position at) {
        return new Causes(syscalls, faults, exceptions.plus(core, at), interrupts, signals, deliveries, arrivals,
                pipes);
    }

    @Nullable
    Position ofPageFault(int core) {
        return exceptions.get(core);
    }

    Causes pageFault(int task, Position at) {
        return new Causes(syscalls, faults.plus(task, at), exceptions, interrupts, signals, deliveries, arrivals,
                pipes);
    }

    Causes interrupt(int core, Position at) {
        return new Causes(syscalls, faults, exceptions, interrupts.plus(core, at), signals, deliveries, arrivals,
                pipes);
    }

    @Nullable
    Position ofInterruptWork(int core) {
        return interrupts.get(core);
    }

    /**
     * A signal and a wake-up come from what entered the kernel last, at their own tick: a page fault of the task that a signal is for, an
     * exception, an interrupt, a call. What a call does at another tick than it entered at (one that has waited) has no cause here.
     */
    @Nullable
    Position ofKernelWork(int core, int task, long tick) {
        Position last = later(later(faults.get(task), exceptions.get(core)), interrupts.get(core));
        for (Position call : syscalls.values()) {
            last = later(last, call);
        }
        return last != null && last.tick() == tick ? last : null;
    }

    private static @Nullable Position later(@Nullable Position one, @Nullable Position other) {
        return one == null || other != null && other.compareTo(one) > 0 ? other : one;
    }

    Causes signal(int task, int signal, Position at) {
        return signals.size() < SIGNALS_MAX ? withSignals(signals.plus((long) task << 32 | signal, at)) : this;
    }

    private Causes withSignals(TreePMap<Long, Position> changed) {
        return new Causes(syscalls, faults, exceptions, interrupts, changed, deliveries, arrivals, pipes);
    }

    @Nullable
    Position ofDelivery(int task, int signal) {
        return signals.get((long) task << 32 | signal);
    }

    Causes delivery(int task, int signal, Position at) {
        return new Causes(syscalls, faults, exceptions, interrupts, signals.minus((long) task << 32 | signal),
                deliveries.plus(task, at), arrivals, pipes);
    }

    /** Where a signal was last delivered to a task. */
    @Nullable
    Position ofDelivered(int task) {
        return deliveries.get(task);
    }

    @Nullable
    Position ofExit(int task, int signal) {
        return signal != 0 ? deliveries.get(task) : syscalls.get(task);
    }

    Causes arrival(String device, Position at) {
        return new Causes(syscalls, faults, exceptions, interrupts, signals, deliveries, arrivals.plus(device, at),
                pipes);
    }

    @Nullable
    Position ofConsoleRead(String device) {
        return arrivals.get(device);
    }

    Causes pipeWrite(long pipe, long offset, Position at) {
        TreePMap<Long, Position> writes = pipes.get(pipe);
        return withPipes(
                pipes.plus(pipe, (writes == null ? TreePMap.<Long, Position>empty() : writes).plus(offset, at)));
    }

    private Causes withPipes(TreePMap<Long, TreePMap<Long, Position>> changed) {
        return new Causes(syscalls, faults, exceptions, interrupts, signals, deliveries, arrivals, changed);
    }

    /** The write whose bytes begin at or before the offset. */
    @Nullable
    Position ofPipeRead(long pipe, long offset) {
        TreePMap<Long, Position> writes = pipes.get(pipe);
        var write = writes == null || writes.isEmpty() ? null : writes.floorEntry(offset);
        return write == null ? null : write.getValue();
    }

    /** What is read is forgotten but for the write that the offset lies in. */
    Causes pipeRead(long pipe, long offset) {
        TreePMap<Long, Position> writes = pipes.get(pipe);
        var write = writes == null || writes.isEmpty() ? null : writes.floorEntry(offset);
        if (writes == null || write == null || write.getKey().equals(writes.firstKey())) {
            return this;
        }
        TreePMap<Long, Position> left = writes;
        for (Long before = left.firstKey(); before < write.getKey(); before = left.firstKey()) {
            left = left.minus(before);
        }
        return withPipes(pipes.plus(pipe, left));
    }
}
