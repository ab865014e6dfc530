package chronovisor.journal;

/**
 * The last record of a run that was closed.
 *
 * @param at
 *            where the run stood
 * @param digest
 *            SHA-256 of the machine's final state
 * @param events
 *            events that happened, recorded or not
 * @param idle_ns
 *            virtual time skipped while idle
 * @param reason
 *            why it ended
 * @param status
 *            the guest's exit status, or -1 when it did not exit
 */
public record JournalEnd(Position at, Blob digest, long events, long idle_ns, String reason, int status) {

    byte[] encode() {
        return new ByteSink().varint(at.tick()).varint(at.sequence()).blob(digest).varint(events).varint(idle_ns)
                .text(reason).zigzag(status).toByteArray();
    }

    static JournalEnd decode(byte[] payload) {
        ByteSource in = new ByteSource(payload);
        long tick = in.varint();
        if (tick < 0) {
            throw in.broken("a tick below zero");
        }
        Position at = new Position(tick, in.varint(Integer.MAX_VALUE));
        JournalEnd end = new JournalEnd(at, in.blob(), in.varint(), in.varint(), in.text(), in.zigzag32());
        in.end();
        return end;
    }
}
