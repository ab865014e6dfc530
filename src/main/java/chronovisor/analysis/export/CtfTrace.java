package chronovisor.analysis.export;

import chronovisor.journal.Blob;
import chronovisor.journal.EventFields;
import chronovisor.journal.EventType;
import chronovisor.journal.EventTypes;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.Position;
import chronovisor.journal.VmmEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** A trace in the Common Trace Format 1.8: a folder with {@code metadata} and one stream, {@code events}, in packets. */
final class CtfTrace implements AutoCloseable {

    private static final int PACKET_BYTES = 1 << 16;

    private final FileChannel out;
    private final UUID uuid;
    private ByteBuffer packet = empty(PACKET_BYTES);
    private long idle_ns;
    private long begin_ns;
    private long last_ns;

    /**
     * Begins a trace.
     *
     * @param uuid
     *            of the trace
     */
    CtfTrace(Path folder, UUID uuid, String journal) throws IOException {
        this.uuid = uuid;
        Files.writeString(folder.resolve("metadata"), CtfMetadata.text(uuid, journal));
        out = FileChannel.open(folder.resolve("events"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    private static ByteBuffer empty(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN).position(CtfMetadata.PACKET_HEAD_BYTES);
    }

    /** Writes the next event. */
    void accept(GuestEvent event) throws IOException {
        long time_ns = event.at().tick() + idle_ns;
        int start = packet.position();
        if (start == CtfMetadata.PACKET_HEAD_BYTES) {
            begin_ns = time_ns;
        } else if (start > PACKET_BYTES) {
            flush();
            begin_ns = time_ns;
        }
        last_ns = time_ns;
        write(event, time_ns);
        if (event instanceof VmmEvent.Halted halted) {
            idle_ns += halted.idle_ns();
        }
    }

    private void write(GuestEvent event, long time_ns) {
        EventType<?> type = EventTypes.of(event);
        Position cause = event.cause();
        room(64).putInt(type.id()).putLong(time_ns).putLong(event.at().tick()).putInt(event.at().sequence())
                .putInt(event.core()).putLong(cause == null ? -1 : cause.tick())
                .putInt(cause == null ? -1 : cause.sequence());
        for (EventFields.Field field : EventFields.of(type).all()) {
            switch (field.kind()) {
                case LONG -> room(8).putLong(field.number(event));
                case INT -> room(4).putInt((int) field.number(event));
                case BOOLEAN -> room(1).put((byte) field.number(event));
                case TEXT -> {
                    // A NUL ends a string of this format; the symbol for it stands for one in the text.
                    byte[] text = String.valueOf(field.value(event)).replace('\0', '\u2400')
                            .getBytes(StandardCharsets.UTF_8);
                    room(text.length + 1).put(text).put((byte) 0);
                }
                case BYTES -> {
                    byte[] bytes = ((Blob) field.value(event)).toByteArray();
                    room(bytes.length + 4).putInt(bytes.length).put(bytes);
                }
            }
        }
    }

    private ByteBuffer room(int bytes) {
        if (packet.remaining() < bytes) {
            ByteBuffer larger = empty(Math.max(packet.capacity() * 2, packet.position() + bytes));
            larger.put(CtfMetadata.PACKET_HEAD_BYTES, packet, CtfMetadata.PACKET_HEAD_BYTES,
                    packet.position() - CtfMetadata.PACKET_HEAD_BYTES).position(packet.position());
            packet = larger;
        }
        return packet;
    }

    private void flush() throws IOException {
        int end = packet.position();
        packet.position(0);
        packet.putInt(CtfMetadata.MAGIC);
        // The bytes of a UUID are in network order whatever the trace's order is.
        packet.order(ByteOrder.BIG_ENDIAN).putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits());
        packet.order(ByteOrder.LITTLE_ENDIAN).putInt(CtfMetadata.STREAM).putLong(begin_ns).putLong(last_ns)
                .putLong(end * 8L).putLong(end * 8L);
        for (ByteBuffer left = packet.slice(0, end); left.hasRemaining();) {
            out.write(left);
        }
        packet.position(CtfMetadata.PACKET_HEAD_BYTES);
    }

    /** Writes what is left. A trace without events is one without a packet. */
    @Override
    public void close() throws IOException {
        try (out) {
            if (packet.position() > CtfMetadata.PACKET_HEAD_BYTES) {
                flush();
            }
        }
    }
}
