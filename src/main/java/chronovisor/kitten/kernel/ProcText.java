package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.console.Terminal;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.memory.Region;
import chronovisor.kitten.task.Capabilities;
import chronovisor.kitten.task.Rseq;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.Trace;
import chronovisor.kitten.task.UserProcess;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** The texts of processes and threads in /proc (proc(5)), as they are when the file is opened. */
final class ProcText {

    private static final int OOM_ADJUSTMENT_MAX = 1000;

    /** All numbers of users and groups stand for themselves: there is one user namespace. */
    private static final String ONLY_USERS = "         0          0 4294967295\n";

    /** Nobody has logged in: -1. */
    private static final String NOBODY = "4294967295";

    private ProcText() {}

    /** A text of a process. {@code owner} is its number, or that of one of its threads. */
    static String text(Trap t, ProcKind kind, int owner, UserProcess process) {
        return switch (kind) {
            case AUXV -> auxiliary(t, process);
            case CGROUP -> "0::/\n";
            case CMDLINE -> userText(t, process, true);
            case COMM -> thread(t, owner).name() + "\n";
            case ENVIRON -> userText(t, process, false);
            case GID_MAP, UID_MAP -> ONLY_USERS;
            case LIMITS -> limits(process);
            case LOGIN_ID, SESSION_ID -> NOBODY;
            case MAPS -> maps(t, process);
            case MOUNTINFO -> ProcSystem.mountInfo(t);
            case MOUNTS -> ProcSystem.mounts(t);
            case OOM_SCORE -> "0\n";
            case OOM_SCORE_ADJ -> process.attributes().oomAdjustment() + "\n";
            case PERSONALITY -> String.format(Locale.ROOT, "%08x\n", process.attributes().personality());
            case SET_GROUPS -> "allow\n";
            case SMAPS -> ProcMemory.detailed(t, process);
            case SMAPS_ROLLUP -> ProcMemory.together(t, process);
            case STAT -> stat(t, owner, process);
            case STATM -> statm(t, process);
            case STATUS -> status(t, owner, process);
            case TIMER_SLACK -> process.attributes().timerSlack_ns() + "\n";
            case WCHAN -> "0";
            default -> throw new IllegalStateException(kind + " is no text of a process");
        };
    }

    /** Takes what is written to a file of a process; EINVAL where nothing can be. */
    static void write(Trap t, ProcKind kind, int owner, UserProcess process, String text) {
        String line = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
        switch (kind) {
            case COMM -> {
                Task task = t.findTask(owner);
                if (task != null) {
                    t.put(task.withName(line.substring(0, Math.min(15, line.length()))));
                }
            }
            case OOM_SCORE_ADJ -> {
                if (!line.matches("-?[0-9]{1,4}") || Math.abs(Integer.parseInt(line)) > OOM_ADJUSTMENT_MAX) {
                    throw new LinuxError(Errno.EINVAL);
                }
                t.put(process.withAttributes(process.attributes().withOomAdjustment(Integer.parseInt(line))));
            }
            case TIMER_SLACK -> {
                long slack_ns = ProcSettings.number(line);
                UserProcess.Attributes has = process.attributes();
                t.put(process.withAttributes(has.withTimerSlack(slack_ns == 0 ? has.standardSlack_ns() : slack_ns)));
            }
            default -> throw new LinuxError(Errno.EINVAL);
        }
    }

    private static Task thread(Trap t, int owner) {
        Task task = t.findTask(owner);
        if (task != null) {
            return task;
        }
        return new Task(owner, owner, "", new Run.Ready(), null, chronovisor.kitten.task.SignalState.INITIAL, 0, 0,
                0, 0, 0, chronovisor.kitten.task.Scheduling.NORMAL, Rseq.NONE, 0, null);
    }

    private static int tracer(Trap t, int owner) {
        Trace trace = thread(t, owner).trace();
        return trace == null ? 0 : trace.tracer();
    }

    private static String maps(Trap t, UserProcess process) {
        AddressSpace space = t.findSpace(process.addressSpace());
        if (space == null) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        for (Region region : space.regions().values()) {
            text.append(ProcMemory.line(region));
        }
        if (t.options.has("time")) {
            text.append(String.format(Locale.ROOT, "%x-%x --xp 00000000 00:00 0                  [vsyscall]\n",
                    Vsyscall.PAGE, Vsyscall.END));
        }
        return text.toString();
    }

    private static String status(Trap t, int owner, UserProcess p) {
        AddressSpace space = t.findSpace(p.addressSpace());
        long threads = t.tasks().values().stream().filter(task -> task.process() == p.id()).count();
        UserProcess.Credentials who = p.credentials();
        String ids = "%d\t%d\t%d\t%d\n";
        return "Name:\t" + thread(t, owner).name() + "\nUmask:\t" + String.format(Locale.ROOT, "%04o", p.umask())
                + "\nState:\t" + switch (state(t, owner, p)) {
                    case "Z" -> "Z (zombie)";
                    case "T" -> "T (stopped)";
                    case "t" -> "t (tracing stop)";
                    case "S" -> "S (sleeping)";
                    default -> "R (running)";
                }
                + "\nTgid:\t" + p.id() + "\nNgid:\t0\nPid:\t" + owner + "\nPPid:\t" + p.parent()
                + "\nTracerPid:\t" + tracer(t, owner) + "\nUid:\t"
                + String.format(Locale.ROOT, ids, who.uid(), who.euid(), who.suid(),
                        who.fsuid())
                + "Gid:\t" + String.format(Locale.ROOT, ids, who.gid(), who.egid(), who.sgid(), who.fsgid())
                + "FDSize:\t64\nVmPeak:\t" + (space == null ? 0 : space.mapped_bytes() >> 10) + " kB\nVmSize:\t"
                + (space == null ? 0 : space.mapped_bytes() >> 10) + " kB\n" + ProcMemory.status(space)
                + "Threads:\t" + threads + "\n"
                + capabilities(who.capabilities())
                + "NoNewPrivs:\t" + (p.attributes().noNewPrivileges() ? 1 : 0) + "\nSeccomp:\t0\n";
    }

    private static String capabilities(Capabilities has) {
        return String.format(Locale.ROOT,
                "CapInh:\t%016x\nCapPrm:\t%016x\nCapEff:\t%016x\nCapBnd:\t%016x\nCapAmb:\t%016x\n",
                has.inheritable(), has.permitted(), has.effective(), has.bounding(), has.ambient());
    }

    private static String userText(Trap t, UserProcess p, boolean arguments) {
        if (p.exit().ended()) {
            return "";
        }
        UserProcess.Layout layout = p.layout();
        long start = arguments ? layout.argumentStart() : layout.environmentStart();
        long end = arguments ? layout.argumentEnd() : layout.environmentEnd();
        byte[] text = new byte[(int) (end - start)];
        UserMemory.read(t, p.addressSpace(), start, text, 0, text.length);
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    /** The auxiliary vector, as it is on the stack. */
    private static String auxiliary(Trap t, UserProcess p) {
        if (p.exit().ended() || p.layout().auxiliary() == 0) {
            return "";
        }
        byte[] text = new byte[(int) (p.layout().auxiliaryEnd() - p.layout().auxiliary())];
        UserMemory.read(t, p.addressSpace(), p.layout().auxiliary(), text, 0, text.length);
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    private static String stat(Trap t, int owner, UserProcess p) {
        AddressSpace space = t.findSpace(p.addressSpace());
        long threads = t.tasks().values().stream().filter(task -> task.process() == p.id()).count();
        Terminal terminal = ControllingTerminals.of(t, p);
        String tty = terminal == null
                ? " 0 -1"
                : " " + Consoles.device(terminal.port()) + " " + terminal.foreground();
        return owner + " (" + thread(t, owner).name() + ") " + state(t, owner, p) + " " + p.parent()
                + " " + p.group() + " " + p.session() + tty + " 4194304 0 0 0 0 "
                + Times.process_ns(t, p) / 10_000_000 + " 0 0 0 20 0 " + threads + " 0 0 "
                + (space == null ? 0 : space.mapped_bytes()) + " " + (space == null ? 0 : space.resident())
                + " 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n";
    }

    private static String state(Trap t, int owner, UserProcess process) {
        if (process.exit().ended()) {
            return "Z";
        }
        return switch (thread(t, owner).run()) {
            case Run.Blocked blocked -> "S";
            case Run.Stopped stopped -> "T";
            case Run.Held held -> "t";
            case Run.Ready ready -> "R";
            case Run.Resuming resuming -> "R";
            case Run.Running running -> "R";
        };
    }

    private static String statm(Trap t, UserProcess process) {
        AddressSpace space = t.findSpace(process.addressSpace());
        return space == null
                ? "0 0 0 0 0 0 0\n"
                : (space.mapped_bytes() >> 12) + " " + space.resident() + " 0 0 0 0 0\n";
    }

    private static String limits(UserProcess process) {
        List<String> names = List.of("Max cpu time", "Max file size", "Max data size", "Max stack size",
                "Max core file size", "Max resident set", "Max processes", "Max open files", "Max locked memory",
                "Max address space");
        StringBuilder text = new StringBuilder(
                String.format(Locale.ROOT, "%-26s%-21s%-21s%-10s%n", "Limit", "Soft Limit", "Hard Limit", "Units"));
        for (int i = 0; i < names.size(); i++) {
            UserProcess.Limit limit = process.limit(i);
            text.append(String.format(Locale.ROOT, "%-26s%-21s%-21s%n", names.get(i),
                    limit.soft() < 0 ? "unlimited" : String.valueOf(limit.soft()),
                    limit.hard() < 0 ? "unlimited" : String.valueOf(limit.hard())));
        }
        return text.toString();
    }
}
