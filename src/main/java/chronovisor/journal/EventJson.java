package chronovisor.journal;

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
        fields(out, event, EventFields.of(type), true);
        return out.append('}').toString();
    }

    /** The record's own components alone, as a JSON object. */
    public static String fields(GuestEvent event) {
        StringBuilder out = new StringBuilder(96).append('{');
        fields(out, event, EventFields.of(EventTypes.of(event)), false);
        return out.append('}').toString();
    }

    /** One event as one line for people: position, core where it is not 0, type, components. */
    public static String text(GuestEvent event) {
        EventType<?> type = EventTypes.of(event);
        StringBuilder out = new StringBuilder(120);
        out.append(event.at()).append(event.core() == 0 ? "" : " core " + event.core()).append(' ')
                .append(type.name());
        for (EventFields.Field field : EventFields.of(type).all()) {
            out.append(' ').append(field.name()).append('=');
            if (field.kind() == EventFields.Kind.LONG || field.kind() == EventFields.Kind.INT) {
                // A negative int in hexadecimal has the sixteen digits that a long has: registers are shown whole.
                out.append(isAddress(field.name())
                        ? "0x" + Long.toHexString(field.number(event))
                        : Long.toString(field.number(event)));
            } else {
                plain(out, field, event);
            }
        }
        Position cause = event.cause();
        return cause == null ? out.toString() : out.append(" cause=").append(cause).toString();
    }

    private static boolean isAddress(String component) {
        return switch (component) {
            case "address", "channel", "rip", "port", "register", "entry", "stackPointer", "start", "end", "handler",
                    "frame",
                    "errorCode", "returnAddress", "leaf", "eax", "ebx", "ecx", "edx", "a0", "a1", "a2", "a3", "a4",
                    "a5" ->
                true;
            default -> false;
        };
    }

    private static void plain(StringBuilder out, EventFields.Field field, GuestEvent event) {
        if (field.kind() == EventFields.Kind.BYTES && field.value(event) instanceof Blob blob && !blob.isText()) {
            out.append(blob);
        } else {
            value(out, field, event);
        }
    }

    private static void fields(StringBuilder out, GuestEvent event, EventFields fields, boolean others) {
        boolean comma = others;
        for (EventFields.Field field : fields.all()) {
            out.append(comma ? ",\"" : "\"").append(field.name()).append("\":");
            value(out, field, event);
            comma = true;
        }
    }

    private static void value(StringBuilder out, EventFields.Field field, GuestEvent event) {
        switch (field.kind()) {
            case LONG, INT -> out.append(field.number(event));
            case BOOLEAN -> out.append(field.number(event) != 0);
            case TEXT -> quote(out, (String) field.value(event));
            case BYTES -> {
                Blob blob = (Blob) field.value(event);
                if (blob.isText()) {
                    quote(out, blob.toText());
                } else {
                    out.append("{\"hex\":\"").append(blob.toHex()).append("\"}");
                }
            }
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
