package chronovisor.app.scenario;

import chronovisor.journal.Folders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Debian packages by name, without root: downloaded with {@code apt-get} and unpacked, never installed, into a cache that
 * git ignores. The cache holds one folder a package, put there by a rename when it is complete.
 */
final class DebianPackages {

    private static final Duration DOWNLOAD_MAX = Duration.ofMinutes(3);

    private final Path cache;

    /**
     * Packages in a cache.
     *
     * @param cache the folder; made when it is first needed
     */
    DebianPackages(Path cache) {
        this.cache = cache.toAbsolutePath();
    }

    /**
     * The folder that holds a package's files as they would be below {@code /}; fetched when it is not there yet.
     *
     * @throws UnavailableException when this machine cannot download packages
     * @throws ScenarioException when the package is damaged or the cache cannot be written
     */
    Path root(String name) throws ScenarioException {
        Path root = cache.resolve(name);
        if (Files.isDirectory(root)) {
            return root;
        }
        try {
            Files.createDirectories(cache);
            Path work = Files.createTempDirectory(cache, ".fetching-");
            try {
                Path archive = download(name, work);
                Path unpacked = work.resolve("root");
                HostProcess unpack = HostProcess.run(work, DOWNLOAD_MAX, true,
                        List.of("dpkg-deb", "-x", archive.toString(), unpacked.toString()));
                if (unpack.status() != 0) {
                    throw new ScenarioException("package " + name + " cannot be unpacked: " + lastLine(unpack));
                }
                publish(unpacked, root);
            } finally {
                Folders.remove(work);
            }
        } catch (IOException e) {
            throw new ScenarioException("package " + name + " cannot be kept in " + cache + ": " + e.getMessage(), e);
        }
        return root;
    }

    /** Two fetches at once are fine: the second finds the first one's folder and uses that. */
    private static void publish(Path unpacked, Path root) throws IOException {
        try {
            Files.move(unpacked, root);
        } catch (IOException e) {
            if (!Files.isDirectory(root)) {
                throw e;
            }
        }
    }

    /** Asks with the machine's package index first, then with one of our own, which needs no root either. */
    private Path download(String name, Path work) throws ScenarioException, IOException {
        HostProcess first = HostProcess.run(work, DOWNLOAD_MAX, true, apt(List.of(), "download", name));
        if (first.status() == 0) {
            return archiveIn(work, name);
        }
        Path apt = cache.resolve(".apt");
        Files.createDirectories(apt.resolve("lists/partial"));
        Files.createDirectories(apt.resolve("archives/partial"));
        List<String> own = List.of("-o", "Dir::State::Lists=" + apt.resolve("lists"), "-o", "Dir::Cache=" + apt, "-o",
                "APT::Sandbox::User=" + System.getProperty("user.name"));
        HostProcess update = HostProcess.run(work, DOWNLOAD_MAX, true, apt(own, "update"));
        HostProcess second = HostProcess.run(work, DOWNLOAD_MAX, true, apt(own, "download", name));
        if (second.status() != 0) {
            throw new UnavailableException("package " + name + " cannot be downloaded: "
                    + lastLine(update.status() == 0 ? second : update));
        }
        return archiveIn(work, name);
    }

    private static List<String> apt(List<String> options, String... command) {
        List<String> all = new ArrayList<>(List.of("apt-get", "-q"));
        all.addAll(options);
        all.addAll(List.of(command));
        return all;
    }

    private static Path archiveIn(Path work, String name) throws IOException, ScenarioException {
        try (var files = Files.list(work)) {
            return files.filter(file -> file.toString().endsWith(".deb")).findFirst()
                    .orElseThrow(() -> new ScenarioException("apt-get downloaded no archive for " + name));
        }
    }

    private static String lastLine(HostProcess process) {
        return new String(process.output(), StandardCharsets.UTF_8).lines()
                .filter(line -> !line.isBlank() && !line.startsWith("W:")).reduce((a, b) -> b)
                .orElse("exit status " + process.status());
    }
}
