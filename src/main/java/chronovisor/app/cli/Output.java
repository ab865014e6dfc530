package chronovisor.app.cli;

import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.json.JsonMapper;

/** Standard output and error as the commands use them: buffered text, JSON lines, and what is a terminal. */
final class Output {

    private static final int BUFFER_BYTES = 1 << 16;

    private Output() {}

    /** A buffered UTF-8 writer on standard output; the caller flushes or closes it. */
    static PrintWriter standard() {
        return new PrintWriter(new BufferedWriter(
                new OutputStreamWriter(new FileOutputStream(FileDescriptor.out), StandardCharsets.UTF_8),
                BUFFER_BYTES));
    }

    /** One machine-readable object on one line. */
    static String json(Object value) {
        return Json.MAPPER.writeValueAsString(value);
    }

    /** Whether people watch standard error. */
    static boolean errorIsTerminal() {
        return isTerminal(2);
    }

    /** Whether the host's file descriptor is a terminal. */
    static boolean isTerminal(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            // A host without /proc: behave as in a pipe, where nothing but the result is printed.
            return false;
        }
    }

    /** Held apart, so that commands that print no JSON do not load the library. */
    private static final class Json {
        static final JsonMapper MAPPER = JsonMapper.builder().build();
    }
}
