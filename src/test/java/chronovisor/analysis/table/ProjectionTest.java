package chronovisor.analysis.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chronovisor.analysis.Runs;
import chronovisor.journal.DamagedJournalException;
import chronovisor.journal.EventTypes;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalFlux;
import chronovisor.journal.JournalRecord;
import chronovisor.journal.JournalVerifier;
import chronovisor.journal.RecordType;
import chronovisor.journal.SyntheticRun;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tables hold what the journal holds, and are of the journal as it is. */
class ProjectionTest {

    @TempDir
    Path folder;

    @Test
    void everyTypeOfEventComesBackAsItWas() {
        Path journal = folder.resolve("synthetic");
        SyntheticRun.write(journal, 7, 40);
        List<GuestEvent> events = Runs.events(journal);
        Projection projection = Projection.of(journal, progress -> {});
        assertThat(projection.events()).isEqualTo(events.size()).isEqualTo(40L * EventTypes.all().size());
        assertThat(back(projection)).isEqualTo(events);
        assertThat(digest(back(projection))).isEqualTo(projection.digest()).isEqualTo(digest(events));
    }

    @Test
    void aRecordedRunComesBackAsItWas() {
        Path journal = Runs.record(folder, "ipc");
        List<GuestEvent> events = Runs.events(journal);
        Projection projection = Projection.of(journal, progress -> {});
        assertThat(back(projection)).isEqualTo(events);
        assertThat(projection.digest()).isEqualTo(digest(events));
        assertThat(JournalVerifier.verify(journal).problems()).as("the journal is as it was").isEmpty();
    }

    @Test
    void tablesAreKeptUntilTheJournalIsAnotherOne() throws Exception {
        Path journal = folder.resolve("run");
        SyntheticRun.write(journal, 1, 2);
        Projection first = Projection.of(journal, progress -> {});
        Path file = first.files("events").getFirst();
        FileTime made = Files.getLastModifiedTime(file);
        assertThat(Projection.of(journal, progress -> {}).folder()).isEqualTo(first.folder());
        assertThat(Files.getLastModifiedTime(file)).isEqualTo(made);
        // Another run under the same name: it is not asked when it was written.
        Path other = folder.resolve("other");
        SyntheticRun.write(other, 2, 3);
        remove(journal);
        copy(other, journal);
        Projection second = Projection.of(journal, progress -> {});
        assertThat(second.folder()).isNotEqualTo(first.folder());
        assertThat(first.folder()).as("the old tables").doesNotExist();
        assertThat(back(second)).isEqualTo(Runs.events(other));
    }

    @Test
    void tablesThatAreNotWholeAreMadeAgain() throws Exception {
        Path journal = folder.resolve("run");
        SyntheticRun.write(journal, 1, 2);
        Projection first = Projection.of(journal, progress -> {});
        Path file = first.files("Halted").getFirst();
        try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
            cut.setLength(cut.length() / 2);
        }
        assertThat(back(Projection.of(journal, progress -> {}))).isEqualTo(Runs.events(journal));
        Files.writeString(first.folder().resolve(ProjectionSeal.FILE), "{\"version\": 1, \"tables\": [");
        assertThat(back(Projection.of(journal, progress -> {}))).isEqualTo(Runs.events(journal));
    }

    @Test
    void tablesWithOtherColumnsAreMadeAgain() throws Exception {
        Path journal = folder.resolve("run");
        SyntheticRun.write(journal, 1, 2);
        Path seal = Projection.of(journal, progress -> {}).folder().resolve(ProjectionSeal.FILE);
        String now = Files.readString(seal);
        Files.writeString(seal, now.replaceFirst("(\"columns\" : )\\d+", "$17"));
        assertThat(seal).content().isNotEqualTo(now);
        Projection.of(journal, progress -> {});
        assertThat(seal).hasContent(now);
    }

    @Test
    void aDamagedJournalIsRefusedByName() throws Exception {
        Path journal = folder.resolve("run");
        SyntheticRun.write(journal, 1, 20);
        JournalRecord events = JournalFlux.records(journal).toStream()
                .filter(record -> record.type() == RecordType.EVENTS).skip(3).findFirst().orElseThrow();
        try (RandomAccessFile file = new RandomAccessFile(journal.resolve(events.file()).toFile(), "rw")) {
            long inside = events.offset() + 200;
            file.seek(inside);
            int old = file.read();
            file.seek(inside);
            file.write(old ^ 0x10);
        }
        assertThatThrownBy(() -> Projection.of(journal, progress -> {})).isInstanceOf(DamagedJournalException.class)
                .hasMessageContaining(events.file());
        assertThat(journal.resolve(Projection.FOLDER)).satisfiesAnyOf(path -> assertThat(path).doesNotExist(),
                path -> assertThat(path).isEmptyDirectory());
    }

    private static List<GuestEvent> back(Projection projection) {
        List<GuestEvent> events = new ArrayList<>();
        EventsOfTables.forEach(projection, events::add);
        return events;
    }

    private static String digest(List<GuestEvent> events) {
        EventDigest digest = new EventDigest();
        events.forEach(digest::add);
        return digest.finish();
    }

    private static void remove(Path journal) throws IOException {
        try (var files = Files.list(journal)) {
            for (Path file : files.toList()) {
                if (Files.isRegularFile(file)) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.list(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, to.resolve(String.valueOf(file.getFileName())));
            }
        }
    }
}
