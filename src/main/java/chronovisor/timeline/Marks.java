package chronovisor.timeline;

import chronovisor.journal.JournalException;
import chronovisor.journal.Position;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Names for positions of a journal: bookmarks. They are in a folder {@code marks} beside its segments, a file a mark that
 * holds the position as text; the journal itself is not touched.
 */
public final class Marks {

    private static final String FOLDER = "marks";
    private static final String NAME = "[A-Za-z][A-Za-z0-9._-]{0,63}";

    private Marks() {}

    /** All marks by name. */
    public static SortedMap<String, Position> all(Path journal) {
        SortedMap<String, Position> marks = new TreeMap<>();
        Path folder = journal.resolve(FOLDER);
        if (Files.isDirectory(folder)) {
            try (var files = Files.list(folder)) {
                for (Path file : files.sorted().toList()) {
                    String name = String.valueOf(file.getFileName());
                    if (name.matches(NAME)) {
                        marks.put(name, Position.parse(Files.readString(file, StandardCharsets.US_ASCII)));
                    }
                }
            } catch (IOException | IllegalArgumentException e) {
                throw new JournalException("cannot read the marks in " + folder + ": " + e.getMessage(), e);
            }
        }
        return Collections.unmodifiableSortedMap(marks);
    }

    /**
     * Names a position; a mark of that name moves.
     *
     * @throws IllegalArgumentException
     *             when it is no name: letters, digits, dots, dashes and underscores, a letter first
     */
    public static void set(Path journal, String name, Position at) {
        Path folder = journal.resolve(FOLDER);
        Path file = file(folder, name);
        try {
            Files.createDirectories(folder);
            Path draft = folder.resolve("." + name);
            Files.writeString(draft, at + "\n", StandardCharsets.US_ASCII);
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new JournalException("cannot write the mark " + file + ": " + e.getMessage(), e);
        }
    }

    /** Removes a mark; false when there was none. */
    public static boolean remove(Path journal, String name) {
        Path file = file(journal.resolve(FOLDER), name);
        try {
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new JournalException("cannot remove the mark " + file + ": " + e.getMessage(), e);
        }
    }

    private static Path file(Path folder, String name) {
        if (!name.matches(NAME)) {
            throw new IllegalArgumentException("'" + name + "' is no name for a mark");
        }
        return folder.resolve(name);
    }

    /**
     * Reads a position or the name of a mark.
     *
     * @throws IllegalArgumentException
     *             when it is neither
     */
    public static Position position(Path journal, String text) {
        if (!text.matches(NAME)) {
            return Position.parse(text);
        }
        Position at = all(journal).get(text);
        if (at == null) {
            throw new IllegalArgumentException(
                    "not a position (tick or tick:sequence), and not a mark of this journal: " + text);
        }
        return at;
    }
}
