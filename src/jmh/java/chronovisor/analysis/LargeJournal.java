package chronovisor.analysis;

import chronovisor.journal.Blob;
import chronovisor.journal.EventFields;
import chronovisor.journal.EventTypes;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalEnd;
import chronovisor.journal.JournalHeader;
import chronovisor.journal.JournalWriter;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.journal.Stamp;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes a journal of any size: the events of a recorded guest again and again, each time later, in batches as a recorder writes them. To
 * make many bytes of few events each batch may have one event with bytes that do not compress.
 */
public final class LargeJournal {

    /** Events in a batch, as recorders make them. */
    public static final int BATCH_EVENTS = 4096;

    private LargeJournal() {}

    /**
     * Makes one.
     *
     * @param model
     *            a recorded journal
     * @param events
     *            how many, at least
     * @param batchEvents
     *            in a batch
     * @param paddingBytes
     *            bytes that do not compress, in each batch
     * @return the position of an event in the middle that is the only one at its tick and type
     */
    public static Position make(Path folder, Path model, long events, int batchEvents, int paddingBytes) {
        List<GuestEvent> pattern = Runs.events(model);
        long period = pattern.getLast().at().tick() + 1000;
        SplittableRandom random = new SplittableRandom(1);
        Position middle = Position.START;
        Position last = Position.START;
        long count = 0;
        try (JournalWriter writer = JournalWriter.create(folder,
                new JournalHeader(new TreeMap<>(), "", List.of(), null))) {
            List<GuestEvent> batch = new ArrayList<>(batchEvents);
            for (long round = 0; count < events; round++) {
                for (GuestEvent event : pattern) {
                    GuestEvent later = later(event, round * period);
                    batch.add(later);
                    count++;
                    last = later.at();
                    if (count >= events / 2 && middle.equals(Position.START)
                            && later instanceof KittenEvent.SyscallEntered) {
                        middle = later.at();
                    }
                    if (batch.size() == batchEvents) {
                        pad(batch, random, paddingBytes);
                        writer.events(batch);
                        batch = new ArrayList<>(batchEvents);
                    }
                }
            }
            writer.events(batch);
            writer.end(new JournalEnd(last, Blob.of(new byte[32]), count, 0, "made", 0));
        }
        return middle;
    }

    private static void pad(List<GuestEvent> batch, SplittableRandom random, int bytes) {
        if (bytes > 0) {
            byte[] padding = new byte[bytes];
            random.nextBytes(padding);
            Position at = batch.getLast().at();
            batch.set(batch.size() - 1,
                    new KittenEvent.ConsoleWritten(Stamp.of(at, 0), 2, "/dev/ttyS1", Blob.owning(padding)));
        }
    }

    private static GuestEvent later(GuestEvent event, long by) {
        Stamp stamp = event.stamp();
        List<EventFields.Field> fields = EventFields.of(EventTypes.of(event)).all();
        Object[] values = new Object[fields.size()];
        for (int i = 0; i < values.length; i++) {
            EventFields.Field field = fields.get(i);
            values[i] = switch (field.kind()) {
                case LONG -> (Object) field.number(event);
                case INT -> (int) field.number(event);
                case BOOLEAN -> field.number(event) != 0;
                case TEXT, BYTES -> field.value(event);
            };
        }
        return EventFields.of(EventTypes.of(event)).event(
                new Stamp(later(stamp.at(), by), stamp.core(), stamp.cause() == null ? null : later(stamp.cause(), by)),
                values);
    }

    private static Position later(@Nullable Position at, long by) {
        return at == null ? Position.START : new Position(at.tick() + by, at.sequence());
    }
}
