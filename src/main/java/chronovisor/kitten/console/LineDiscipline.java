package chronovisor.kitten.console;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Signals;

/**
 * What a terminal does with typed characters and with written bytes. The paper's console_inbuf_add rules are the core:
 * a backspace deletes the previous character (and is discarded when there is none), a newline makes the line available,
 * characters are echoed, a reader is woken.
 */
public final class LineDiscipline {

    private LineDiscipline() {}

    /**
     * What one typed character did.
     *
     * @param terminal
     *            the terminal after it
     * @param echo
     *            bytes to transmit
     * @param signal
     *            signal for the foreground process group, or 0
     * @param wake
     *            whether readers may find something
     */
    public record Typed(Terminal terminal, byte[] echo, int signal, boolean wake) {}

    /** Whether one more character would be kept, or thrown away only because the line that it belongs to is too long. */
    public static boolean hasRoom(Terminal terminal) {
        boolean noLine = terminal.termios().canonical() && terminal.lineEnd() == 0;
        return noLine || terminal.ready().length() + terminal.editing().length() < Terminal.QUEUE_MAX - 1;
    }

    /** One character arrives. */
    public static Typed input(Terminal terminal, int received) {
        Termios modes = terminal.termios();
        int c = (modes.input() & Termios.ISTRIP) != 0 ? received & 0x7f : received & 0xFF;
        if (c == '\r') {
            if ((modes.input() & Termios.IGNCR) != 0) {
                return new Typed(terminal, new byte[0], 0, false);
            }
            c = (modes.input() & Termios.ICRNL) != 0 ? '\n' : c;
        } else if (c == '\n' && (modes.input() & Termios.INLCR) != 0) {
            c = '\r';
        }
        if ((modes.local() & Termios.ISIG) != 0) {
            int signal = signalOf(modes, c);
            if (signal != 0) {
                Terminal flushed = (modes.local() & Termios.NOFLSH) != 0 ? terminal : terminal.withInput("", "");
                Bytes echo = new Bytes();
                return new Typed(echo(flushed, c, echo), echo.toArray(), signal, false);
            }
        }
        return modes.canonical() ? canonical(terminal, c) : raw(terminal, c);
    }

    private static int signalOf(Termios modes, int c) {
        if (c == 0) {
            return 0;
        }
        if (c == modes.character(Termios.VINTR)) {
            return Signals.SIGINT;
        }
        if (c == modes.character(Termios.VQUIT)) {
            return Signals.SIGQUIT;
        }
        return c == modes.character(10) ? Signals.SIGTSTP : 0;
    }

    private static Typed raw(Terminal terminal, int c) {
        if (terminal.ready().length() >= Terminal.QUEUE_MAX) {
            return new Typed(terminal, new byte[0], 0, true);
        }
        Bytes echo = new Bytes();
        Terminal after = echo(terminal.withInput("", terminal.ready() + terminal.editing() + (char) c), c, echo);
        return new Typed(after, echo.toArray(), 0, true);
    }

    private static Typed canonical(Terminal terminal, int c) {
        Termios modes = terminal.termios();
        String line = terminal.editing();
        Bytes echo = new Bytes();
        if (c == modes.character(Termios.VERASE) || c == '\b' || c == 0x7f) {
            return erase(terminal, Math.min(1, line.length()));
        }
        if (c != 0 && c == modes.character(Termios.VKILL)) {
            return erase(terminal, line.length());
        }
        if (c != 0 && c == modes.character(Termios.VWERASE)) {
            int end = line.length();
            while (end > 0 && line.charAt(end - 1) == ' ') {
                end--;
            }
            while (end > 0 && line.charAt(end - 1) != ' ') {
                end--;
            }
            return erase(terminal, line.length() - end);
        }
        if (c != 0 && c == modes.character(Termios.VEOF)) {
            return new Typed(terminal.withInput("", terminal.ready() + line + Terminal.END_OF_FILE), new byte[0], 0,
                    true);
        }
        boolean ends = c == '\n' || (c != 0 && (c == modes.character(Termios.VEOL)
                || c == modes.character(Termios.VEOL2)));
        if (!ends && terminal.ready().length() + line.length() >= Terminal.QUEUE_MAX - 1) {
            return new Typed(terminal, new byte[0], 0, false);
        }
        if (ends) {
            Terminal after = echo(terminal.withInput("", terminal.ready() + line + (char) c), c, echo);
            return new Typed(after, echo.toArray(), 0, true);
        }
        Terminal after = echo(terminal.withInput(line + (char) c, terminal.ready()), c, echo);
        return new Typed(after, echo.toArray(), 0, false);
    }

    private static Typed erase(Terminal terminal, int count) {
        String line = terminal.editing();
        Bytes echo = new Bytes();
        if ((terminal.termios().local() & Termios.ECHO) != 0) {
            for (int i = line.length() - 1; i >= line.length() - count; i--) {
                int width = isControl(line.charAt(i)) ? 2 : 1;
                for (int column = 0; column < width; column++) {
                    echo.put8('\b').put8(' ').put8('\b');
                }
            }
        }
        return new Typed(terminal.withInput(line.substring(0, line.length() - count), terminal.ready()),
                echo.toArray(), 0, false);
    }

    private static boolean isControl(int c) {
        return (c < 32 && c != '\t' && c != '\n') || c == 127;
    }

    private static Terminal echo(Terminal terminal, int c, Bytes out) {
        Termios modes = terminal.termios();
        boolean echoes = (modes.local() & Termios.ECHO) != 0;
        if (!echoes && !(c == '\n' && (modes.local() & Termios.ECHONL) != 0 && modes.canonical())) {
            return terminal;
        }
        if (isControl(c) && (modes.local() & Termios.ECHOCTL) != 0) {
            out.put8('^').put8(c ^ 0x40);
            return terminal;
        }
        return output(terminal, new byte[]{(byte) c}, 0, 1, out);
    }

    /** Output processing of written bytes: newline becomes carriage return and newline when the modes say so. */
    public static Terminal output(Terminal terminal, byte[] bytes, int offset, int length, Bytes out) {
        Termios modes = terminal.termios();
        if ((modes.output() & Termios.OPOST) == 0) {
            out.put(bytes, offset, length);
            return terminal;
        }
        int column = terminal.column();
        for (int i = offset; i < offset + length; i++) {
            byte c = bytes[i];
            if (c == '\n' && (modes.output() & Termios.ONLCR) != 0) {
                out.put8('\r');
                column = 0;
            } else if (c == '\r' && (modes.output() & Termios.OCRNL) != 0) {
                c = '\n';
            } else if (c == '\r') {
                column = 0;
            } else if (c != '\n') {
                column++;
            }
            out.put8(c);
        }
        return column == terminal.column() ? terminal : terminal.withColumn(column);
    }
}
