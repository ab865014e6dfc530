package chronovisor.app.cli;

import chronovisor.journal.Position;
import chronovisor.timeline.Marks;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Positions as options: {@code tick} or {@code tick:sequence}. */
final class PositionConverter implements ITypeConverter<Position> {

    @Override
    public Position convert(String text) {
        try {
            return Position.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }

    /** A position of a journal, or one of its marks. */
    static Position of(Path journal, String text) {
        try {
            return Marks.position(journal, text);
        } catch (IllegalArgumentException e) {
            throw Failure.usage(String.valueOf(e.getMessage()));
        }
    }

    /** The end of a range: a tick alone means all of its events. */
    static final class Last implements ITypeConverter<Position> {

        @Override
        public Position convert(String text) {
            Position position = new PositionConverter().convert(text);
            return text.indexOf(':') >= 0 ? position : new Position(position.tick(), Integer.MAX_VALUE);
        }
    }
}
