package chronovisor.journal;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import org.jspecify.annotations.Nullable;

/**
 * One event as one line of JSON: {@code at}, {@code type}, {@code family}, {@code core}, {@code cause} where there is one,
 * then the record's own components by their names. Bytes are text where they are text, else {@code {"hex": "..."}}.
 * Addresses and other 64-bit patterns are plain signed numbers; argument registers of a system call too.
 */
public final class EventJson {

    private EventJson() {}

    /** The line, without its end. */
    public static String line(GuestEvent event) {
        EventType<?> type = EventTypes.of(event);
        StringBuilder out = new StringBuilder(160);
        out.append("{\"at\":\"").append(event.at()).append("\",\"type\":\"").append(type.name())
                .append("\",\"family\":\"").append(type.family()).append("\",\"core\":").append(event.core());
        Position cause = event.cause();
        if (cause != null) {
            out.append(",\"cause\":\"").append(cause).append('"');
        }
        for (RecordComponent component : type.type().getRecordComponents()) {
            if (!component.getName().equals("stamp")) {
                out.append(",\"").append(component.getName()).append("\":");
                value(out, get(component, event));
            }
        }
        return out.append('}').toString();
    }

    /** One event as one line for people: position, core where it is not 0, type, components. */
    public static String text(GuestEvent event) {
        EventType<?> type = EventTypes.of(event);
        StringBuilder out = new StringBuilder(120);
        out.append(event.at()).append(event.core() == 0 ? "" : " core " + event.core()).append(' ')
                .append(type.name());
        for (RecordComponent component : type.type().getRecordComponents()) {
            if (!component.getName().equals("stamp")) {
                Object value = get(component, event);
                out.append(' ').append(component.getName()).append('=')
                        .append(isAddress(component.getName()) && value instanceof Number number
                                ? "0x" + Long.toHexString(number.longValue())
                                : plain(value));
            }
        }
        Position cause = event.cause();
        return cause == null ? out.toString() : out.append(" cause=").append(cause).toString();
    }

    private static boolean isAddress(String component) {
        return switch (component) {
            case "address", "channel", "rip", "port", "register", "entry", "stackPointer", "start", "end", "handler",
                    "frame",
                    "errorCode", "leaf", "eax", "ebx", "ecx", "edx", "a0", "a1", "a2", "a3", "a4", "a5" ->
                true;
            default -> false;
        };
    }

    private static String plain(@Nullable Object value) {
        if (value instanceof String || value instanceof Blob blob && blob.isText()) {
            StringBuilder out = new StringBuilder();
            value(out, value);
            return out.toString();
        }
        return String.valueOf(value);
    }

    private static @Nullable Object get(RecordComponent component, GuestEvent event) {
        try {
            return component.getAccessor().invoke(event);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("events are public records", e);
        }
    }

    private static void value(StringBuilder out, @Nullable Object value) {
        if (value instanceof Blob blob) {
            if (blob.isText()) {
                quote(out, blob.toText());
            } else {
                out.append("{\"hex\":\"").append(blob.toHex()).append("\"}");
            }
        } else if (value instanceof Number || value instanceof Boolean) {
            out.append(value);
        } else {
            quote(out, String.valueOf(value));
        }
    }

    private static void quote(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 0x20 || c == 0x7F) {
                        out.append("\\u%04x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
