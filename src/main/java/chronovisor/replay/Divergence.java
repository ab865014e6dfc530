package chronovisor.replay;

import chronovisor.journal.Position;
import java.util.List;

/**
 * The first difference between a journal and its replay.
 *
 * @param at
 *            where
 * @param expected
 *            what the journal tells
 * @param actual
 *            what the replay did
 * @param context
 *            the last events that were the same, oldest first
 */
public record Divergence(Position at, String expected, String actual, List<String> context) {

    /** Keeps an unmodifiable copy. */
    public Divergence {
        context = List.copyOf(context);
    }

    @Override
    public String toString() {
        return "divergence at " + at + "\n  expected " + expected + "\n  actual   " + actual
                + (context.isEmpty() ? "" : "\n  after    " + String.join("\n           ", context));
    }
}
