package chronovisor.replay;

import chronovisor.journal.Position;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the positions that later events may name as their cause. A pure function of the events told so far, so it is
 * the same recorded and replayed.
 */
final class Causes {

    private static final int SIGNALS_MAX = 1 << 16;

    private final Map<Integer, Position> syscalls = new HashMap<>();
    private final Map<Integer, Position> faults = new HashMap<>();
    private final Map<Integer, Position> exceptions = new HashMap<>();
    private final Map<Integer, Position> interrupts = new HashMap<>();
    private final Map<Long, Position> signals = new HashMap<>();
    private final Map<Integer, Position> deliveries = new HashMap<>();
    private final Map<String, Position> arrivals = new HashMap<>();
    private final Map<Long, TreeMap<Long, Position>> pipes = new HashMap<>();

    void syscall(int task, Position at) {
        syscalls.put(task, at);
    }

    @Nullable
    Position ofReturn(int task) {
        return syscalls.remove(task);
    }

    void exception(int core, Position at) {
        exceptions.put(core, at);
    }

    @Nullable
    Position ofPageFault(int core) {
        return exceptions.get(core);
    }

    void pageFault(int task, Position at) {
        faults.put(task, at);
    }

    void interrupt(int core, Position at) {
        interrupts.put(core, at);
    }

    @Nullable
    Position ofInterruptWork(int core) {
        return interrupts.get(core);
    }

    /** A signal comes from the fault its task just took, else from the call that is under way. */
    @Nullable
    Position ofSignal(int core, int task) {
        Position fault = faults.get(task);
        Position exception = exceptions.get(core);
        return fault != null ? fault : exception;
    }

    void signal(int task, int signal, Position at) {
        if (signals.size() < SIGNALS_MAX) {
            signals.put((long) task << 32 | signal, at);
        }
    }

    @Nullable
    Position ofDelivery(int task, int signal) {
        return signals.remove((long) task << 32 | signal);
    }

    void delivery(int task, Position at) {
        deliveries.put(task, at);
    }

    @Nullable
    Position ofExit(int task, int signal) {
        Position syscall = syscalls.get(task);
        return signal != 0 ? deliveries.get(task) : syscall;
    }

    void arrival(String device, Position at) {
        arrivals.put(device, at);
    }

    @Nullable
    Position ofConsoleRead(String device) {
        return arrivals.get(device);
    }

    void pipeWrite(long pipe, long offset, Position at) {
        pipes.computeIfAbsent(pipe, _ -> new TreeMap<>()).put(offset, at);
    }

    /** The write whose bytes begin at or before the offset; earlier writes are read up and forgotten. */
    @Nullable
    Position ofPipeRead(long pipe, long offset) {
        NavigableMap<Long, Position> writes = pipes.get(pipe);
        if (writes == null) {
            return null;
        }
        Map.Entry<Long, Position> write = writes.floorEntry(offset);
        if (write == null) {
            return null;
        }
        writes.headMap(write.getKey(), false).clear();
        return write.getValue();
    }
}
