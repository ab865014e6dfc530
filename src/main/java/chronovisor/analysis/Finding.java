package chronovisor.analysis;

import java.util.List;

/**
 * A part of the evidence.
 *
 * @param title
 *            what it is about, a few words
 * @param lines
 *            what was found, each with its position where it has one
 */
public record Finding(String title, List<String> lines) {

    /** Keeps an unmodifiable copy. */
    public Finding {
        lines = List.copyOf(lines);
    }
}
