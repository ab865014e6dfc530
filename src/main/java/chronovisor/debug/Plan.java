package chronovisor.debug;

import java.util.Set;

/**
 * How the machine is to go on.
 *
 * @param way
 *            how
 * @param task
 *            the task to step; -1 for whichever runs
 * @param from
 *            first address of the range to step out of
 * @param to
 *            the address after it
 * @param passed
 *            signals, as GDB numbers them, that are not reported
 */
record Plan(Way way, int task, long from, long to, Set<Integer> passed) {

    /** How to go. */
    enum Way {
        CONTINUE, STEP, STEP_RANGE, REVERSE_CONTINUE, REVERSE_STEP
    }

    Plan {
        passed = Set.copyOf(passed);
    }
}
