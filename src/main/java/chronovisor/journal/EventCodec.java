package chronovisor.journal;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Events as bytes. Each event is
 *
 * <pre>
 *   varint  type &lt;&lt; 3 | has cause &lt;&lt; 2 | other core than the event before &lt;&lt; 1 | other tick
 *   varint  other tick: tick - tick of the event before; same tick: sequence - sequence of the event before - 1
 *   varint  other tick: sequence
 *   varint  core, when it is another one
 *   varint  cause: tick - cause tick; varint cause sequence
 *   ...     the type's own components (EventTypes)
 * </pre>
 *
 * so positions always rise, by construction of the bytes. A batch is a count and its events, beginning from
 * {@code 0:0} on core 0 (with "-1" as the sequence before, so that 0:0 can be the first).
 */
public final class EventCodec {

    private static final int CAUSED = 4;
    private static final int OTHER_CORE = 2;
    private static final int OTHER_TICK = 1;

    private long tick;
    private int sequence = -1;
    private int core;

    /** Starts at the beginning of a batch. */
    public EventCodec() {}

    /** Starts again at the beginning of a batch. */
    public void reset() {
        tick = 0;
        sequence = -1;
        core = 0;
    }

    /**
     * Appends one event.
     *
     * @throws IllegalArgumentException
     *             when its position does not lie after the one before
     */
    public void write(GuestEvent event, ByteSink out) {
        EventType<?> type = EventTypes.of(event);
        Position at = event.at();
        Position cause = event.cause();
        boolean otherTick = at.tick() != tick;
        boolean otherCore = event.core() != core;
        if (at.tick() < tick || !otherTick && at.sequence() <= sequence) {
            throw new IllegalArgumentException(
                    type.name() + " at " + at + " does not come after " + tick + ":" + sequence);
        }
        out.varint((long) type.id() << 3 | (cause != null ? CAUSED : 0) | (otherCore ? OTHER_CORE : 0)
                | (otherTick ? OTHER_TICK : 0));
        if (otherTick) {
            out.varint(at.tick() - tick).varint(at.sequence());
        } else {
            out.varint(at.sequence() - sequence - 1L);
        }
        if (otherCore) {
            out.varint(event.core());
        }
        if (cause != null) {
            out.varint(at.tick() - cause.tick()).varint(cause.sequence());
        }
        type.write(event, out);
        tick = at.tick();
        sequence = at.sequence();
        core = event.core();
    }

    /**
     * Reads one event.
     *
     * @throws FormatException
     *             when the bytes are no event
     */
    public GuestEvent read(ByteSource in) {
        int head = in.varint(EventTypes.IDS << 3);
        EventType<?> type = EventTypes.withId(head >>> 3, in);
        if ((head & OTHER_TICK) != 0) {
            tick = notNegative(tick + in.varint(), in);
            sequence = in.varint(Integer.MAX_VALUE);
        } else {
            sequence = (int) Math.min(sequence + 1L + in.varint(Integer.MAX_VALUE), Integer.MAX_VALUE);
        }
        if ((head & OTHER_CORE) != 0) {
            core = in.varint(0xFFFF);
        }
        @Nullable
        Position cause = null;
        if ((head & CAUSED) != 0) {
            cause = new Position(notNegative(tick - in.varint(), in), in.varint(Integer.MAX_VALUE));
        }
        return type.codec().reader().read(new Stamp(new Position(tick, sequence), core, cause), in);
    }

    /** A whole batch: a count and the events. */
    public static byte[] encode(List<GuestEvent> events) {
        ByteSink out = new ByteSink(events.size() * 8);
        out.varint(events.size());
        EventCodec codec = new EventCodec();
        for (GuestEvent event : events) {
            codec.write(event, out);
        }
        return out.toByteArray();
    }

    /**
     * Reads a whole batch.
     *
     * @throws FormatException
     *             when the bytes are no batch
     */
    public static List<GuestEvent> decode(byte[] batch) {
        ByteSource in = new ByteSource(batch);
        // An event takes two bytes at least, so a hostile count cannot make us allocate more than the batch allows.
        int count = in.varint(in.remaining() / 2);
        List<GuestEvent> events = new ArrayList<>(count);
        EventCodec codec = new EventCodec();
        for (int i = 0; i < count; i++) {
            events.add(codec.read(in));
        }
        in.end();
        return events;
    }

    private static long notNegative(long value, ByteSource in) {
        if (value < 0) {
            throw in.broken("a tick below zero");
        }
        return value;
    }
}
