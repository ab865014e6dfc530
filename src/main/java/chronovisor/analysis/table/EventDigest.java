package chronovisor.analysis.table;

import chronovisor.journal.ByteSink;
import chronovisor.journal.EventCodec;
import chronovisor.journal.GuestEvent;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 over events as the journal's codec writes them in one batch, however they were batched when they were read. */
public final class EventDigest {

    private static final int CHUNK_BYTES = 1 << 16;

    private final MessageDigest digest;
    private final EventCodec codec = new EventCodec();
    private final ByteSink bytes = new ByteSink(CHUNK_BYTES + 1024);
    private long events;

    /** Of no events yet. */
    public EventDigest() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Takes the next event. */
    public void add(GuestEvent event) {
        codec.write(event, bytes);
        events++;
        if (bytes.size() >= CHUNK_BYTES) {
            drain();
        }
    }

    /** How many there were. */
    public long events() {
        return events;
    }

    /** The digest in hexadecimal; the object is of no use afterwards. */
    public String finish() {
        drain();
        return HexFormat.of().formatHex(digest.digest());
    }

    private void drain() {
        digest.update(bytes.toByteArray());
        bytes.clear();
    }
}
