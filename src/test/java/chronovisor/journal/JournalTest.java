package chronovisor.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chronovisor.journal.chronicle.ChronicleSegment;
import chronovisor.journal.chronicle.ChronicleTail;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

final class JournalTest {

    @TempDir
    Path temporary;

    private Path folder() {
        return temporary.resolve("journal");
    }

    @Test
    void whatIsWrittenIsRead() {
        SyntheticRun run = new SyntheticRun(1);
        Checkpoint checkpoint = run.checkpoint(3_000_000);
        List<GuestEvent> events = run.batch();
        List<StepRun> steps = run.steps(1000);
        JournalEnd end = new JournalEnd(new Position(1L << 40, 3), Blob.of("digest"), 5, 6, "shut down", 1);
        try (JournalWriter writer = JournalWriter.create(folder(), SyntheticRun.header())) {
            writer.checkpoint(checkpoint);
            writer.events(events);
            writer.steps(steps);
            writer.end(end);
        }
        try (JournalReader reader = JournalReader.open(folder())) {
            assertThat(next(reader).header()).isEqualTo(SyntheticRun.header());
            assertThat(next(reader).checkpoint()).isEqualTo(checkpoint);
            assertThat(next(reader).events()).isEqualTo(events);
            assertThat(next(reader).steps()).isEqualTo(steps);
            assertThat(next(reader).end()).isEqualTo(end);
            assertThat(reader.next()).isNull();
        }
    }

    private static JournalRecord next(JournalReader reader) {
        return Objects.requireNonNull(reader.next());
    }

    @Test
    void aSealedJournalVerifiesWithItsNumbers() {
        JournalEnd end = SyntheticRun.write(folder(), 3, 20);
        Verification verification = JournalVerifier.verify(folder());
        assertThat(verification.problems()).isEmpty();
        assertThat(verification.sealed()).isTrue();
        assertThat(verification.ended()).isTrue();
        assertThat(verification.ticks()).isEqualTo(end.at().tick());
        assertThat(verification.events()).isEqualTo(end.events());
        assertThat(verification.digest()).isEqualTo(end.digest().toHex());
        assertThat(verification.excerpts()).isEqualTo(43);
    }

    @Test
    void recordsOutsideTheWantedRangeArePassedOver() {
        SyntheticRun.write(folder(), 3, 20);
        Position from = new Position(400_000, 0);
        Position to = new Position(500_000, 0);
        Predicate<JournalReader.Glance> wanted = glance -> glance.last().compareTo(from) >= 0
                && glance.first().compareTo(to) <= 0;
        int read = 0;
        try (JournalReader reader = JournalReader.open(folder())) {
            for (JournalRecord record = reader.next(wanted); record != null; record = reader.next(wanted)) {
                assertThat(record.last()).isGreaterThanOrEqualTo(from);
                assertThat(record.first()).isLessThanOrEqualTo(to);
                read++;
            }
        }
        assertThat(read).isBetween(1, 10);
    }

    @Test
    void chronicleSeesTheSameExcerpts() throws IOException {
        SyntheticRun.write(folder(), 4, 50);
        List<byte[]> ours = new ArrayList<>();
        try (SegmentFile file = new SegmentFile(JournalReader.segments(folder()).getFirst())) {
            for (ExcerptHead head = file.next(); head != null; head = file.next()) {
                ours.add(file.excerpt(head));
            }
        }
        try (ChronicleTail tail = new ChronicleTail(folder())) {
            for (byte[] excerpt : ours) {
                assertThat(Arrays.equals(tail.next(), excerpt)).isTrue();
            }
            assertThat(tail.next()).isNull();
        }
    }

    @Test
    void anyThreadReadsOnWhereAnotherLeftATail() {
        SyntheticRun.write(folder(), 4, 50);
        ChronicleTail tail = new ChronicleTail(folder());
        try (tail) {
            byte[] first = tail.next();
            byte[] second = CompletableFuture.supplyAsync(tail::next).join();
            assertThat(first).isNotNull().isNotEqualTo(second);
            assertThat(second).isNotNull();
        }
        assertThat(tail.next()).isNull();
    }

    @Test
    void aSegmentIsNamedAndNumberedAsChronicleDoes() throws IOException {
        Files.createDirectories(folder());
        try (ChronicleSegment segment = new ChronicleSegment(folder(), 61)) {
            segment.append(new byte[8]);
            segment.append(new byte[8]);
            assertThat(segment.lastIndex()).isEqualTo(ChronicleSegment.index(61, 1));
        }
        assertThat(JournalReader.segments(folder()).getFirst().getFileName()).hasToString("19700101-0101.cq4");
    }

    @Test
    void aTailerStreamsTheBatchesWhileTheyAreWritten() {
        SyntheticRun run = new SyntheticRun(6);
        List<List<GuestEvent>> written = new ArrayList<>();
        try (JournalWriter writer = JournalWriter.create(folder(), SyntheticRun.header())) {
            Flux<List<GuestEvent>> tail = JournalFlux.tail(folder()).replay().autoConnect(0);
            for (int i = 0; i < 20; i++) {
                written.add(run.batch());
                writer.events(written.getLast());
            }
            assertThat(tail.take(20).collectList().block(Duration.ofSeconds(10))).isEqualTo(written);
            writer.end(new JournalEnd(written.getLast().getLast().at(), Blob.EMPTY, 0, 0, "", 0));
        }
        assertThat(JournalFlux.events(folder()).collectList().block()).isEqualTo(written);
    }

    @Test
    void twoWritingsOfTheSameRunAreTheSameBytes() throws IOException {
        SyntheticRun.write(folder(), 7, 5);
        SyntheticRun.write(temporary.resolve("again"), 7, 5);
        assertThat(chainOf(folder())).isEqualTo(chainOf(temporary.resolve("again")));
    }

    private static Blob chainOf(Path folder) {
        try (JournalReader reader = JournalReader.open(folder)) {
            while (reader.next() != null) {
                assertThat(reader.excerpts()).isPositive();
            }
            return reader.chain();
        }
    }

    @Test
    void aFolderThatHoldsSomethingIsRefused() throws IOException {
        Files.createDirectories(folder());
        Files.writeString(folder().resolve("x"), "x");
        assertThatThrownBy(() -> JournalWriter.create(folder(), SyntheticRun.header()))
                .isInstanceOf(JournalException.class).hasMessageContaining("not empty");
    }

    @Test
    void aFolderThatIsAFileIsRefused() throws IOException {
        Files.writeString(folder(), "x");
        assertThatThrownBy(() -> JournalWriter.create(folder(), SyntheticRun.header()))
                .isInstanceOf(JournalException.class);
        assertThatThrownBy(() -> JournalReader.open(folder())).isInstanceOf(JournalException.class);
    }

    @Test
    void reachingTheLimitTellsTheCallerAndLeavesASoundPrefix() {
        SyntheticRun run = new SyntheticRun(8);
        JournalWriter writer = JournalWriter.create(folder(), SyntheticRun.header(),
                new JournalWriter.Limits(100_000, 400_000));
        assertThatThrownBy(() -> {
            for (int i = 0; i < 10_000; i++) {
                writer.events(run.batch());
            }
        }).isInstanceOf(JournalException.class).hasMessageContaining("limit");
        assertThatThrownBy(writer::close).isInstanceOf(JournalException.class);
        Verification verification = JournalVerifier.verify(folder());
        assertThat(verification.problems()).isEmpty();
        assertThat(verification.sealed()).isFalse();
        assertThat(verification.events()).isGreaterThan(1000);
    }
}
