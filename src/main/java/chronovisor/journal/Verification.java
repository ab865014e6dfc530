package chronovisor.journal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a verification found. The numbers are those of the sound prefix, which is the whole journal when there are no
 * problems.
 *
 * @param sealed
 *            whether a clean close sealed the journal; if not, it is what a killed recorder left
 * @param ended
 *            whether it holds the end of the run
 * @param ticks
 *            retired instructions
 * @param events
 *            events recorded
 * @param bytes
 *            size of all its files
 * @param digest
 *            SHA-256 of the machine's final state in hexadecimal, empty when the run has no recorded end
 * @param excerpts
 *            sound excerpts
 * @param last
 *            the last position the sound prefix tells about
 * @param end
 *            the end record, where there is one
 * @param problems
 *            damage, in order of files and offsets
 * @param notes
 *            what is worth knowing and no damage
 */
public record Verification(boolean sealed, boolean ended, long ticks, long events, long bytes, String digest,
        long excerpts, Position last, @Nullable JournalEnd end, List<Problem> problems, List<String> notes) {

    /** Keeps unmodifiable copies. */
    public Verification {
        problems = List.copyOf(problems);
        notes = List.copyOf(notes);
    }

    /** Whether no damage was found. */
    public boolean sound() {
        return problems.isEmpty();
    }

    /** Bits on disk per retired instruction, all included; 0 when nothing retired. */
    public double bitsPerInstruction() {
        return ticks == 0 ? 0 : bytes * 8.0 / ticks;
    }
}
