package chronovisor.journal;

import chronovisor.journal.chronicle.ChronicleTail;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Turns what a Chronicle tailer sees into batches of events, checking each excerpt as the other reader does. */
final class TailReader implements AutoCloseable {

    private final ChronicleTail tail;
    private byte[] chain = ExcerptHead.chainStart();
    private long number;
    private byte @Nullable [] parts;
    private boolean ended;

    TailReader(ChronicleTail tail) {
        this.tail = tail;
    }

    /** Whether the run's end was seen. */
    boolean ended() {
        return ended;
    }

    /** The next batch that is there. */
    Optional<List<GuestEvent>> next() {
        while (!ended) {
            byte[] excerpt = tail.next();
            if (excerpt == null) {
                return Optional.empty();
            }
            ExcerptHead head = ExcerptHead.parse(excerpt);
            if (head == null || head.number() != number || !head.agrees(excerpt)
                    || !Arrays.equals(ExcerptHead.chainOf(chain, excerpt, head.storedLength()), head.chain())) {
                throw new DamagedJournalException(
                        new Problem("(tail)", 0, number, head == null ? null : head.first(), "an unsound excerpt"));
            }
            chain = head.chain();
            number++;
            byte[] before = parts == null ? new byte[0] : parts;
            byte[] stored = Arrays.copyOf(before, before.length + head.storedLength());
            System.arraycopy(excerpt, ExcerptHead.SIZE, stored, before.length, head.storedLength());
            parts = head.goesOn() ? stored : null;
            if (!head.goesOn() && head.type() == RecordType.EVENTS) {
                return Optional.of(EventCodec.decode(JournalReader.unpack(head, stored)));
            }
            ended = head.type() == RecordType.END;
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        tail.close();
    }
}
