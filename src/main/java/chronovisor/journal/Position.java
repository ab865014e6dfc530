package chronovisor.journal;

import java.util.Comparator;

/**
 * A point in a run: {@code tick} counts retired instructions over all virtual cores of the VM in schedule order,
 * {@code sequence} orders the events that share a tick. Printed and parsed as {@code tick:sequence}.
 */
public record Position(long tick, int sequence) implements Comparable<Position> {

    /** The power-on position. */
    public static final Position START = new Position(0, 0);

    private static final Comparator<Position> ORDER = Comparator.comparingLong(Position::tick)
            .thenComparingInt(Position::sequence);

    /** Both parts are never negative. */
    public Position {
        if (tick < 0 || sequence < 0) {
            throw new IllegalArgumentException("a position has no negative parts: " + tick + ":" + sequence);
        }
    }

    /**
     * Reads {@code tick} or {@code tick:sequence}; underscores may group digits.
     *
     * @throws IllegalArgumentException when the text is neither
     */
    public static Position parse(String text) {
        String plain = text.strip().replace("_", "");
        int colon = plain.indexOf(':');
        try {
            return colon < 0
                    ? new Position(Long.parseLong(plain), 0)
                    : new Position(
                            Long.parseLong(plain.substring(0, colon)), Integer.parseInt(plain.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a position (tick or tick:sequence): " + text, e);
        }
    }

    @Override
    public int compareTo(Position other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return tick + ":" + sequence;
    }
}
