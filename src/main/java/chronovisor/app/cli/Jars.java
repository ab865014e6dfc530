package chronovisor.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import org.jspecify.annotations.Nullable;

/** The libraries beside our jar, as the launcher prepares them after a build. */
final class Jars {

    /** What becomes of an entry. */
    @FunctionalInterface
    interface Change {
        /** The bytes of an entry in the new jar, made of those in the old one; null to leave it out. */
        byte @Nullable [] of(String name, InputStream old) throws IOException;
    }

    private Jars() {}

    /** The jars of a folder, by name. */
    static List<Path> in(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
        }
    }

    /** Puts another jar in the place of one, at once. */
    static void rewrite(Path file, Change change) throws IOException {
        Path made = file.resolveSibling(file.getFileName() + ".new");
        try (JarFile jar = new JarFile(file.toFile());
                OutputStream to = Files.newOutputStream(made);
                JarOutputStream out = new JarOutputStream(to)) {
            for (JarEntry entry : Collections.list(jar.entries())) {
                byte[] bytes;
                try (InputStream in = jar.getInputStream(entry)) {
                    bytes = change.of(entry.getName(), in);
                }
                if (bytes == null) {
                    continue;
                }
                JarEntry same = new JarEntry(entry.getName());
                same.setTime(entry.getTime());
                out.putNextEntry(same);
                out.write(bytes);
                out.closeEntry();
            }
        }
        Files.move(made, file, StandardCopyOption.REPLACE_EXISTING);
    }
}
