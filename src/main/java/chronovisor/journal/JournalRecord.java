package chronovisor.journal;

import java.util.List;

/**
 * One record of a journal: a header, a checkpoint, a batch of events or steps, or the end. A large record takes several
 * excerpts.
 *
 * @param type
 *            what it holds
 * @param number
 *            number of its first excerpt, from 0
 * @param first
 *            the first position it tells about
 * @param last
 *            the last position it tells about
 * @param file
 *            name of the segment file its first excerpt is in
 * @param offset
 *            where in that file the excerpt begins
 * @param payload
 *            the bytes, decompressed
 */
public record JournalRecord(RecordType type, long number, Position first, Position last, String file, long offset,
        byte[] payload) {

    /** The events of an EVENTS record. */
    public List<GuestEvent> events() {
        expect(RecordType.EVENTS);
        return EventCodec.decode(payload);
    }

    /** The step batches of a STEPS record. */
    public List<StepRun> steps() {
        expect(RecordType.STEPS);
        return StepRun.decode(payload);
    }

    /** The header of a HEADER record. */
    public JournalHeader header() {
        expect(RecordType.HEADER);
        return JournalHeader.decode(payload);
    }

    /** The checkpoint of a CHECKPOINT record. */
    public Checkpoint checkpoint() {
        expect(RecordType.CHECKPOINT);
        return Checkpoint.decode(last, payload);
    }

    /** The pages of a PAGES record. */
    public PagePack pages() {
        expect(RecordType.PAGES);
        return PagePack.decode(payload);
    }

    /** The checkpoint of a STATE record. */
    public MachineCheckpoint state() {
        expect(RecordType.STATE);
        return MachineCheckpoint.decode(last, payload);
    }

    /** The end of an END record. */
    public JournalEnd end() {
        expect(RecordType.END);
        return JournalEnd.decode(payload);
    }

    private void expect(RecordType expected) {
        if (type != expected) {
            throw new IllegalStateException("excerpt " + number + " is " + type + ", not " + expected);
        }
    }
}
