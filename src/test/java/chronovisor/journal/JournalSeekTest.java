package chronovisor.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading on from a position tells what reading from the beginning tells of it, whatever lies before. */
class JournalSeekTest {

    private static final int BATCHES = 120;
    private static final int TICKS = 1000;

    @TempDir
    Path folder;

    /** Makes the bytes of an event of a batch. */
    private interface Bytes {
        byte[] of(int batch, SplittableRandom random);
    }

    private Path write(Bytes bytes) {
        Path journal = folder.resolve("journal");
        SplittableRandom random = new SplittableRandom(7);
        Position last = Position.START;
        try (JournalWriter writer = JournalWriter.create(journal, SyntheticRun.header())) {
            for (int batch = 1; batch <= BATCHES; batch++) {
                long tick = (long) batch * TICKS;
                Stamp stamp = Stamp.of(new Position(tick, 0), 0);
                last = new Position(tick + 5, 1);
                writer.events(List.of(
                        new KittenEvent.ConsoleWritten(stamp, 1, "com1", Blob.owning(bytes.of(batch, random))),
                        new KittenEvent.MessagePrinted(Stamp.of(last, 0), "batch " + batch)));
                writer.steps(List.of());
            }
            writer.end(new JournalEnd(last, Blob.of(new byte[32]), 2L * BATCHES, 0, "", 0));
        }
        return journal;
    }

    private static List<GuestEvent> from(JournalReader opened, Position from) {
        List<GuestEvent> events = new ArrayList<>();
        try (JournalReader reader = opened) {
            for (JournalRecord record = reader.nextEvents(from); record != null; record = reader.nextEvents(from)) {
                record.events().stream().filter(event -> event.at().compareTo(from) >= 0).forEach(events::add);
            }
        }
        return events;
    }

    private static void assertTheSameFromEverywhere(Path journal) {
        List<GuestEvent> all = from(JournalReader.open(journal), Position.START);
        for (int batch = 0; batch <= BATCHES + 1; batch += 29) {
            for (Position from : List.of(new Position((long) batch * TICKS, 1),
                    new Position((long) batch * TICKS + 6, 0))) {
                List<Position> expected = all.stream().map(GuestEvent::at).filter(at -> at.compareTo(from) >= 0)
                        .toList();
                assertThat(from(JournalReader.openAt(journal, from), from).stream().map(GuestEvent::at))
                        .as("from " + from).containsExactlyElementsOf(expected);
            }
        }
    }

    @Test
    void theSameEventsComeFromThePlaceAsFromTheBeginning() {
        Path journal = write((batch, random) -> {
            byte[] bytes = new byte[200_000];
            random.nextBytes(bytes);
            return bytes;
        });
        assertTheSameFromEverywhere(journal);
        try (JournalReader reader = JournalReader.openAt(journal, new Position(110L * TICKS, 0))) {
            assertThat(reader.excerpts()).as("excerpts that were passed over").isGreaterThan(70);
        }
    }

    @Test
    void recordsOfSeveralExcerptsAreNotDivided() {
        assertTheSameFromEverywhere(write((batch, random) -> {
            byte[] bytes = new byte[batch % 10 == 0 ? 2_500_000 : 10];
            random.nextBytes(bytes);
            return bytes;
        }));
    }

    @Test
    void bytesOfAGuestThatLookLikeExcerptsDeceiveNobody() {
        // A chain of forged excerpts with low ticks, each sound in itself and following the one before, as many as fit into a record.
        assertTheSameFromEverywhere(write((batch, random) -> {
            byte[] bytes = new byte[400_000];
            random.nextBytes(bytes);
            byte[] chain = new byte[32];
            int at = batch % 4 * 13 + 3;
            for (int number = 0; at + 20_000 < bytes.length; number++) {
                byte[] stored = new byte[19_000];
                random.nextBytes(stored);
                byte[] forged = ExcerptHead.excerpt(new ExcerptHead(RecordType.EVENTS, ExcerptHead.CODEC_NONE, false,
                        number, Position.START, new Position(1, 0), stored.length, stored.length, chain, 0), chain,
                        stored,
                        0);
                chain = java.util.Arrays.copyOfRange(forged, 48, 80);
                bytes[at] = (byte) forged.length;
                bytes[at + 1] = (byte) (forged.length >> 8);
                bytes[at + 2] = 0;
                bytes[at + 3] = 0;
                System.arraycopy(forged, 0, bytes, at + 4, forged.length);
                at += 4 + forged.length;
            }
            return bytes;
        }));
    }
}
