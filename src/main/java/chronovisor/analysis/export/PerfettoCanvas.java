package chronovisor.analysis.export;

import chronovisor.journal.Blob;
import chronovisor.journal.EventFields;
import chronovisor.journal.EventJson;
import chronovisor.journal.EventTypes;
import chronovisor.journal.GuestEvent;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Perfetto's traces, as their published schema has them (perfetto/trace/trace.proto, trace_packet.proto, track_event.proto): a packet for
 * each track and each event on it. Written by field numbers, since of some nine hundred messages a dozen fields are needed.
 */
final class PerfettoCanvas implements Canvas {

    /** All packets come from one writer. */
    private static final int SEQUENCE = 1;

    /** Field numbers of the schema: message, then field. */
    private static final int TRACE_PACKET = 1;
    private static final int PACKET_TIMESTAMP = 8;
    private static final int PACKET_SEQUENCE = 10;
    private static final int PACKET_TRACK_EVENT = 11;
    private static final int PACKET_SEQUENCE_FLAGS = 13;
    private static final int PACKET_TRACK_DESCRIPTOR = 60;
    private static final int DESCRIPTOR_UUID = 1;
    private static final int DESCRIPTOR_NAME = 2;
    private static final int DESCRIPTOR_PROCESS = 3;
    private static final int DESCRIPTOR_THREAD = 4;
    private static final int DESCRIPTOR_PARENT = 5;
    private static final int DESCRIPTOR_COUNTER = 8;
    private static final int PROCESS_PID = 1;
    private static final int PROCESS_NAME = 6;
    private static final int THREAD_PID = 1;
    private static final int THREAD_TID = 2;
    private static final int THREAD_NAME = 5;
    private static final int COUNTER_UNIT = 3;
    private static final int UNIT_COUNT = 2;
    private static final int UNIT_SIZE_BYTES = 3;
    private static final int EVENT_ANNOTATION = 4;
    private static final int EVENT_TYPE = 9;
    private static final int EVENT_TRACK = 11;
    private static final int EVENT_CATEGORY = 22;
    private static final int EVENT_NAME = 23;
    private static final int EVENT_VALUE = 30;
    private static final int EVENT_FLOW = 47;
    private static final int TYPE_SLICE_BEGIN = 1;
    private static final int TYPE_SLICE_END = 2;
    private static final int TYPE_INSTANT = 3;
    private static final int TYPE_COUNTER = 4;
    private static final int ANNOTATION_BOOL = 2;
    private static final int ANNOTATION_INT = 4;
    private static final int ANNOTATION_STRING = 6;
    private static final int ANNOTATION_NAME = 10;
    /** SEQ_INCREMENTAL_STATE_CLEARED: nothing before the first packet is missing. */
    private static final int FLAG_CLEARED = 1;

    /** Writes the fields of a message. */
    @FunctionalInterface
    private interface Fields {
        void write(CodedOutputStream to) throws IOException;
    }

    private final CodedOutputStream out;
    private boolean first = true;

    PerfettoCanvas(OutputStream out) {
        this.out = CodedOutputStream.newInstance(out, 1 << 16);
    }

    private static void message(CodedOutputStream to, int number, Fields fields) throws IOException {
        ByteString.Output bytes = ByteString.newOutput(128);
        CodedOutputStream inside = CodedOutputStream.newInstance(bytes, 128);
        fields.write(inside);
        inside.flush();
        to.writeBytes(number, bytes.toByteString());
    }

    private void packet(Fields fields) throws IOException {
        message(out, TRACE_PACKET, packet -> {
            packet.writeUInt32(PACKET_SEQUENCE, SEQUENCE);
            if (first) {
                packet.writeUInt32(PACKET_SEQUENCE_FLAGS, FLAG_CLEARED);
                first = false;
            }
            fields.write(packet);
        });
    }

    private void event(long time, Fields fields) throws IOException {
        packet(packet -> {
            packet.writeUInt64(PACKET_TIMESTAMP, time);
            message(packet, PACKET_TRACK_EVENT, fields);
        });
    }

    @Override
    public void track(Track track) throws IOException {
        Track parent = track.parent();
        packet(packet -> message(packet, PACKET_TRACK_DESCRIPTOR, to -> {
            to.writeUInt64(DESCRIPTOR_UUID, track.id());
            to.writeString(DESCRIPTOR_NAME, track.name());
            if (parent != null) {
                to.writeUInt64(DESCRIPTOR_PARENT, parent.id());
            }
            switch (track.kind()) {
                case GROUP -> message(to, DESCRIPTOR_PROCESS, process -> {
                    process.writeInt32(PROCESS_PID, track.group());
                    process.writeString(PROCESS_NAME, track.name());
                });
                case THREAD -> message(to, DESCRIPTOR_THREAD, thread -> {
                    thread.writeInt32(THREAD_PID, track.group());
                    thread.writeInt32(THREAD_TID, track.number());
                    thread.writeString(THREAD_NAME, track.name());
                });
                case NUMBERS -> message(to, DESCRIPTOR_COUNTER, unit -> unit.writeEnum(COUNTER_UNIT, UNIT_COUNT));
                case BYTES -> message(to, DESCRIPTOR_COUNTER, unit -> unit.writeEnum(COUNTER_UNIT, UNIT_SIZE_BYTES));
            }
        }));
    }

    @Override
    public void begin(Track track, long time, String name, String category, @Nullable GuestEvent event,
            @Nullable Source source, @Nullable Source in) throws IOException {
        event(time, to -> {
            to.writeEnum(EVENT_TYPE, TYPE_SLICE_BEGIN);
            to.writeUInt64(EVENT_TRACK, track.id());
            to.writeString(EVENT_CATEGORY, category);
            to.writeString(EVENT_NAME, name);
            details(to, event);
            if (source != null) {
                to.writeFixed64(EVENT_FLOW, source.id());
            }
            if (in != null) {
                to.writeFixed64(EVENT_FLOW, in.id());
            }
        });
    }

    @Override
    public void end(Track track, long time, @Nullable GuestEvent event) throws IOException {
        event(time, to -> {
            to.writeEnum(EVENT_TYPE, TYPE_SLICE_END);
            to.writeUInt64(EVENT_TRACK, track.id());
            if (event != null) {
                annotation(to, "ended", EventJson.text(event));
            }
        });
    }

    @Override
    public void instant(Track track, long time, String name, String category, GuestEvent event) throws IOException {
        event(time, to -> {
            to.writeEnum(EVENT_TYPE, TYPE_INSTANT);
            to.writeUInt64(EVENT_TRACK, track.id());
            to.writeString(EVENT_CATEGORY, category);
            to.writeString(EVENT_NAME, name);
            details(to, event);
        });
    }

    @Override
    public void value(Track track, long time, long value) throws IOException {
        event(time, to -> {
            to.writeEnum(EVENT_TYPE, TYPE_COUNTER);
            to.writeUInt64(EVENT_TRACK, track.id());
            to.writeInt64(EVENT_VALUE, value);
        });
    }

    private static void annotation(CodedOutputStream to, String name, String value) throws IOException {
        message(to, EVENT_ANNOTATION, annotation -> {
            annotation.writeString(ANNOTATION_NAME, name);
            annotation.writeString(ANNOTATION_STRING, value);
        });
    }

    private static void details(CodedOutputStream to, @Nullable GuestEvent event) throws IOException {
        if (event == null) {
            return;
        }
        annotation(to, "at", event.at().toString());
        annotation(to, "type", EventTypes.of(event).name());
        for (EventFields.Field field : EventFields.of(EventTypes.of(event)).all()) {
            message(to, EVENT_ANNOTATION, annotation -> {
                annotation.writeString(ANNOTATION_NAME, field.name());
                switch (field.kind()) {
                    case LONG, INT -> annotation.writeInt64(ANNOTATION_INT, field.number(event));
                    case BOOLEAN -> annotation.writeBool(ANNOTATION_BOOL, field.number(event) != 0);
                    case TEXT -> annotation.writeString(ANNOTATION_STRING, String.valueOf(field.value(event)));
                    case BYTES -> annotation.writeString(ANNOTATION_STRING,
                            field.value(event) instanceof Blob blob ? blob.toString() : "");
                }
            });
        }
    }

    @Override
    public void finish() throws IOException {
        out.flush();
    }
}
