package chronovisor.analysis;

import chronovisor.journal.Position;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a run ended as it did.
 *
 * @param ending
 *            a word for programs: {@code killed}, {@code hung}, {@code failed} and so on
 * @param end
 *            how it ended, in words
 * @param at
 *            where the failure was there
 * @param kind
 *            of the cause, as its {@link Suspect} calls it; {@code none} when nothing failed, {@code unknown} when nothing was found
 * @param cause
 *            in words; the first thing to read
 * @param causeAt
 *            where the cause did what it did; null when it is not known
 * @param findings
 *            the evidence
 * @param suspects
 *            what may be to blame, the likeliest first
 * @param attempts
 *            what was tested
 */
public record Diagnosis(String ending, String end, Position at, String kind, String cause, @Nullable Position causeAt,
        List<Finding> findings, List<Suspect> suspects, List<Attempt> attempts) {

    /** Keeps unmodifiable copies. */
    public Diagnosis {
        findings = List.copyOf(findings);
        suspects = List.copyOf(suspects);
        attempts = List.copyOf(attempts);
    }
}
