package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.Inode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Programs that are text: the first line says after {@code #!} which program is to read them, execve(2). */
public final class Scripts {

    private static final int SCRIPTS_MAX = 4;
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

    /** The program itself, or the one that reads it, which may be a script again. */
    public static Program resolve(Trap t, Program program, Search search) {
        Program found = program;
        for (int depth = 0;; depth++) {
            byte[] head = new byte[(int) Math.min(LINE_MAX, found.inode().size())];
            FileData.read(t, found.inode(), 0, head, 0, head.length);
            if (head.length < 2 || head[0] != '#' || head[1] != '!') {
                return found;
            }
            if (depth >= SCRIPTS_MAX) {
                throw new LinuxError(Errno.ELOOP);
            }
            found = interpreter(found, head, search);
        }
    }

    private static Program interpreter(Program script, byte[] head, Search search) {
        int end = 2;
        while (end < head.length && head[end] != '\n') {
            end++;
        }
        String line = new String(head, 2, end - 2, StandardCharsets.ISO_8859_1).strip();
        if (line.isEmpty()) {
            throw new LinuxError(Errno.ENOEXEC);
        }
        int gap = 0;
        while (gap < line.length() && line.charAt(gap) != ' ' && line.charAt(gap) != '\t') {
            gap++;
        }
        String interpreter = line.substring(0, gap);
        List<String> arguments = new ArrayList<>();
        arguments.add(interpreter);
        if (gap < line.length()) {
            arguments.add(line.substring(gap).strip());
        }
        arguments.add(script.path());
        arguments.addAll(script.argv().subList(Math.min(1, script.argv().size()), script.argv().size()));
        return new Program(search.program(interpreter), interpreter, arguments);
    }
}
