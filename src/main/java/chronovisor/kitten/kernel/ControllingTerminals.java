package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.console.Terminal;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.task.Capabilities;
import chronovisor.kitten.task.SignalAction;
import chronovisor.kitten.task.SignalInfo;
import chronovisor.kitten.task.UserProcess;
import chronovisor.kitten.task.WaitKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sessions and their terminals: who has one, who may use it now, and what happens when it goes (credentials(7), tty(4)). */
public final class ControllingTerminals {

    private ControllingTerminals() {}

    /** The terminal of a process's session, or null. */
    public static @Nullable Terminal of(Trap t, UserProcess process) {
        for (Terminal terminal : t.terminals().values()) {
            if (terminal.session() != 0 && terminal.session() == process.session()) {
                return terminal;
            }
        }
        return null;
    }

    /** Whether a terminal is the one of the current process's session. */
    public static boolean own(Trap t, Terminal terminal) {
        return terminal.session() != 0 && terminal.session() == t.process().session();
    }

    /** A session leader without a terminal gets the first one that it opens. */
    public static void opened(Trap t, int port) {
        UserProcess process = t.process();
        Terminal terminal = t.terminal(port);
        if (process.session() == process.id() && terminal.session() == 0 && of(t, process) == null) {
            t.put(terminal.withForeground(process.group(), process.session()));
        }
    }

    /**
     * TIOCSCTTY.
     *
     * @param steals
     *            whether another session may lose it, which takes a privilege
     */
    public static void take(Trap t, Terminal terminal, boolean steals) {
        UserProcess process = t.process();
        boolean leader = process.session() == process.id();
        if (leader && own(t, terminal)) {
            return;
        }
        boolean others = terminal.session() != 0 && !(steals && process.credentials().can(Capabilities.SYS_ADMIN));
        if (!leader || of(t, process) != null || others) {
            throw new LinuxError(Errno.EPERM);
        }
        t.put(terminal.withForeground(process.group(), process.session()));
    }

    /** TIOCNOTTY: the session gives its terminal up when its leader does; who used it is told. */
    public static void giveUp(Trap t, Terminal terminal) {
        if (!own(t, terminal)) {
            throw new LinuxError(Errno.ENOTTY);
        }
        if (t.process().session() == t.process().id()) {
            t.put(terminal.withForeground(0, 0));
            signal(t, terminal, Signals.SIGHUP);
            signal(t, terminal, Signals.SIGCONT);
        }
    }

    /** Whoever is in the foreground of a terminal, if there is a group, gets a signal. */
    public static void signal(Trap t, Terminal terminal, int signal) {
        if (terminal.foreground() != 0) {
            SignalSender.toGroup(t, terminal.foreground(), SignalInfo.kernel(signal));
        }
    }

    /** TIOCSPGRP. */
    public static void foreground(Trap t, Terminal terminal, int group) {
        if (!own(t, terminal)) {
            throw new LinuxError(Errno.ENOTTY);
        }
        if (group < 0) {
            throw new LinuxError(Errno.EINVAL);
        }
        UserProcess member = t.processes().values().stream().filter(p -> p.group() == group).findFirst().orElse(null);
        if (member == null) {
            throw new LinuxError(Errno.ESRCH);
        }
        if (member.session() != t.process().session()) {
            throw new LinuxError(Errno.EPERM);
        }
        t.put(terminal.withForeground(group, terminal.session()));
    }

    /**
     * Whether the current process is in the background and was sent a signal for using its terminal: it stops, or has its
     * call interrupted. Fails with EIO when the signal would have no effect and it must not go on.
     */
    public static boolean keptBack(Trap t, int port, int signal) {
        Terminal terminal = t.terminals().get(port);
        UserProcess process = t.process();
        if (terminal == null || !own(t, terminal) || terminal.foreground() == 0
                || terminal.foreground() == process.group()) {
            return false;
        }
        boolean ignored = process.action(signal).handler() == SignalAction.IGNORE
                || (t.task().signals().mask() & Signals.bit(signal)) != 0;
        if (ignored && signal != Signals.SIGTTIN) {
            return false;
        }
        if (ignored || JobControl.orphaned(t, process.group(), 0)) {
            throw new LinuxError(Errno.EIO);
        }
        SignalSender.toGroup(t, process.group(), SignalInfo.kernel(signal));
        return true;
    }

    /** The end of a session's leader is the end of its use of the terminal; a line is hung up, a pseudo terminal stays open. */
    static void leaderEnded(Trap t, UserProcess process) {
        Terminal terminal = process.session() == process.id() ? of(t, process) : null;
        if (terminal == null) {
            return;
        }
        if (PseudoTerminals.of(t, terminal.port()) == null) {
            hangUp(t, terminal.port());
        } else {
            t.put(terminal.withForeground(0, 0));
        }
        signal(t, terminal, Signals.SIGHUP);
    }

    /** Hangs a terminal up: open files of it are dead, its session has it no more, and the session's leader is told. */
    public static void hangUp(Trap t, int port) {
        Terminal terminal = t.terminal(port);
        t.put(terminal.withForeground(0, 0).withInput("", ""));
        for (OpenFile file : List.copyOf(t.files().values())) {
            // The console itself stays: it is where the kernel prints.
            if (file.end() instanceof OpenFile.OnTerminal on && on.port() == port && port != Consoles.CONSOLE) {
                t.put(file.withEnd(new OpenFile.OnHungUp()));
            }
        }
        UserProcess leader = terminal.session() == 0 ? null : t.findProcess(terminal.session());
        if (leader != null && !leader.exit().ended()) {
            SignalSender.toProcess(t, leader.id(), SignalInfo.kernel(Signals.SIGHUP));
            SignalSender.toProcess(t, leader.id(), SignalInfo.kernel(Signals.SIGCONT));
        }
        PseudoTerminals.left(t, port);
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.TERMINAL, port));
    }
}
