package chronovisor.app.cli;

import chronovisor.journal.Position;
import chronovisor.timeline.Marks;
import java.nio.file.Path;

/** Positions as options: {@code tick}, {@code tick:sequence}, or a mark of the journal. */
final class PlaceInRun {

    private PlaceInRun() {}

    /** A position of a journal, or one of its marks. */
    static Position of(Path journal, String text) {
        try {
            return Marks.position(journal, text);
        } catch (IllegalArgumentException e) {
            throw Failure.usage(String.valueOf(e.getMessage()));
        }
    }

    /** The end of a range of a journal: a tick alone means all of its events, a mark its position. */
    static Position last(Path journal, String text) {
        Position position = of(journal, text);
        return text.matches("[0-9_\\s]+") ? new Position(position.tick(), Integer.MAX_VALUE) : position;
    }
}
