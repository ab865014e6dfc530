package chronovisor.analysis.export;

import chronovisor.journal.EventFields;
import chronovisor.journal.EventType;
import chronovisor.journal.EventTypes;
import java.util.Locale;
import java.util.UUID;

/**
 * The metadata of a trace in the Common Trace Format 1.8, in its own language (TSDL): one clock, one stream, a class of events for each
 * type of the table of events. Names of fields have an underscore in front, which readers take away: some are words of that language.
 */
final class CtfMetadata {

    /** What a packet begins with. */
    static final int MAGIC = 0xC1FC1FC1;
    static final int STREAM = 0;

    /** Bytes before the first event of a packet: magic, UUID, stream; times of its ends, sizes of content and packet in bits. */
    static final int PACKET_HEAD_BYTES = 4 + 16 + 4 + 4 * 8;

    private CtfMetadata() {}

    static String text(UUID uuid, String journal) {
        StringBuilder text = new StringBuilder(8192);
        text.append("/* CTF 1.8 */\n\n");
        for (int bits : new int[]{8, 16, 32, 64}) {
            integer(text, bits, false, "");
            integer(text, bits, true, "");
        }
        text.append(String.format(Locale.ROOT, """

                trace {
                    major = 1;
                    minor = 8;
                    uuid = "%1$s";
                    byte_order = le;
                    packet.header := struct {
                        uint32_t magic;
                        uint8_t uuid[16];
                        uint32_t stream_id;
                    };
                };

                env {
                    tracer_name = "chronovisor";
                    journal = "%2$s";
                };

                clock {
                    name = "virtual";
                    description = "virtual time of the machine: a nanosecond an instruction, and what was skipped while idle";
                    freq = 1000000000;
                    precision = 0;
                    offset = 0;
                };

                """, uuid, journal.replaceAll("[^A-Za-z0-9._-]", "_")));
        text.append("typealias integer { size = 64; align = 8; signed = false; map = clock.virtual.value; } := "
                + "virtual_time_t;\n");
        text.append("""

                stream {
                    id = 0;
                    packet.context := struct {
                        virtual_time_t timestamp_begin;
                        virtual_time_t timestamp_end;
                        uint64_t content_size;
                        uint64_t packet_size;
                    };
                    event.header := struct {
                        uint32_t id;
                        virtual_time_t timestamp;
                    };
                    event.context := struct {
                        uint64_t _tick;
                        uint32_t _sequence;
                        uint32_t _core;
                        int64_t _cause_tick;
                        int32_t _cause_sequence;
                    };
                };
                """);
        for (EventType<?> type : EventTypes.all()) {
            event(text, type);
        }
        return text.toString();
    }

    private static void integer(StringBuilder text, int bits, boolean signed, String more) {
        text.append("typealias integer { size = ").append(bits).append("; align = 8; signed = ").append(signed)
                .append(';').append(more).append(" } := ").append(signed ? "int" : "uint").append(bits)
                .append("_t;\n");
    }

    private static void event(StringBuilder text, EventType<?> type) {
        text.append("\nevent {\n    id = ").append(type.id()).append(";\n    name = \"").append(type.family())
                .append(':').append(type.name()).append("\";\n    stream_id = ").append(STREAM)
                .append(";\n    fields := struct {\n");
        for (EventFields.Field field : EventFields.of(type).all()) {
            String name = "_" + field.name();
            text.append("        ").append(switch (field.kind()) {
                case LONG -> "int64_t " + name;
                case INT -> "int32_t " + name;
                case BOOLEAN -> "uint8_t " + name;
                case TEXT -> "string " + name;
                case BYTES -> "uint32_t " + name + "_length;\n        uint8_t " + name + "[" + name + "_length]";
            }).append(";\n");
        }
        text.append("    };\n};\n");
    }
}
