package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.FileMode;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.console.LineDiscipline;
import chronovisor.kitten.console.PseudoTerminal;
import chronovisor.kitten.console.Terminal;
import chronovisor.kitten.console.Termios;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.file.Ring;
import chronovisor.kitten.task.WaitKey;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * Pseudo terminals, pty(7): both directions are queues, and the line discipline sits at the terminal's end.
 *
 * <pre>
 *   master write --&gt; typed --&gt; LineDiscipline.input --&gt; Terminal.ready --&gt; read of /dev/pts/N
 *   master read &lt;-- output &lt;-- echo, LineDiscipline.output &lt;-- write to /dev/pts/N
 * </pre>
 */
public final class PseudoTerminals {

    private static final String DIRECTORY = "/dev/pts";
    private static final int MAJOR = 0x8800;
    private static final int TTY_GROUP = 5;
    private static final int RING_FRAMES = 16;
    private static final int TERMINALS_MAX = 256;

    private PseudoTerminals() {}

    /** The master's side of a terminal, or null when the terminal is a serial line. */
    public static @Nullable PseudoTerminal of(Trap t, int port) {
        return t.attachments().pseudoTerminals().get(port);
    }

    /** The master's side of a terminal that has one. */
    public static PseudoTerminal get(Trap t, int port) {
        PseudoTerminal pseudo = of(t, port);
        if (pseudo == null) {
            throw new IllegalStateException("terminal " + port + " has no master");
        }
        return pseudo;
    }

    private static void put(Trap t, PseudoTerminal pseudo) {
        t.put(t.attachments().with(pseudo));
    }

    /** Opening /dev/ptmx: a new terminal, and its name in /dev/pts. */
    public static OpenFile.OnMaster create(Trap t) {
        int number = 0;
        while (of(t, Terminal.PSEUDO + number) != null) {
            number++;
        }
        if (number >= TERMINALS_MAX) {
            throw new LinuxError(Errno.ENOSPC);
        }
        PseudoTerminal pseudo = new PseudoTerminal(number, ring(t), ring(t), true, false, false, 0);
        put(t, pseudo);
        t.put(Terminal.create(pseudo.port()).withSize(0, 0).withTermios(Termios.PSEUDO));
        Inode directory = directory(t);
        if (directory != null) {
            Inode inode = Inode.create(t.nextInode(), FileMode.S_IFCHR | 0620, t.process().credentials().fsuid(),
                    TTY_GROUP, new Inode.Device(), t.realtime_ns()).withDevice(device(pseudo.port()));
            t.put(inode);
            Inodes.addEntry(t, directory.number(), String.valueOf(number), inode.number(), false);
        }
        return new OpenFile.OnMaster(pseudo.port());
    }

    private static Ring ring(Trap t) {
        PVector<Long> frames = TreePVector.empty();
        for (int i = 0; i < RING_FRAMES; i++) {
            frames = frames.plus(t.allocateKernelFrame());
        }
        return new Ring(frames, 0, 0);
    }

    private static @Nullable Inode directory(Trap t) {
        long found;
        try {
            found = Paths.from(t, KernelState.ROOT, DIRECTORY, true).inode();
        } catch (LinuxError e) {
            // Whoever took /dev away has terminals without names.
            return null;
        }
        Inode inode = found == 0 ? null : Inodes.get(t, found);
        return inode != null && inode.content() instanceof Inode.Directory ? inode : null;
    }

    /** The device number of a terminal. */
    static int device(int port) {
        return MAJOR | port - Terminal.PSEUDO;
    }

    /** Which terminal a device number means, -1 when it is none of these. */
    public static int port(long device) {
        return device >>> 8 == MAJOR >>> 8 ? Terminal.PSEUDO + (int) (device & 0xFF) : -1;
    }

    /** Somebody opens the terminal: fails with EIO while it is locked. */
    public static void opened(Trap t, int port) {
        PseudoTerminal pseudo = of(t, port);
        if (pseudo != null) {
            if (pseudo.locked()) {
                throw new LinuxError(Errno.EIO);
            }
            put(t, pseudo.withLeft(false));
        }
    }

    /** An open file was closed for good, and may have been the last of its side. */
    static void closed(Trap t, OpenFile.End end) {
        if (end instanceof OpenFile.OnMaster master) {
            destroy(t, master.port());
        } else if (end instanceof OpenFile.OnTerminal terminal) {
            left(t, terminal.port());
        }
    }

    /** Tells the master when nobody has the terminal open any more. */
    static void left(Trap t, int port) {
        PseudoTerminal pseudo = of(t, port);
        boolean open = t.files().values().stream()
                .anyMatch(file -> file.end() instanceof OpenFile.OnTerminal other && other.port() == port);
        if (pseudo != null && !open) {
            put(t, pseudo.withLeft(true));
            wake(t, port);
        }
    }

    private static void destroy(Trap t, int port) {
        ControllingTerminals.hangUp(t, port);
        PseudoTerminal pseudo = get(t, port);
        pseudo.typed().frames().forEach(t::releaseKernelFrame);
        pseudo.output().frames().forEach(t::releaseKernelFrame);
        t.put(t.attachments().withoutPseudoTerminal(port));
        t.removeTerminal(port);
        Inode directory = directory(t);
        if (directory != null && directory.content() instanceof Inode.Directory content) {
            String name = String.valueOf(pseudo.number());
            Inode named = t.findInode(content.entries().getOrDefault(name, 0L));
            if (named != null && named.device() == device(port)) {
                Inodes.removeEntry(t, directory.number(), name, false);
                Inodes.dropLink(t, named.number(), 1);
            }
        }
    }

    private static void wake(Trap t, int port) {
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.TERMINAL, port));
    }

    /** The master types: returns how many bytes there was room for. */
    public static int type(Trap t, int port, byte[] bytes) {
        PseudoTerminal pseudo = get(t, port);
        int count = Math.min(bytes.length, pseudo.typed().space());
        if (count > 0) {
            put(t, pseudo.withTyped(Consoles.put(t, pseudo.typed(), bytes, 0, count)));
            deliver(t, port);
        }
        return count;
    }

    /** Hands what was typed to the line discipline, as far as that has room: at first, and whenever somebody has read. */
    public static void deliver(Trap t, int port) {
        PseudoTerminal pseudo = of(t, port);
        if (pseudo == null) {
            return;
        }
        byte[] one = new byte[1];
        boolean any = false;
        while (pseudo.typed().amount() > 0 && LineDiscipline.hasRoom(t.terminal(port))) {
            put(t, pseudo.withTyped(Consoles.take(t, pseudo.typed(), one)));
            Consoles.typed(t, port, one[0] & 0xFF);
            pseudo = get(t, port);
            any = true;
        }
        if (any) {
            wake(t, port);
        }
    }

    /** What the line discipline sends back: what there is no room for is lost, as on a line that nobody reads. */
    static void echo(Trap t, int port, byte[] bytes) {
        PseudoTerminal pseudo = get(t, port);
        int count = Math.min(bytes.length, pseudo.output().space());
        put(t, pseudo.withOutput(Consoles.put(t, pseudo.output(), bytes, 0, count)));
        wake(t, port);
    }

    /** A write to the terminal: returns how many of the bytes there was room for, output processing included. */
    static int write(Trap t, Terminal terminal, byte[] bytes) {
        PseudoTerminal pseudo = get(t, terminal.port());
        int room = pseudo.output().space();
        int count = bytes.length;
        Bytes out = new Bytes(count + 16);
        Terminal after = LineDiscipline.output(terminal, bytes, 0, count, out);
        if (out.length() > room) {
            // No byte becomes more than two.
            count = Math.min(count, room / 2);
            out = new Bytes(room);
            after = LineDiscipline.output(terminal, bytes, 0, count, out);
        }
        if (count == 0) {
            return 0;
        }
        t.put(after);
        put(t, pseudo.withOutput(Consoles.put(t, pseudo.output(), out.toArray())));
        t.observer.consoleWritten(t.core(), t.current(), Consoles.name(terminal.port()), Arrays.copyOf(bytes, count));
        wake(t, terminal.port());
        return count;
    }

    /** A read by the master: null when there is nothing yet; fails with EIO when nobody is at the terminal. */
    public static byte @Nullable [] read(Trap t, int port, int length) {
        PseudoTerminal pseudo = get(t, port);
        if (pseudo.packets() && pseudo.happened() != 0) {
            put(t, pseudo.withHappened(0));
            return new byte[]{(byte) pseudo.happened()};
        }
        int head = pseudo.packets() ? 1 : 0;
        int count = Math.min(length - head, pseudo.output().amount());
        if (pseudo.output().amount() == 0) {
            if (pseudo.left()) {
                throw new LinuxError(Errno.EIO);
            }
            return null;
        }
        byte[] bytes = new byte[count];
        put(t, pseudo.withOutput(Consoles.take(t, pseudo.output(), bytes)));
        wake(t, port);
        byte[] told = new byte[head + count];
        System.arraycopy(bytes, 0, told, head, count);
        return told;
    }

    /** Throws away what was typed, or what was written and not read yet. */
    public static void flush(Trap t, int port, boolean input, boolean output) {
        PseudoTerminal pseudo = of(t, port);
        if (pseudo == null) {
            return;
        }
        PseudoTerminal flushed = input ? pseudo.withTyped(emptied(pseudo.typed())) : pseudo;
        flushed = output ? flushed.withOutput(emptied(flushed.output())) : flushed;
        if (pseudo.packets()) {
            flushed = flushed.withHappened(pseudo.happened() | (input ? PseudoTerminal.FLUSHED_INPUT : 0)
                    | (output ? PseudoTerminal.FLUSHED_OUTPUT : 0));
        }
        put(t, flushed);
        wake(t, port);
    }

    private static Ring emptied(Ring ring) {
        return ring.afterRead(ring.amount());
    }

    /** Changes the lock or the way the master reads. */
    public static void change(Trap t, PseudoTerminal changed) {
        put(t, changed);
        wake(t, changed.port());
    }
}
