package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.console.PseudoTerminal;
import chronovisor.kitten.console.Terminal;
import chronovisor.kitten.console.Termios;
import chronovisor.kitten.file.DescriptorTable;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.kernel.Consoles;
import chronovisor.kitten.kernel.ControllingTerminals;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.Inodes;
import chronovisor.kitten.kernel.KernelState;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Paths;
import chronovisor.kitten.kernel.PseudoTerminals;
import chronovisor.kitten.kernel.Scheduler;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.WaitKey;
import java.util.Set;

/** ioctl(2): what all files know, and what terminals know. */
final class TerminalCalls {

    private static final int TCGETS = 0x5401;
    private static final int TCSETS = 0x5402;
    private static final int TCSETSW = 0x5403;
    private static final int TCSETSF = 0x5404;
    /** With the struct termio of System V. */
    private static final int TCGETA = 0x5405;
    private static final int TCSETA = 0x5406;
    private static final int TCSETAW = 0x5407;
    private static final int TCSETAF = 0x5408;
    private static final int TCSBRK = 0x5409;
    private static final int TCXONC = 0x540A;
    private static final int TCFLSH = 0x540B;
    private static final int TCSBRKP = 0x5425;
    private static final int TIOCSCTTY = 0x540E;
    private static final int TIOCGPGRP = 0x540F;
    private static final int TIOCSPGRP = 0x5410;
    private static final int TIOCGWINSZ = 0x5413;
    private static final int TIOCSWINSZ = 0x5414;
    private static final int TIOCOUTQ = 0x5411;
    private static final int TIOCGETD = 0x5424;
    private static final int TIOCPKT = 0x5420;
    private static final int TIOCGPTPEER = 0x5441;
    private static final int TIOCGPTN = 0x80045430;
    private static final int TIOCSPTLCK = 0x40045431;
    private static final int TIOCSIG = 0x40045436;
    private static final int TIOCGPKT = 0x80045438;
    private static final int TIOCGPTLCK = 0x80045439;
    private static final int FIONREAD = 0x541B;
    private static final int RNDGETENTCNT = 0x8004_5200;
    /** A pool that is full, as it is once it has been seeded (random(4)). */
    private static final int ENTROPY_BITS = 256;
    private static final int FICLONE = 0x40049409;
    private static final int FICLONERANGE = 0x4020940D;
    private static final int FIONBIO = 0x5421;
    private static final int TIOCNOTTY = 0x5422;
    private static final int TIOCGSID = 0x5429;
    private static final int FIONCLEX = 0x5450;
    private static final int FIOCLEX = 0x5451;

    /** What a process in the background may not do. */
    private static final Set<Integer> CHANGES = Set.of(TCSETS, TCSETSW, TCSETSF, TCSETA, TCSETAW,
            TCSETAF, TIOCSPGRP, TCSBRK, TCSBRKP, TCXONC,
            TCFLSH);

    /** What keys send, and so a master may. */
    private static final Set<Integer> TYPED = Set.of(Signals.SIGINT, Signals.SIGQUIT, Signals.SIGTSTP);

    private TerminalCalls() {}

    static Outcome ioctl(Trap t, Call c) {
        OpenFile file = Descriptors.usable(t, c.a0());
        DescriptorTable table = t.table(t.process().files());
        int number = (int) c.a0();
        return switch ((int) c.a1()) {
            case FIOCLEX, FIONCLEX -> {
                t.put(table.with(number, new DescriptorTable.Descriptor(file.id(), (int) c.a1() == FIOCLEX)));
                yield Outcome.ZERO;
            }
            case FIONBIO -> {
                boolean on = UserMemory.read32(t, c.a2()) != 0;
                t.put(file.withFlags(on ? file.flags() | OpenFlags.O_NONBLOCK : file.flags() & ~OpenFlags.O_NONBLOCK));
                yield Outcome.ZERO;
            }
            case FIONREAD -> available(t, c, file);
            default -> other(t, c, file);
        };
    }

    /** Requests that one sort of device knows. */
    private static Outcome other(Trap t, Call c, OpenFile file) {
        if (file.end() instanceof OpenFile.OnTerminal end) {
            return terminal(t, c, t.terminal(end.port()), false);
        }
        if (file.end() instanceof OpenFile.OnMaster end) {
            return master(t, c, end);
        }
        if (file.end() instanceof OpenFile.OnHungUp) {
            return Outcome.error((int) c.a1() == TIOCSPGRP ? Errno.ENOTTY : Errno.EIO);
        }
        if (file.end() instanceof OpenFile.OnLoop loop) {
            return LoopCalls.ioctl(t, c, loop.number());
        }
        if (file.end() instanceof OpenFile.OnSocket end) {
            return InterfaceCalls.ioctl(t, c, t.socket(end.socket()));
        }
        if ((int) c.a1() == FICLONE || (int) c.a1() == FICLONERANGE) {
            // File systems in memory do not share blocks.
            return Outcome.error(Errno.EOPNOTSUPP);
        }
        if ((int) c.a1() == RNDGETENTCNT && file.end() instanceof OpenFile.OnMemoryDevice device
                && device.name().equals("random")) {
            UserMemory.write32(t, c.a2(), ENTROPY_BITS);
            return Outcome.ZERO;
        }
        boolean control = file.end() instanceof OpenFile.OnMemoryDevice device && device.name().equals("loop-control");
        return control ? LoopCalls.control(t, c) : Outcome.error(Errno.ENOTTY);
    }

    private static Outcome available(Trap t, Call c, OpenFile file) {
        long count = switch (file.end()) {
            case OpenFile.OnPipe end -> t.pipe(end.pipe()).buffer().amount();
            case OpenFile.OnStream end -> t.stream(end.port()).input().amount();
            case OpenFile.OnTerminal end -> {
                Terminal terminal = t.terminal(end.port());
                yield terminal.ready().chars().filter(character -> character != Terminal.END_OF_FILE).count();
            }
            case OpenFile.OnMaster end -> PseudoTerminals.get(t, end.port()).output().amount();
            case OpenFile.OnHungUp end -> -1;
            case OpenFile.OnInode inode -> {
                Inode node = Inodes.get(t, file.inode());
                yield node.isRegular() ? node.size() - file.offset() : -1;
            }
            case OpenFile.OnText text -> text.text().length() - file.offset();
            case OpenFile.OnListing listing -> -1;
            case OpenFile.OnMemory memory -> -1;
            case OpenFile.OnMemoryDevice device -> -1;
            case OpenFile.OnCounter counter -> -1;
            case OpenFile.OnSocket end -> t.socket(end.socket()).received().stream().mapToInt(m -> m.length()).sum();
            case OpenFile.OnProcess process -> -1;
            case OpenFile.OnQueue queue -> -1;
            case OpenFile.OnLoop loop -> -1;
            case OpenFile.OnWatcher w -> NotificationCalls.waiting(t, file);
            case OpenFile.OnTimer timer -> -1;
            case OpenFile.OnSignals signals -> -1;
            case OpenFile.OnPoll poll -> -1;
        };
        if (count < 0) {
            return Outcome.error(Errno.ENOTTY);
        }
        UserMemory.write32(t, c.a2(), (int) count);
        return Outcome.ZERO;
    }

    /** Requests of a terminal; those of a master are about its terminal. */
    private static Outcome terminal(Trap t, Call c, Terminal terminal, boolean master) {
        int request = (int) c.a1();
        if (CHANGES.contains(request) && !master) {
            try {
                if (ControllingTerminals.keptBack(t, terminal.port(), Signals.SIGTTOU)) {
                    return Outcome.block(WaitKey.Kind.TERMINAL, terminal.port());
                }
            } catch (LinuxError e) {
                return Outcome.error(request == TIOCSPGRP ? Errno.ENOTTY : e.errno());
            }
        }
        switch (request) {
            case TCGETS -> UserMemory.write(t, c.a2(), terminal.termios().encode());
            case TCSETS, TCSETSW, TCSETSF -> {
                Termios modes = Termios.decode(UserMemory.read(t, c.a2(), 36));
                if (request == TCSETSF) {
                    PseudoTerminals.flush(t, terminal.port(), true, false);
                }
                setModes(t, request == TCSETSF ? terminal.withInput("", "") : terminal, modes);
            }
            case TCGETA -> UserMemory.write(t, c.a2(), terminal.termios().encodeOld());
            case TCSETA, TCSETAW, TCSETAF -> {
                Termios modes = terminal.termios().withOld(UserMemory.read(t, c.a2(), Termios.OLD_BYTES));
                setModes(t, request == TCSETAF ? terminal.withInput("", "") : terminal, modes);
            }
            case TIOCGWINSZ -> UserMemory.write(t, c.a2(), new Bytes(8).put16(terminal.rows())
                    .put16(terminal.columns()).put16(0).put16(0).toArray());
            case TIOCSWINSZ -> setSize(t, terminal, UserMemory.read(t, c.a2(), 8));
            case TIOCGPGRP, TIOCGSID -> {
                if (!master && !ControllingTerminals.own(t, terminal) || terminal.session() == 0) {
                    return Outcome.error(Errno.ENOTTY);
                }
                UserMemory.write32(t, c.a2(), request == TIOCGPGRP ? terminal.foreground() : terminal.session());
            }
            case TIOCSPGRP -> ControllingTerminals.foreground(t, terminal, UserMemory.read32(t, c.a2()));
            case TIOCSCTTY -> ControllingTerminals.take(t, terminal, c.a2() == 1);
            case TIOCNOTTY -> ControllingTerminals.giveUp(t, terminal);
            case TIOCOUTQ -> UserMemory.write32(t, c.a2(), 0);
            case TIOCGETD -> UserMemory.write32(t, c.a2(), 0);
            case TCSBRK, TCSBRKP, TCXONC -> {
                // Output is on the cable at once, so there is nothing to drain, and flow is never stopped.
            }
            case TCFLSH -> {
                if (c.a2() < 0 || c.a2() > 2) {
                    return Outcome.error(Errno.EINVAL);
                }
                if (c.a2() != 1) {
                    t.put(terminal.withInput("", ""));
                }
                PseudoTerminals.flush(t, terminal.port(), c.a2() != 1, c.a2() != 0);
            }
            default -> {
                return Outcome.error(Errno.ENOTTY);
            }
        }
        return Outcome.ZERO;
    }

    /** Whoever is in the foreground is told that the window is another size now. */
    private static void setSize(Trap t, Terminal terminal, byte[] raw) {
        Terminal changed = terminal.withSize(Bytes.get16(raw, 0), Bytes.get16(raw, 2));
        t.put(changed);
        if (!changed.equals(terminal)) {
            ControllingTerminals.signal(t, terminal, Signals.SIGWINCH);
        }
    }

    /** What only a master knows. */
    private static Outcome master(Trap t, Call c, OpenFile.OnMaster end) {
        PseudoTerminal pseudo = PseudoTerminals.get(t, end.port());
        switch ((int) c.a1()) {
            case TIOCGPTN -> UserMemory.write32(t, c.a2(), pseudo.number());
            case TIOCSPTLCK ->
                PseudoTerminals.change(t, pseudo.withLocked(UserMemory.read32(t, c.a2()) != 0));
            case TIOCGPTLCK -> UserMemory.write32(t, c.a2(), pseudo.locked() ? 1 : 0);
            case TIOCPKT -> PseudoTerminals.change(t, pseudo.withPackets(UserMemory.read32(t, c.a2()) != 0));
            case TIOCGPKT -> UserMemory.write32(t, c.a2(), pseudo.packets() ? 1 : 0);
            case TIOCGPTPEER -> {
                return openPeer(t, end.port(), (int) c.a2());
            }
            case TIOCSIG -> {
                int signal = (int) c.a2();
                if (!TYPED.contains(signal)) {
                    return Outcome.error(Errno.EINVAL);
                }
                ControllingTerminals.signal(t, t.terminal(end.port()), signal);
            }
            default -> {
                return terminal(t, c, t.terminal(end.port()), true);
            }
        }
        return Outcome.ZERO;
    }

    /** The terminal of a master, without its name. */
    private static Outcome openPeer(Trap t, int port, int flags) {
        PseudoTerminals.opened(t, port);
        if ((flags & OpenFlags.O_NOCTTY) == 0) {
            ControllingTerminals.opened(t, port);
        }
        long inode = Paths.from(t, KernelState.ROOT, Consoles.name(port), true).inode();
        OpenFile file = Descriptors.open(t, inode, flags & (OpenFlags.O_ACCMODE | OpenFlags.O_NONBLOCK),
                Consoles.name(port), new OpenFile.OnTerminal(port));
        return Outcome.of(Descriptors.install(t, file, (flags & OpenFlags.O_CLOEXEC) != 0, 0));
    }

    /** Leaving canonical mode makes what was being typed readable. */
    private static void setModes(Trap t, Terminal terminal, Termios modes) {
        Terminal changed = terminal.withTermios(modes);
        if (terminal.termios().canonical() && !modes.canonical()) {
            changed = changed.withInput("",
                    terminal.ready().replace(String.valueOf(Terminal.END_OF_FILE), "") + terminal.editing());
        }
        t.put(changed);
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.TERMINAL, terminal.port()));
    }
}
