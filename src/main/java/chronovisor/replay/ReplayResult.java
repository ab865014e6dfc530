package chronovisor.replay;

import chronovisor.journal.Position;
import chronovisor.journal.Problem;
import org.jspecify.annotations.Nullable;

/**
 * What a replay found.
 *
 * @param identical
 *            whether everything that the journal tells was the same
 * @param divergence
 *            the first difference, when there is one
 * @param complete
 *            whether the journal holds the end of the run; if not, its sound prefix was replayed
 * @param damage
 *            where a damaged journal's sound prefix ends; what comes before was replayed
 * @param upTo
 *            the position reached
 * @param ticks
 *            instructions replayed
 * @param events
 *            events compared
 * @param stepBatches
 *            step batches compared
 * @param digest
 *            SHA-256 of the state reached in hexadecimal
 */
public record ReplayResult(boolean identical, @Nullable Divergence divergence, boolean complete,
        @Nullable Problem damage, Position upTo,
        long ticks, long events, long stepBatches, String digest) {}
