package chronovisor.app.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where journals are. A JOURNAL argument is a name under the journals folder or a path: it is a path when it holds a
 * slash or is {@code .} or {@code ..}. The folder is {@code CHRONOVISOR_JOURNALS}, else {@code journals/} of the
 * checkout that the launcher belongs to, else {@code journals/} here.
 */
final class JournalPlace {

    private static final int NAME_LENGTH_MAX = 128;

    private JournalPlace() {}

    static Path folder() {
        String set = System.getenv("CHRONOVISOR_JOURNALS");
        if (set != null && !set.isBlank()) {
            return Path.of(set);
        }
        return home().resolve("journals");
    }

    /** The checkout: the launcher tells it. */
    static Path home() {
        return Path.of(System.getProperty("chronovisor.home", "."));
    }

    /** The folder of a journal that must be there. */
    static Path existing(String nameOrPath) {
        Path path = resolve(nameOrPath);
        if (!Files.isDirectory(path)) {
            throw Failure.usage(path + ": no such journal ('chronovisor journals' lists them)");
        }
        if (!Files.exists(path.resolve("manifest.json")) && !hasQueueFile(path)) {
            throw Failure.usage(path + ": not a journal (no manifest.json and no queue file in it)");
        }
        return path;
    }

    /** The folder of a journal that is there, or is about to be: its recorder may not have written anything yet. */
    static Path begun(String nameOrPath) {
        Path path = resolve(nameOrPath);
        boolean empty = Files.isDirectory(path) && !Files.exists(path.resolve("manifest.json")) && isEmpty(path);
        return empty ? path : existing(nameOrPath);
    }

    private static boolean isEmpty(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            // Chronicle's own table comes before the first segment.
            return files.allMatch(file -> String.valueOf(file.getFileName()).equals("metadata.cq4t"));
        } catch (IOException e) {
            throw Failure.of(e);
        }
    }

    /** Whether there is a folder of that name or path. */
    static boolean isThere(String nameOrPath) {
        try {
            return Files.isDirectory(resolve(nameOrPath));
        } catch (Failure | InvalidPathException e) {
            // What cannot be a name names nothing.
            return false;
        }
    }

    /** The folder of a journal that is going to be written, which must not be there yet: a recording is never overwritten. */
    static Path fresh(String nameOrPath) {
        Path path = resolve(nameOrPath);
        if (Files.exists(path)) {
            throw Failure.usage(path + ": is there already; name another journal, or remove this one");
        }
        return path;
    }

    /**
     * Takes the first name of the form {@code base-N} that is free, by making its folder: two commands that start at the
     * same time get different ones.
     */
    static Path unused(String base) {
        String name = base.replaceAll("[^A-Za-z0-9._-]", "_");
        if (name.isEmpty() || name.startsWith(".")) {
            name = "run" + name;
        }
        try {
            Files.createDirectories(folder());
            for (int n = 1;; n++) {
                Path path = folder().resolve(name + "-" + n);
                if (!Files.exists(path) && claims(path)) {
                    return path;
                }
            }
        } catch (IOException e) {
            throw Failure.of(e);
        }
    }

    private static boolean claims(Path path) throws IOException {
        try {
            Files.createDirectory(path);
            return true;
        } catch (FileAlreadyExistsException e) {
            // Another command was faster; its name is taken.
            return false;
        }
    }

    /** All journals of the folder, by name. */
    static List<Path> all() throws IOException {
        Path folder = folder();
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isDirectory)
                    .filter(path -> Files.exists(path.resolve("manifest.json")) || hasQueueFile(path)).sorted()
                    .toList();
        }
    }

    private static Path resolve(String nameOrPath) {
        if (nameOrPath.isEmpty() || nameOrPath.length() > NAME_LENGTH_MAX * 32 || nameOrPath.indexOf('\0') >= 0) {
            throw Failure.usage("'" + nameOrPath + "' is not a journal name: expected a name or a path");
        }
        if (nameOrPath.indexOf('/') >= 0 || nameOrPath.equals(".") || nameOrPath.equals("..")) {
            return Path.of(nameOrPath);
        }
        return folder().resolve(nameOrPath);
    }

    private static boolean hasQueueFile(Path path) {
        try (Stream<Path> files = Files.walk(path, 2)) {
            return files.anyMatch(file -> file.toString().endsWith(".cq4"));
        } catch (IOException e) {
            throw Failure.of(e);
        }
    }
}
