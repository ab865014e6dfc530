package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.console.Terminal;
import chronovisor.kitten.console.Termios;
import chronovisor.kitten.file.DescriptorTable;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.Inodes;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Scheduler;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.WaitKey;

/** ioctl(2): what all files know, and what terminals know. */
final class TerminalCalls {

    private static final int TCGETS = 0x5401;
    private static final int TCSETS = 0x5402;
    private static final int TCSETSW = 0x5403;
    private static final int TCSETSF = 0x5404;
    private static final int TCSBRK = 0x5409;
    private static final int TCXONC = 0x540A;
    private static final int TCFLSH = 0x540B;
    private static final int TIOCSCTTY = 0x540E;
    private static final int TIOCGPGRP = 0x540F;
    private static final int TIOCSPGRP = 0x5410;
    private static final int TIOCGWINSZ = 0x5413;
    private static final int TIOCSWINSZ = 0x5414;
    private static final int FIONREAD = 0x541B;
    private static final int FICLONE = 0x40049409;
    private static final int FICLONERANGE = 0x4020940D;
    private static final int FIONBIO = 0x5421;
    private static final int TIOCNOTTY = 0x5422;
    private static final int TIOCGSID = 0x5429;
    private static final int FIONCLEX = 0x5450;
    private static final int FIOCLEX = 0x5451;

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
            return terminal(t, c, t.terminal(end.port()));
        }
        if (file.end() instanceof OpenFile.OnLoop loop) {
            return LoopCalls.ioctl(t, c, loop.number());
        }
        if ((int) c.a1() == FICLONE || (int) c.a1() == FICLONERANGE) {
            // File systems in memory do not share blocks.
            return Outcome.error(Errno.EOPNOTSUPP);
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
                yield terminal.termios().canonical() ? terminal.lineEnd() : terminal.ready().length();
            }
            case OpenFile.OnInode inode -> {
                Inode node = Inodes.get(t, file.inode());
                yield node.isRegular() ? node.size() - file.offset() : -1;
            }
            case OpenFile.OnText text -> text.text().length() - file.offset();
            case OpenFile.OnListing listing -> -1;
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

    private static Outcome terminal(Trap t, Call c, Terminal terminal) {
        switch ((int) c.a1()) {
            case TCGETS -> UserMemory.write(t, c.a2(), terminal.termios().encode());
            case TCSETS, TCSETSW, TCSETSF -> {
                Termios modes = Termios.decode(UserMemory.read(t, c.a2(), 36));
                setModes(t, (int) c.a1() == TCSETSF ? terminal.withInput("", "") : terminal, modes);
            }
            case TIOCGWINSZ -> UserMemory.write(t, c.a2(), new Bytes(8).put16(terminal.rows())
                    .put16(terminal.columns()).put16(0).put16(0).toArray());
            case TIOCSWINSZ -> {
                byte[] raw = UserMemory.read(t, c.a2(), 8);
                t.put(terminal.withSize(Bytes.get16(raw, 0), Bytes.get16(raw, 2)));
            }
            case TIOCGPGRP -> UserMemory.write32(t, c.a2(), terminal.foreground());
            case TIOCSPGRP -> t.put(terminal.withForeground(UserMemory.read32(t, c.a2()), terminal.session()));
            case TIOCSCTTY -> t.put(terminal.withForeground(t.process().group(), t.process().session()));
            case TIOCNOTTY -> t.put(terminal.withForeground(0, 0));
            case TIOCGSID -> UserMemory.write32(t, c.a2(), terminal.session());
            case TCSBRK, TCXONC -> {
                // Output is on the cable at once, so there is nothing to drain, and flow is never stopped.
            }
            case TCFLSH -> {
                if (c.a2() == 0 || c.a2() == 2) {
                    t.put(terminal.withInput("", ""));
                }
            }
            default -> {
                return Outcome.error(Errno.ENOTTY);
            }
        }
        return Outcome.ZERO;
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
