package chronovisor.replay;

import chronovisor.journal.Position;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;
import org.pcollections.TreePMap;
import org.pcollections.TreePVector;

/**
 * What probes remember, as a value.
 *
 * @param places
 *            where tasks stand that have been told about
 * @param numbers
 *            what is kept of tasks
 * @param marks
 *            positions that later events may name as their cause, by name, first come first taken
 */
record ProbeMemory(TreePMap<Integer, Long> places, TreePMap<Integer, Long> numbers,
        TreePMap<String, PVector<Position>> marks) {

    /** Nothing. */
    static final ProbeMemory NONE = new ProbeMemory(TreePMap.empty(), TreePMap.empty(), TreePMap.empty());

    /** A guest that sends for ever and never receives costs no more than this. */
    private static final int MARKS_MAX = 4096;

    boolean stands(int task, long address) {
        return places.getOrDefault(task, 0L) == address;
    }

    ProbeMemory at(int task, long address) {
        return new ProbeMemory(address == 0 ? places.minus(task) : places.plus(task, address), numbers, marks);
    }

    long number(int task) {
        return numbers.getOrDefault(task, 0L);
    }

    ProbeMemory withNumber(int task, long value) {
        return new ProbeMemory(places, numbers.plus(task, value), marks);
    }

    /** Nothing is kept of a task that has ended. */
    ProbeMemory without(int task) {
        return new ProbeMemory(places.minus(task), numbers.minus(task), marks);
    }

    @Nullable
    Position first(String name) {
        PVector<Position> queue = marks.get(name);
        return queue == null ? null : queue.get(0);
    }

    ProbeMemory withMark(String name, Position at) {
        PVector<Position> queue = marks.getOrDefault(name, TreePVector.empty());
        boolean full = queue.isEmpty() ? marks.size() == MARKS_MAX : queue.size() == MARKS_MAX;
        return full ? this : new ProbeMemory(places, numbers, marks.plus(name, queue.plus(at)));
    }

    ProbeMemory withoutFirst(String name) {
        PVector<Position> queue = marks.get(name);
        if (queue == null) {
            return this;
        }
        PVector<Position> rest = queue.minus(0);
        return new ProbeMemory(places, numbers, rest.isEmpty() ? marks.minus(name) : marks.plus(name, rest));
    }
}
