package chronovisor.analysis;

import chronovisor.journal.Position;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What may be to blame.
 *
 * @param kind
 *            a word for programs: {@code stub}, {@code lost-wake-up}, {@code use-after-free} and so on
 * @param text
 *            a sentence for people
 * @param weight
 *            how much speaks for it; the largest comes first
 * @param at
 *            where it did what it is suspected of
 * @param evidence
 *            further positions
 * @param patch
 *            the switch of the kernel that would change it; null when none would
 */
public record Suspect(String kind, String text, int weight, Position at, List<Position> evidence,
        @Nullable String patch) {

    /** Keeps an unmodifiable copy. */
    public Suspect {
        evidence = List.copyOf(evidence);
    }

    Suspect withWeight(int changed) {
        return new Suspect(kind, text, changed, at, evidence, patch);
    }
}
