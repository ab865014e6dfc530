package chronovisor.journal;

import org.jspecify.annotations.Nullable;

/**
 * Something wrong with a journal.
 *
 * @param file
 *            name of the file in the journal's folder
 * @param offset
 *            where in the file
 * @param excerpt
 *            number of the excerpt it lies in or before, or -1 when there is none
 * @param position
 *            the position in the run it lies at, where that is known
 * @param what
 *            what is wrong
 */
public record Problem(String file, long offset, long excerpt, @Nullable Position position, String what) {

    @Override
    public String toString() {
        return file + " at byte " + offset + (excerpt >= 0 ? ", excerpt " + excerpt : "")
                + (position != null ? ", position " + position : "") + ": " + what;
    }
}
