package chronovisor.analysis.segment;

import chronovisor.journal.Position;
import java.io.Serializable;

/**
 * A segment of a journal.
 *
 * @param journal
 *            the path of its folder, where whoever executes it finds it
 * @param index
 *            which segment, from 0
 * @param segments
 *            how many the journal has
 */
public record SegmentUnit(String journal, int index, int segments, long fromTick, int fromSequence, long toTick,
        int toSequence) implements Serializable {

    /** Where it begins: power-on, a fork's beginning, or a checkpoint. */
    public Position from() {
        return new Position(fromTick, fromSequence);
    }

    /** Where it ends; of the last one the end of what was recorded, whatever this says. */
    public Position to() {
        return new Position(toTick, toSequence);
    }

    /** Whether it goes to the end of the journal. */
    public boolean last() {
        return index + 1 == segments;
    }
}
