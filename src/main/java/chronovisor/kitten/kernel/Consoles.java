package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.console.InputBuffer;
import chronovisor.kitten.console.KeyboardDriver;
import chronovisor.kitten.console.LineDiscipline;
import chronovisor.kitten.console.SerialDriver;
import chronovisor.kitten.console.Stream;
import chronovisor.kitten.console.Terminal;
import chronovisor.kitten.console.Termios;
import chronovisor.kitten.file.Ring;
import chronovisor.kitten.task.WaitKey;
import java.nio.charset.StandardCharsets;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/** Terminals and raw streams on the serial ports, joined to tasks that wait for them. */
public final class Consoles {

    /** The console's serial port. */
    public static final int CONSOLE = 0;

    private static final int STREAM_FRAMES = 16;

    private Consoles() {}

    /** Sets up the serial ports that answer: the console as a terminal, the others as configured. */
    public static void initialize(Trap t) {
        for (int port = 0; port < SerialDriver.PORTS; port++) {
            if (port != CONSOLE && !SerialDriver.present(t.machine, port)) {
                continue;
            }
            SerialDriver.initialize(t.machine, port);
            if (port == CONSOLE || t.options.tty()) {
                t.put(Terminal.create(port));
            } else {
                PVector<Long> frames = TreePVector.empty();
                for (int i = 0; i < STREAM_FRAMES; i++) {
                    frames = frames.plus(t.allocateKernelFrame());
                }
                t.put(new Stream(port, new Ring(frames, 0, 0), false, false));
            }
            // Kitten's own console hears nothing by its serial port: it is typed on the keyboard.
            boolean heard = port != CONSOLE || t.options.has("vfs");
            SerialDriver.interrupts(t.machine, port, heard, heard);
        }
        if (KeyboardDriver.present(t.machine)) {
            Boot.openLine(t.machine, KeyboardDriver.LINE);
        }
    }

    /** The device path of a port. */
    public static String name(int port) {
        if (port >= Terminal.PSEUDO) {
            return "/dev/pts/" + (port - Terminal.PSEUDO);
        }
        return port == CONSOLE ? "/dev/console" : "/dev/ttyS" + port;
    }

    /** The device number of a port. */
    static int device(int port) {
        if (port >= Terminal.PSEUDO) {
            return PseudoTerminals.device(port);
        }
        return port == CONSOLE ? 0x501 : 0x440 + port;
    }

    /** Prints a line of the kernel's own on the console. */
    public static void print(Trap t, String line) {
        t.observer.message(line);
        if (t.terminals().containsKey(CONSOLE)) {
            byte[] text = (line + "\n").getBytes(StandardCharsets.ISO_8859_1);
            write(t, t.terminal(CONSOLE), text);
        }
    }

    /** Writes through a terminal's output processing; returns how many bytes there was room for. */
    public static int write(Trap t, Terminal terminal, byte[] bytes) {
        if (PseudoTerminals.of(t, terminal.port()) != null) {
            return PseudoTerminals.write(t, terminal, bytes);
        }
        Bytes out = new Bytes(bytes.length + 16);
        Terminal after = LineDiscipline.output(terminal, bytes, 0, bytes.length, out);
        if (after.column() != terminal.column()) {
            t.put(after);
        }
        byte[] cooked = out.toArray();
        SerialDriver.transmit(t.machine, terminal.port(), cooked, 0, cooked.length);
        t.observer.consoleWritten(t.core(), t.current(), name(terminal.port()), bytes);
        return bytes.length;
    }

    /** Writes bytes to a raw stream as they are. */
    public static void write(Trap t, Stream stream, byte[] bytes) {
        SerialDriver.transmit(t.machine, stream.port(), bytes, 0, bytes.length);
        t.observer.consoleWritten(t.core(), t.current(), name(stream.port()), bytes);
    }

    /** Serves an interrupt on a line: every port on it is asked. */
    public static void interrupt(Trap t, int line) {
        if (line == KeyboardDriver.LINE) {
            keyboardInput(t);
            return;
        }
        if (line == BalloonProcess.LINE) {
            BalloonProcess.wanted(t);
            return;
        }
        for (int port = 0; port < SerialDriver.PORTS; port++) {
            if (SerialDriver.line(port) != line) {
                continue;
            }
            if (t.terminals().containsKey(port)) {
                terminalInput(t, port);
            } else if (t.streams().containsKey(port)) {
                streamInput(t, port);
            }
        }
    }

    private static void terminalInput(Trap t, int port) {
        SerialDriver.Received received = SerialDriver.receive(t.machine, port, Terminal.QUEUE_MAX);
        for (byte character : received.bytes()) {
            typed(t, port, character & 0xFF);
        }
        if (received.carrierLost()) {
            t.put(t.terminal(port).withHangup());
            Scheduler.wake(t, new WaitKey(WaitKey.Kind.TERMINAL, port));
        }
    }

    /** A character arrives at a terminal: kept, echoed, or a signal. */
    static void typed(Trap t, int port, int character) {
        t.observer.consoleInput(t.core(), name(port), character);
        LineDiscipline.Typed typed = LineDiscipline.input(t.terminal(port), character);
        t.put(typed.terminal());
        if (typed.echo().length > 0) {
            if (PseudoTerminals.of(t, port) != null) {
                PseudoTerminals.echo(t, port, typed.echo());
            } else {
                SerialDriver.transmit(t.machine, port, typed.echo(), 0, typed.echo().length);
            }
        }
        if (typed.signal() != 0) {
            ControllingTerminals.signal(t, typed.terminal(), typed.signal());
        }
        if (typed.wake()) {
            Scheduler.wake(t, new WaitKey(WaitKey.Kind.TERMINAL, port));
        }
    }

    /** A scan code: to the terminal, to the paper's input buffer, or, in the kernel of 2012, only told. */
    private static void keyboardInput(Trap t) {
        KeyboardDriver.Received received = KeyboardDriver.receive(t.machine);
        if (received.code() < 0) {
            return;
        }
        boolean terminal = t.options.has("vfs");
        if (!terminal && !t.options.has("console_read")) {
            print(t, "Keyboard Interrupt: status=" + received.status() + ", key=" + received.code());
            return;
        }
        int held = KeyboardDriver.modifiers(t.consoleInput().modifiers(), received.code());
        t.put(t.consoleInput().withModifiers(held));
        char character = KeyboardDriver.character(held, received.code(), terminal);
        if (character != 0 && terminal) {
            typed(t, CONSOLE, KeyboardDriver.terminalCharacter(character));
        } else if (character != 0) {
            buffered(t, character);
        }
    }

    /** The paper's console_inbuf_add: store or take back, echo, wake readers. */
    private static void buffered(Trap t, char character) {
        t.observer.consoleInput(t.core(), name(CONSOLE), character);
        InputBuffer buffer = t.consoleInput();
        if (buffer.overflows(character)) {
            print(t, "ERROR: Console input buffer full.");
        }
        t.put(buffer.add(character));
        Bytes echo = new Bytes();
        t.put(LineDiscipline.output(t.terminal(CONSOLE), new byte[]{(byte) character}, 0, 1, echo));
        SerialDriver.transmit(t.machine, CONSOLE, echo.toArray(), 0, echo.length());
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.TERMINAL, CONSOLE));
    }

    /** Whether a read of a terminal finds something now. */
    public static boolean readable(Trap t, Terminal terminal) {
        return buffered(t, terminal) ? t.consoleInput().readable() : terminal.readable();
    }

    /** Whether a terminal is Kitten's own console, which has a buffer and no modes. */
    private static boolean buffered(Trap t, Terminal terminal) {
        return terminal.port() == CONSOLE && !t.options.has("vfs");
    }

    private static void streamInput(Trap t, int port) {
        Stream stream = t.stream(port);
        Ring ring = stream.input();
        SerialDriver.Received received = SerialDriver.receive(t.machine, port, ring.space());
        if (received.bytes().length > 0) {
            ring = put(t, ring, received.bytes());
            for (byte character : received.bytes()) {
                t.observer.consoleInput(t.core(), name(port), character & 0xFF);
            }
        }
        boolean full = ring.space() < SerialDriver.FIFO_BYTES;
        if (full && !stream.throttled()) {
            SerialDriver.interrupts(t.machine, port, false, true);
        }
        t.put(new Stream(port, ring, stream.ended() || received.carrierLost(), full || stream.throttled()));
        if (received.bytes().length > 0 || received.carrierLost()) {
            Scheduler.wake(t, new WaitKey(WaitKey.Kind.STREAM, port));
        }
    }

    /** Takes up to {@code length} bytes from a stream; there must be some. Turns a throttled port on again. */
    public static byte[] read(Trap t, int port, int length) {
        Stream stream = t.stream(port);
        byte[] bytes = new byte[Math.min(length, stream.input().amount())];
        Ring after = take(t, stream.input(), bytes);
        boolean resume = stream.throttled() && after.space() >= after.capacity() / 2;
        t.put(new Stream(port, after, stream.ended(), stream.throttled() && !resume));
        if (resume) {
            SerialDriver.interrupts(t.machine, port, true, true);
        }
        return bytes;
    }

    /** Takes what a read of a terminal may have: a line at most in canonical mode. Empty at end of file. */
    public static byte[] read(Trap t, Terminal terminal, int length) {
        if (buffered(t, terminal)) {
            InputBuffer buffer = t.consoleInput();
            int count = Math.min(length, buffer.characters().length());
            t.put(buffer.afterRead(count));
            return buffer.characters().substring(0, count).getBytes(StandardCharsets.ISO_8859_1);
        }
        String ready = terminal.ready();
        boolean canonical = terminal.termios().canonical();
        int available = canonical ? terminal.lineEnd() : ready.length();
        int count = Math.min(available, length);
        String taken = ready.substring(0, count);
        int consumed = count;
        int end = taken.indexOf(Terminal.END_OF_FILE);
        if (canonical && end >= 0) {
            taken = taken.substring(0, end);
        } else if (canonical && count < available && ready.charAt(count) == Terminal.END_OF_FILE) {
            // An end of file right after a full read belongs to that read.
            consumed++;
        }
        t.put(terminal.withInput(terminal.editing(), ready.substring(consumed)));
        PseudoTerminals.deliver(t, terminal.port());
        return taken.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Whether a terminal in raw mode returns at once even without input. */
    public static boolean polls(Terminal terminal) {
        return patience_ns(terminal) == 0;
    }

    /**
     * How long a read waits: {@link Long#MAX_VALUE} for as long as it takes. In raw mode VTIME says it, in tenths of a second: from the
     * beginning when no character is needed (VMIN is 0), else from the last one.
     */
    public static long patience_ns(Terminal terminal) {
        Termios modes = terminal.termios();
        boolean none = modes.character(Termios.VMIN) == 0;
        if (modes.canonical() || !none && (terminal.ready().isEmpty() || modes.character(Termios.VTIME) == 0)) {
            return Long.MAX_VALUE;
        }
        return modes.character(Termios.VTIME) * 100_000_000L;
    }

    /** Puts bytes at a queue's end; there must be room. */
    public static Ring put(Trap t, Ring ring, byte[] bytes) {
        return put(t, ring, bytes, 0, bytes.length);
    }

    /** Puts part of an array at a queue's end; there must be room. */
    public static Ring put(Trap t, Ring ring, byte[] bytes, int offset, int length) {
        int done = 0;
        while (done < length) {
            long at = ring.address(ring.written() + done);
            int count = (int) Math.min(length - done, 4096 - (at & 4095));
            t.memory().write(at, bytes, offset + done, count);
            done += count;
        }
        return ring.afterWrite(length);
    }

    /** Takes bytes from a queue's front, as many as the array holds; there must be so many. */
    public static Ring take(Trap t, Ring ring, byte[] bytes) {
        int done = 0;
        while (done < bytes.length) {
            long at = ring.address(ring.read() + done);
            int count = (int) Math.min(bytes.length - done, 4096 - (at & 4095));
            t.memory().read(at, bytes, done, count);
            done += count;
        }
        return ring.afterRead(bytes.length);
    }
}
