package chronovisor.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Puts DuckDB's library for this host beside its jar, where DuckDB looks for it when the jar has none, and takes those of all hosts out of the
 * jar. Else every start that asks in SQL unpacks 70 MB into a temporary file, which takes longer than most questions. The launcher runs this
 * after a build.
 */
final class NativeLibraries {

    private static final String PREFIX = "libduckdb_java.so_";

    private NativeLibraries() {}

    /** @param arguments the folder of the libraries */
    public static void main(String[] arguments) throws IOException {
        unpack(Path.of(arguments[0]), host());
    }

    /** As DuckDB names hosts. */
    private static String host() {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String processor = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        return (system.startsWith("mac") ? "macos" : system) + "_"
                + (processor.equals("x86_64") ? "amd64" : processor.equals("aarch64") ? "arm64" : processor);
    }

    /** Jars without the library of that host stay as they are. */
    static void unpack(Path folder, String host) throws IOException {
        for (Path jar : Jars.in(folder)) {
            try (JarFile from = new JarFile(jar.toFile())) {
                JarEntry library = from.getJarEntry(PREFIX + host);
                if (library != null) {
                    unpack(from, library, jar);
                }
            }
        }
    }

    private static void unpack(JarFile from, JarEntry library, Path jar) throws IOException {
        // First the library, then the jar without it: whoever starts meanwhile finds one of them.
        Path place = jar.resolveSibling(library.getName());
        Path draft = jar.resolveSibling(library.getName() + ".new");
        try (InputStream in = from.getInputStream(library)) {
            Files.copy(in, draft, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.move(draft, place, StandardCopyOption.REPLACE_EXISTING);
        Jars.rewrite(jar, (entry, old) -> entry.startsWith(PREFIX) ? null : old.readAllBytes());
    }
}
