package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.Inode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Programs that are text: the first line says after {@code #!} which program is to read them, execve(2). */
public final class Scripts {

    private static final int SCRIPTS_MAX = 4;
    /** As much as execve(2) looks at. */
    private static final int LINE_MAX = 255;

    private Scripts() {}

    /** What will run: the file, and the arguments after scripts have been resolved. */
    public record Program(Inode inode, String path, List<String> argv) {}

    /** Finds the programs that scripts name. */
    @FunctionalInterface
    public interface Search {

        /** The file of a program that may be executed. */
        Inode program(String path);
    }

    /**
     * What the first line of a script says.
     *
     * @param reader
     *            the program that reads it; empty when it names none
     * @param argument
     *            the rest of the line, which is one argument; empty when there is none
     */
    public record Line(String reader, String argument) {

        /** The first line of a program of which this is the beginning; null when it is no script. */
        public static @Nullable Line of(byte[] program) {
            if (program.length < 2 || program[0] != '#' || program[1] != '!') {
                return null;
            }
            String head = new String(program, 2, Math.min(program.length, LINE_MAX) - 2, StandardCharsets.ISO_8859_1);
            String[] words = head.split("\n", 2)[0].strip().split("[ \t]+", 2);
            return new Line(words[0], words.length < 2 ? "" : words[1]);
        }
    }

    /** The program itself, or the one that reads it, which may be a script again. */
    public static Program resolve(Trap t, Program program, Search search) {
        Program found = program;
        for (int depth = 0;; depth++) {
            byte[] head = new byte[(int) Math.min(LINE_MAX, found.inode().size())];
            FileData.read(t, found.inode(), 0, head, 0, head.length);
            Line line = Line.of(head);
            if (line == null) {
                return found;
            }
            if (depth >= SCRIPTS_MAX) {
                throw new LinuxError(Errno.ELOOP);
            }
            if (line.reader.isEmpty()) {
                throw new LinuxError(Errno.ENOEXEC);
            }
            found = readBy(line, found, search);
        }
    }

    private static Program readBy(Line line, Program script, Search search) {
        List<String> arguments = new ArrayList<>();
        arguments.add(line.reader);
        if (!line.argument.isEmpty()) {
            arguments.add(line.argument);
        }
        arguments.add(script.path());
        arguments.addAll(script.argv().subList(Math.min(1, script.argv().size()), script.argv().size()));
        return new Program(search.program(line.reader), line.reader, arguments);
    }
}
