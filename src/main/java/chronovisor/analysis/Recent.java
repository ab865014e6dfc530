package chronovisor.analysis;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;

/** The newest of many things, oldest first. */
final class Recent<T> implements Iterable<T> {

    /** How many are kept. */
    static final int MAX = 1 << 16;

    private final ArrayDeque<T> kept = new ArrayDeque<>();
    private long count;

    void add(T thing) {
        count++;
        kept.addLast(thing);
        if (kept.size() > MAX) {
            kept.removeFirst();
        }
    }

    /** How many there were, kept or not. */
    long count() {
        return count;
    }

    boolean isEmpty() {
        return kept.isEmpty();
    }

    T newest() {
        return kept.getLast();
    }

    Iterable<T> newestFirst() {
        return kept::descendingIterator;
    }

    List<T> list() {
        return List.copyOf(kept);
    }

    @Override
    public Iterator<T> iterator() {
        return kept.iterator();
    }
}
