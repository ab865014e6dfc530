package chronovisor.debug;

import java.util.Set;

/**
 * The system calls whose entry and return are to be reported.
 *
 * @param all
 *            every one
 * @param numbers
 *            or only these
 */
record CaughtSyscalls(boolean all, Set<Integer> numbers) {

    static final CaughtSyscalls NONE = new CaughtSyscalls(false, Set.of());

    CaughtSyscalls {
        numbers = Set.copyOf(numbers);
    }

    boolean any() {
        return all || !numbers.isEmpty();
    }

    boolean contains(int number) {
        return all || numbers.contains(number);
    }
}
