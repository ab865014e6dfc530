package chronovisor.cpu.trace;

import java.util.Arrays;

/** Return stack and target cache; writer and reader keep equal ones, so that a predicted indirect transfer costs one bit. */
final class Predictors {
    private static final int RETURNS = 64;
    private static final int TARGETS = 4096;

    private final long[] returns = new long[RETURNS];
    private final long[] targets = new long[TARGETS];
    private int top;

    /** A call pushes the address after it. */
    void call(long next) {
        top = (top + 1) & (RETURNS - 1);
        returns[top] = next;
    }

    /** Pops the predicted return target. */
    long popReturn() {
        long predicted = returns[top];
        top = (top - 1) & (RETURNS - 1);
        return predicted;
    }

    /** The predicted target of the indirect transfer at {@code rip}. */
    long target(long rip) {
        return targets[slot(rip)];
    }

    /** Remembers where the indirect transfer at {@code rip} went. */
    void learn(long rip, long target) {
        targets[slot(rip)] = target;
    }

    private static int slot(long rip) {
        return (int) (rip ^ rip >>> 12) & (TARGETS - 1);
    }

    void reset() {
        Arrays.fill(returns, 0);
        Arrays.fill(targets, 0);
        top = 0;
    }
}
