package chronovisor.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Damage is found and named. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class JournalDamageTest {

    @TempDir
    static Path temporary = Path.of("");

    private Path folder = Path.of("");

    @BeforeAll
    void write() {
        folder = temporary.resolve("journal");
        SyntheticRun.write(folder, 11, 30);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    @Test
    void oneFlippedBitAnywhereIsNamed() throws IOException {
        Random random = new Random(17);
        TreeMap<String, Integer> named = new TreeMap<>();
        for (Path file : files(folder)) {
            byte[] good = Files.readAllBytes(file);
            String name = String.valueOf(file.getFileName());
            for (int i = 0; i < 100; i++) {
                // The first bytes of a file are its most delicate.
                int at = random.nextInt(i < 20 ? Math.min(512, good.length) : good.length);
                int bit = random.nextInt(8);
                byte[] bad = good.clone();
                bad[at] ^= (byte) (1 << bit);
                Files.write(file, bad);
                Verification verification = JournalVerifier.verify(folder);
                Files.write(file, good);
                assertThat(verification.problems()).as("byte %d bit %d of %s", at, bit, name).hasSize(1);
                Problem problem = verification.problems().getFirst();
                assertThat(problem.file()).isEqualTo(name);
                assertThat(problem.offset()).as(problem.toString()).isEqualTo(at);
                assertThat(problem.excerpt()).isNotNegative();
                assertThat(problem.position()).isNotNull();
                named.merge(name, 1, Integer::sum);
            }
        }
        assertThat(named).hasSize(3);
        assertThat(JournalVerifier.verify(folder).problems()).isEmpty();
    }

    @Test
    void theExcerptOfAFlippedBitIsTheOneItLiesIn() throws IOException {
        Path segment = JournalReader.segments(folder).getFirst();
        byte[] good = Files.readAllBytes(segment);
        for (ExcerptScan.Found found : ExcerptScan.all(segment, 0)) {
            byte[] bad = good.clone();
            bad[(int) found.offset() + ExcerptHead.SIZE + 1] ^= 4;
            Path copy = copyWith(segment, bad);
            Problem problem = JournalVerifier.verify(copy).problems().getFirst();
            assertThat(problem.excerpt()).isEqualTo(found.head().number());
        }
    }

    private Path copyWith(Path changed, byte[] bytes) throws IOException {
        Path copy = Files.createTempDirectory(temporary, "copy");
        for (Path file : files(folder)) {
            Files.write(copy.resolve(String.valueOf(file.getFileName())),
                    file.equals(changed) ? bytes : Files.readAllBytes(file));
        }
        return copy;
    }

    @Test
    void everyTruncatedFileIsNamed() throws IOException {
        Random random = new Random(3);
        for (Path file : files(folder)) {
            byte[] good = Files.readAllBytes(file);
            for (int i = 0; i < 25; i++) {
                int length = random.nextInt(good.length);
                Path copy = copyWith(file, Arrays.copyOf(good, length));
                Verification verification = JournalVerifier.verify(copy);
                assertThat(verification.problems()).as("%s cut to %d", file, length).isNotEmpty();
                assertThat(verification.problems().getFirst().file()).isEqualTo(String.valueOf(file.getFileName()));
            }
        }
    }

    @Test
    void missingAndAddedFilesAreNamed() throws IOException {
        for (Path file : files(folder)) {
            String name = String.valueOf(file.getFileName());
            Path copy = copyWith(file, new byte[0]);
            Files.delete(copy.resolve(name));
            if (name.equals(Manifest.FILE)) {
                assertThat(JournalVerifier.verify(copy).notes()).anyMatch(note -> note.contains("not sealed"));
            } else {
                assertThat(JournalVerifier.verify(copy).problems()).anyMatch(problem -> problem.file().equals(name));
            }
        }
        Path copy = copyWith(folder, new byte[0]);
        Files.writeString(copy.resolve("19700101-0001.cq4"), "x");
        assertThat(JournalVerifier.verify(copy).problems()).isNotEmpty();
    }

    @Test
    void withoutASealAnExcerptIsNeverSkipped() throws IOException {
        Path segment = JournalReader.segments(folder).getFirst();
        byte[] good = Files.readAllBytes(segment);
        List<ExcerptScan.Found> excerpts = ExcerptScan.all(segment, 0);
        Random random = new Random(5);
        for (int i = 0; i < 200; i++) {
            ExcerptScan.Found hit = excerpts.get(random.nextInt(excerpts.size()));
            // From Chronicle's length word to the last byte.
            int at = (int) hit.offset() - 4 + random.nextInt(hit.head().excerptBytes() + 4);
            byte[] bad = good.clone();
            bad[at] ^= (byte) (1 << random.nextInt(8));
            Path copy = copyWith(segment, bad);
            Files.delete(copy.resolve(Manifest.FILE));
            Verification verification = JournalVerifier.verify(copy);
            if (hit.head().type() == RecordType.END && at < hit.offset()) {
                continue; // the last length word: what a torn end looks like
            }
            assertThat(verification.problems()).as("byte %d of excerpt %d", at, hit.head().number()).hasSize(1);
            assertThat(verification.problems().getFirst().excerpt()).isEqualTo(hit.head().number());
            assertThat(verification.excerpts()).isEqualTo(hit.head().number());
        }
    }

    @Test
    void aZeroedPageIsNamed() throws IOException {
        Path segment = JournalReader.segments(folder).getFirst();
        byte[] good = Files.readAllBytes(segment);
        List<Long> offsets = new ArrayList<>();
        for (int page = 0; page < good.length / 4096; page++) {
            byte[] bad = good.clone();
            Arrays.fill(bad, page * 4096, page * 4096 + 4096, (byte) 0);
            if (!Arrays.equals(bad, good)) {
                Verification verification = JournalVerifier.verify(copyWith(segment, bad));
                assertThat(verification.problems()).isNotEmpty();
                offsets.add(verification.problems().getFirst().offset());
            }
        }
        assertThat(offsets).hasSizeGreaterThan(10).allMatch(offset -> offset % 4096 == 0);
    }

    @Test
    void recordsForgedWithRightSumsAreReported() {
        Random random = new Random(31);
        int reported = 0;
        for (int i = 0; i < 40; i++) {
            Path forged = temporary.resolve("forged" + i);
            try (JournalReader reader = JournalReader.open(folder);
                    JournalWriter writer = JournalWriter.create(forged, SyntheticRun.header())) {
                reader.next();
                for (JournalRecord record = reader.next(); record != null; record = reader.next()) {
                    byte[] payload = record.payload();
                    if (random.nextInt(4) == 0) {
                        for (int flips = random.nextInt(20); flips >= 0; flips--) {
                            payload[random.nextInt(Math.min(64, payload.length))] = (byte) random.nextInt();
                        }
                    }
                    writer.append(record.type(), record.first(), record.last(), payload);
                }
            }
            Verification verification = JournalVerifier.verify(forged);
            reported += verification.sound() ? 0 : 1;
            verification.problems().forEach(problem -> assertThat(problem.what()).isNotEmpty());
        }
        assertThat(reported).isGreaterThan(30);
    }

    @Test
    void damagedJournalsNeverBreakTheReader() throws IOException {
        Path segment = JournalReader.segments(folder).getFirst();
        byte[] good = Files.readAllBytes(segment);
        Random random = new Random(23);
        for (int i = 0; i < 100; i++) {
            byte[] bad = good.clone();
            int from = random.nextInt(bad.length);
            int to = Math.min(bad.length, from + random.nextInt(5000));
            for (int at = from; at < to; at++) {
                bad[at] = (byte) random.nextInt();
            }
            Path copy = copyWith(segment, bad);
            Files.delete(copy.resolve(Manifest.FILE));
            assertThat(JournalVerifier.verify(copy).excerpts()).isBetween(0L, 63L);
        }
    }
}
