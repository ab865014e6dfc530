package chronovisor.kitten.kernel;

import chronovisor.kitten.file.Mount;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.memory.Region;
import chronovisor.kitten.task.Capabilities;
import chronovisor.kitten.task.Rseq;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** The texts of /proc (proc(5)), as they are when the file is opened. */
final class ProcText {

    private ProcText() {}

    static String of(Trap t, String kind, int process) {
        return switch (kind) {
            case "MAPS" -> maps(t, process);
            case "SMAPS" -> ProcMemory.detailed(t, process);
            case "STATUS" -> status(t, process);
            case "CMDLINE" -> userText(t, process, true);
            case "ENVIRON" -> userText(t, process, false);
            case "STAT" -> stat(t, process);
            case "STATM" -> statm(t, process);
            case "COMM" -> leader(t, process).name() + "\n";
            case "LIMITS" -> limits(t, process);
            case "CPUINFO" -> ProcCpu.text(t);
            case "MEMINFO" -> memInfo(t);
            case "UPTIME" -> seconds(t.now_ns()) + " " + seconds(0) + "\n";
            case "LOADAVG" -> "0.00 0.00 0.00 1/" + t.tasks().size() + " " + (t.tasks().lastKey()) + "\n";
            case "VERSION" -> "Linux version 6.1.0-kitten (kitten@chronovisor) #1 SMP\n";
            case "MOUNTS" -> mounts(t);
            case "MOUNTINFO" -> mountInfo(t);
            case "ALLSTAT" -> "cpu  0 0 0 0 0 0 0 0 0 0\nbtime " + t.realtime_ns() / 1_000_000_000 + "\nprocesses "
                    + t.processes().size() + "\n";
            case "FILESYSTEMS" -> "nodev\t" + String.join("\nnodev\t", Mount.TYPES) + "\n";
            case "SETTING" -> ProcSettings.text(t, process);
            case "OSRELEASE" -> Identity.RELEASE + "\n";
            case "OSTYPE" -> Identity.SYSTEM + "\n";
            case "HOSTNAME" -> t.hostName() + "\n";
            case "OVERCOMMIT" -> "0\n";
            case "PID_MAX" -> "32768\n";
            default -> "";
        };
    }

    private static String mounts(Trap t) {
        StringBuilder text = new StringBuilder("rootfs / rootfs rw 0 0\nproc /proc proc rw 0 0\n");
        for (Mount mount : t.mounts().values()) {
            text.append(field(mount.source())).append(' ').append(field(Paths.nameOf(t, mount.root()))).append(' ')
                    .append(mount.type()).append(mount.readOnly() ? " ro" : " rw").append(" 0 0\n");
        }
        return text.toString();
    }

    /** Numbers are those of statx(2): a file system's and one more. */
    private static String mountInfo(Trap t) {
        StringBuilder text = new StringBuilder("1 0 0:16 / / rw - rootfs rootfs rw\n");
        for (Mount mount : t.mounts().values()) {
            String access = mount.readOnly() ? "ro" : "rw";
            text.append(mount.system() + 1).append(" 1 0:").append(16 + (mount.system() << 1)).append(" / ")
                    .append(field(Paths.nameOf(t, mount.root()))).append(' ').append(access).append(" - ")
                    .append(mount.type()).append(' ').append(field(mount.source())).append(' ').append(access)
                    .append('\n');
        }
        return text.toString();
    }

    /** What separates fields and lines is written in octal (getmntent(3)). */
    private static String field(String name) {
        return name.replace("\\", "\\134").replace(" ", "\\040").replace("\t", "\\011").replace("\n", "\\012");
    }

    private static String seconds(long ns) {
        return String.format(Locale.ROOT, "%d.%02d", ns / 1_000_000_000, ns / 10_000_000 % 100);
    }

    private static Task leader(Trap t, int process) {
        Task leader = t.findTask(process);
        if (leader != null) {
            return leader;
        }
        return new Task(process, process, "", new Run.Ready(), null, chronovisor.kitten.task.SignalState.INITIAL, 0, 0,
                0, 0, 0, chronovisor.kitten.task.Scheduling.NORMAL, Rseq.NONE, 0);
    }

    private static String maps(Trap t, int process) {
        AddressSpace space = t.findSpace(t.process(process).addressSpace());
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

    private static String status(Trap t, int process) {
        UserProcess p = t.process(process);
        AddressSpace space = t.findSpace(p.addressSpace());
        long threads = t.tasks().values().stream().filter(task -> task.process() == process).count();
        UserProcess.Credentials who = p.credentials();
        String ids = "%d\t%d\t%d\t%d\n";
        return "Name:\t" + leader(t, process).name() + "\nUmask:\t" + String.format(Locale.ROOT, "%04o", p.umask())
                + "\nState:\t" + switch (state(t, p)) {
                    case "Z" -> "Z (zombie)";
                    case "T" -> "T (stopped)";
                    case "S" -> "S (sleeping)";
                    default -> "R (running)";
                }
                + "\nTgid:\t" + process + "\nNgid:\t0\nPid:\t" + process + "\nPPid:\t" + p.parent()
                + "\nTracerPid:\t0\nUid:\t" + String.format(Locale.ROOT, ids, who.uid(), who.euid(), who.suid(),
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

    private static String userText(Trap t, int process, boolean arguments) {
        UserProcess p = t.process(process);
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

    private static String stat(Trap t, int process) {
        UserProcess p = t.process(process);
        AddressSpace space = t.findSpace(p.addressSpace());
        long threads = t.tasks().values().stream().filter(task -> task.process() == process).count();
        return process + " (" + leader(t, process).name() + ") " + state(t, p) + " " + p.parent()
                + " " + p.group() + " " + p.session() + " 0 -1 4194304 0 0 0 0 "
                + Times.process_ns(t, p) / 10_000_000 + " 0 0 0 20 0 " + threads + " 0 0 "
                + (space == null ? 0 : space.mapped_bytes()) + " " + (space == null ? 0 : space.resident())
                + " 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n";
    }

    private static String state(Trap t, UserProcess process) {
        if (process.exit().ended()) {
            return "Z";
        }
        return switch (leader(t, process.id()).run()) {
            case Run.Blocked blocked -> "S";
            case Run.Stopped stopped -> "T";
            case Run.Ready ready -> "R";
            case Run.Resuming resuming -> "R";
            case Run.Running running -> "R";
        };
    }

    private static String statm(Trap t, int process) {
        AddressSpace space = t.findSpace(t.process(process).addressSpace());
        return space == null
                ? "0 0 0 0 0 0 0\n"
                : (space.mapped_bytes() >> 12) + " " + space.resident() + " 0 0 0 0 0\n";
    }

    private static String limits(Trap t, int process) {
        List<String> names = List.of("Max cpu time", "Max file size", "Max data size", "Max stack size",
                "Max core file size", "Max resident set", "Max processes", "Max open files", "Max locked memory",
                "Max address space");
        StringBuilder text = new StringBuilder(
                String.format(Locale.ROOT, "%-26s%-21s%-21s%-10s%n", "Limit", "Soft Limit", "Hard Limit", "Units"));
        for (int i = 0; i < names.size(); i++) {
            UserProcess.Limit limit = t.process(process).limit(i);
            text.append(String.format(Locale.ROOT, "%-26s%-21s%-21s%n", names.get(i),
                    limit.soft() < 0 ? "unlimited" : String.valueOf(limit.soft()),
                    limit.hard() < 0 ? "unlimited" : String.valueOf(limit.hard())));
        }
        return text.toString();
    }

    private static String memInfo(Trap t) {
        String line = "%-16s%8d kB%n";
        return String.format(Locale.ROOT, line, "MemTotal:", t.framesTotal() * 4)
                + String.format(Locale.ROOT, line, "MemFree:", t.framesFree() * 4)
                + String.format(Locale.ROOT, line, "MemAvailable:", t.framesFree() * 4)
                + String.format(Locale.ROOT, line, "Buffers:", 0) + String.format(Locale.ROOT, line, "Cached:", 0)
                + String.format(Locale.ROOT, line, "SwapTotal:", 0) + String.format(Locale.ROOT, line, "SwapFree:", 0);
    }
}
