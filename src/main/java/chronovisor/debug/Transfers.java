package chronovisor.debug;

import chronovisor.kitten.kernel.SignalDelivery;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Objects that the client reads in pieces: {@code qXfer:object:read:annex:offset,length}. */
final class Transfers {

    private final Target target;

    Transfers(Target target) {
        this.target = target;
    }

    /** Answers what follows {@code qXfer:}; empty where there is no such object. */
    byte[] answer(String request, int thread, Halt halt) {
        String[] parts = request.split(":", 4);
        if (parts.length < 4 || !parts[1].equals("read")) {
            return new byte[0];
        }
        String range = parts[3];
        int comma = range.indexOf(',');
        long offset;
        long length;
        try {
            offset = Long.parseLong(range.substring(0, Math.max(0, comma)), 16);
            length = Long.parseLong(range.substring(comma + 1), 16);
        } catch (NumberFormatException e) {
            return text("E00");
        }
        return switch (parts[0]) {
            case "features" -> parts[2].equals("target.xml")
                    ? part(text(TargetDescription.xml()), offset, length)
                    : text("E00");
            case "threads" -> part(threads().getBytes(StandardCharsets.UTF_8), offset, length);
            case "auxv" -> part(target.inferior().auxiliaryVector(thread), offset, length);
            case "exec-file" -> part(target.inferior().executable().getBytes(StandardCharsets.UTF_8), offset, length);
            case "siginfo" -> halt instanceof Halt.Signal signal
                    ? part(SignalDelivery.describe(signal.info()), offset, length)
                    : text("E.no signal is reported here");
            default -> new byte[0];
        };
    }

    private static byte[] part(byte[] whole, long offset, long length) {
        if (offset < 0 || length < 0 || offset > whole.length) {
            return text("E00");
        }
        int count = (int) Math.min(Math.min(length, whole.length - offset), Connection.PACKET_BYTES_MAX / 2 - 1);
        ByteArrayOutputStream reply = new ByteArrayOutputStream(count + 1);
        reply.write(offset + count < whole.length ? 'm' : 'l');
        reply.write(whole, (int) offset, count);
        return reply.toByteArray();
    }

    private String threads() {
        StringBuilder xml = new StringBuilder("<?xml version=\"1.0\"?>\n<threads>\n");
        Inferior inferior = target.inferior();
        for (int thread : inferior.threads()) {
            xml.append("<thread id=\"").append(Integer.toHexString(thread)).append('"');
            int core = inferior.coreOf(thread);
            if (core >= 0) {
                xml.append(" core=\"").append(core).append('"');
            }
            xml.append(" name=\"").append(escaped(inferior.name(thread))).append("\">")
                    .append(escaped(inferior.state(thread))).append("</thread>\n");
        }
        return xml.append("</threads>\n").toString();
    }

    /** As XML text. A task chooses its name itself, so characters that XML does not have become question marks. */
    private static String escaped(String text) {
        StringBuilder safe = new StringBuilder();
        text.codePoints().forEach(point -> {
            switch (point) {
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '&' -> safe.append("&amp;");
                case '"' -> safe.append("&quot;");
                default -> safe.appendCodePoint(point < ' ' || point > 0xFFFD || point >= 0xD800 && point < 0xE000
                        ? '?'
                        : point);
            }
        });
        return safe.toString();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
