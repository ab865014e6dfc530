package chronovisor.app.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The embedded guests are checked in as built: sources, binaries and the manifest must belong together. */
final class EmbeddedGuestsTest {

    private static final Path GUESTS = Path.of("scenarios/guests");

    @Test
    void everyGuestIsWhatTheManifestSays() throws Exception {
        TreeMap<String, String> actual = new TreeMap<>();
        for (String name : manifest().keySet()) {
            actual.put(name, digest(GUESTS.resolve(name)));
        }
        assertThat(actual).as("run make in %s after a change there", GUESTS).isEqualTo(manifest());
    }

    @Test
    void everySourceAndBinaryIsInTheManifest() throws IOException {
        TreeSet<String> found = new TreeSet<>();
        for (String folder : new String[]{"src", "bin"}) {
            try (var files = Files.walk(GUESTS.resolve(folder))) {
                files.filter(Files::isRegularFile).forEach(file -> found.add(GUESTS.relativize(file).toString()));
            }
        }
        assertThat(manifest().keySet()).containsAll(found);
    }

    private static Map<String, String> manifest() throws IOException {
        TreeMap<String, String> digests = new TreeMap<>();
        for (String line : Files.readAllLines(GUESTS.resolve("SHA256SUMS"))) {
            digests.put(line.substring(66), line.substring(0, 64));
        }
        return digests;
    }

    private static String digest(Path file) throws IOException, NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }
}
