package chronovisor.analysis;

import chronovisor.journal.Position;

/**
 * What came of a fork that tests a suspect.
 *
 * @param change
 *            what was different in it, in words
 * @param from
 *            where it began
 * @param outcome
 *            how it went
 * @param words
 *            the same for people
 */
public record Attempt(String change, Position from, Outcome outcome, String words) {

    /** How a fork went, beside the recorded run. */
    public enum Outcome {
        /** It failed in the same way. */
        SAME,
        /** It did not fail. */
        PASSED,
        /** It failed in another way. */
        OTHER,
        /** It had not ended when it was given up, nor failed by then. */
        UNFINISHED
    }

    /** Whether the failure was avoided, as far as it was looked at. */
    public boolean avoided() {
        return outcome == Outcome.PASSED || outcome == Outcome.UNFINISHED;
    }
}
