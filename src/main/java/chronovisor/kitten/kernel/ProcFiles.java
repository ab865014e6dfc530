package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.FileMode;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.DescriptorTable;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * The inodes of /proc. They are not stored: a number says what it is, {@code PROC | process << 24 | kind << 16 | fd}.
 */
public final class ProcFiles {

    private static final long PROC = 1L << 56;

    private enum Kind {
        ROOT("", true), SELF("self", false), PROCESS("", true), FDS("fd", true), FD("", false), EXE("exe", false), CWD(
                "cwd", false), ROOTLINK("root", false), MAPS("maps", false), STATUS("status", false), CMDLINE("cmdline",
                        false), STAT("stat", false), STATM("statm", false), ENVIRON("environ", false), COMM("comm",
                                false), LIMITS("limits", false), CPUINFO("cpuinfo", false), MEMINFO("meminfo",
                                        false), UPTIME("uptime", false), LOADAVG("loadavg", false), VERSION("version",
                                                false), MOUNTS("mounts", false), ALLSTAT("stat", false), FILESYSTEMS(
                                                        "filesystems",
                                                        false), SYS("sys", true), SYS_KERNEL("kernel", true), OSRELEASE(
                                                                "osrelease",
                                                                false), OSTYPE("ostype", false), HOSTNAME("hostname",
                                                                        false), SYS_VM("vm", true), OVERCOMMIT(
                                                                                "overcommit_memory",
                                                                                false), THREAD_SELF("thread-self",
                                                                                        false), TASKS("task",
                                                                                                true), PID_MAX(
                                                                                                        "pid_max",
                                                                                                        false), SYS_FS(
                                                                                                                "fs",
                                                                                                                true), SYSVIPC(
                                                                                                                        "sysvipc",
                                                                                                                        true), SETTING(
                                                                                                                                "",
                                                                                                                                false), SMAPS(
                                                                                                                                        "smaps",
                                                                                                                                        false), SYS_INOTIFY(
                                                                                                                                                "inotify",
                                                                                                                                                true), MOUNTINFO(
                                                                                                                                                        "mountinfo",
                                                                                                                                                        false);

        private final String text;
        private final boolean directory;

        Kind(String text, boolean directory) {
            this.text = text;
            this.directory = directory;
        }
    }

    private static final Kind[] KINDS = Kind.values();
    private static final Kind[] IN_ROOT = {Kind.SELF, Kind.THREAD_SELF, Kind.CPUINFO, Kind.MEMINFO, Kind.UPTIME,
        Kind.LOADAVG, Kind.VERSION, Kind.MOUNTS, Kind.ALLSTAT, Kind.FILESYSTEMS, Kind.SYS, Kind.SYSVIPC};
    private static final Kind[] IN_PROCESS = {Kind.FDS, Kind.EXE, Kind.CWD, Kind.ROOTLINK, Kind.MAPS, Kind.STATUS,
        Kind.CMDLINE, Kind.STAT, Kind.STATM, Kind.ENVIRON, Kind.COMM, Kind.LIMITS, Kind.MOUNTS, Kind.TASKS, Kind.SMAPS,
        Kind.MOUNTINFO};

    private ProcFiles() {}

    /** Number of /proc itself. */
    public static long root() {
        return number(0, Kind.ROOT, 0);
    }

    /** Whether an inode number is of /proc. */
    public static boolean owns(long number) {
        return (number & PROC) != 0;
    }

    private static long number(int process, Kind kind, int fd) {
        return PROC | (long) process << 24 | (long) kind.ordinal() << 16 | fd;
    }

    private static int process(long number) {
        return (int) ((number & ~PROC) >>> 24);
    }

    private static Kind kind(long number) {
        return KINDS[(int) (number >>> 16) & 0xFF];
    }

    private static int fd(long number) {
        return (int) number & 0xFFFF;
    }

    /** The inode that a number stands for, if its process is there. */
    static Inode inode(Trap t, long number) {
        Kind kind = kind(number);
        int process = process(number);
        if (process != 0 && t.findProcess(process) == null) {
            throw new LinuxError(Errno.ENOENT);
        }
        long born_ns = t.realtime_ns() - t.now_ns();
        Inode.Content content;
        int mode;
        if (kind.directory) {
            content = new Inode.Directory(TreePMap.empty(), parent(number, kind, process));
            mode = FileMode.S_IFDIR | (kind == Kind.FDS ? 0500 : 0555);
        } else {
            String link = linkText(t, number, kind, process);
            if (link != null) {
                content = new Inode.Link(link);
                mode = FileMode.S_IFLNK | 0777;
            } else {
                content = new Inode.Generated(kind.name(), kind == Kind.SETTING ? fd(number) : process);
                boolean writable = kind == Kind.COMM || kind == Kind.SETTING && ProcSettings.variable(fd(number));
                mode = FileMode.S_IFREG | (kind == Kind.ENVIRON ? 0400 : writable ? 0644 : 0444);
            }
        }
        return new Inode(number, mode, 0, 0, kind.directory ? 2 : 1, 0, 0, content, born_ns, born_ns, born_ns, born_ns,
                TreePMap.empty());
    }

    private static long parent(long number, Kind kind, int process) {
        return switch (kind) {
            case ROOT -> KernelState.ROOT;
            case FDS, TASKS -> number(process, Kind.PROCESS, 0);
            case SYS_KERNEL, SYS_VM, SYS_FS -> number(0, Kind.SYS, 0);
            case SYS_INOTIFY -> number(0, Kind.SYS_FS, 0);
            default -> owns(number) ? root() : KernelState.ROOT;
        };
    }

    private static @Nullable String linkText(Trap t, long number, Kind kind, int process) {
        return switch (kind) {
            case SELF -> String.valueOf(t.current() < 0 ? 1 : t.process().id());
            case THREAD_SELF -> (t.current() < 0 ? 1 : t.process().id()) + "/task/" + Math.max(1, t.current());
            case EXE -> t.process(process).program();
            case CWD -> Paths.nameOf(t, t.process(process).directory());
            case ROOTLINK -> "/";
            case FD -> t.file(descriptor(t, process, fd(number)).file()).path();
            default -> null;
        };
    }

    private static DescriptorTable.Descriptor descriptor(Trap t, int process, int fd) {
        UserProcess owner = t.process(process);
        DescriptorTable.Descriptor entry = owner.exit().ended() ? null : t.table(owner.files()).get(fd);
        if (entry == null) {
            throw new LinuxError(Errno.ENOENT);
        }
        return entry;
    }

    /** Where a magic link leads without its text being parsed, or 0 for an ordinary link. */
    static long target(Trap t, long number) {
        int process = process(number);
        return switch (kind(number)) {
            case EXE -> t.process(process).programInode();
            case CWD -> t.process(process).directory();
            case FD -> t.file(descriptor(t, process, fd(number)).file()).inode();
            default -> 0;
        };
    }

    /** Names in a directory of /proc. */
    static Map<String, Long> entries(Trap t, long number) {
        Map<String, Long> names = new TreeMap<>();
        int process = process(number);
        switch (kind(number)) {
            case ROOT -> {
                for (Kind kind : IN_ROOT) {
                    names.put(kind.text, number(0, kind, 0));
                }
                for (int id : t.processes().keySet()) {
                    names.put(String.valueOf(id), number(id, Kind.PROCESS, 0));
                }
            }
            case PROCESS -> {
                for (Kind kind : IN_PROCESS) {
                    names.put(kind.text, number(process, kind, 0));
                }
            }
            case FDS -> {
                UserProcess owner = t.process(process);
                if (!owner.exit().ended()) {
                    for (int fd : t.table(owner.files()).entries().keySet()) {
                        names.put(String.valueOf(fd), number(process, Kind.FD, fd));
                    }
                }
            }
            case TASKS -> t.tasks().values().stream().filter(task -> task.process() == process)
                    .forEach(task -> names.put(String.valueOf(task.id()), number(process, Kind.PROCESS, 0)));
            case SYS -> {
                names.put("kernel", number(0, Kind.SYS_KERNEL, 0));
                names.put("vm", number(0, Kind.SYS_VM, 0));
                names.put("fs", number(0, Kind.SYS_FS, 0));
            }
            case SYS_FS -> {
                ProcSettings.in("sys/fs", (name, i) -> names.put(name, number(0, Kind.SETTING, i)));
                names.put(Kind.SYS_INOTIFY.text, number(0, Kind.SYS_INOTIFY, 0));
            }
            case SYS_INOTIFY ->
                ProcSettings.in("sys/fs/inotify", (name, i) -> names.put(name, number(0, Kind.SETTING, i)));
            case SYSVIPC -> ProcSettings.in("sysvipc", (name, i) -> names.put(name, number(0, Kind.SETTING, i)));
            case SYS_KERNEL -> {
                for (Kind kind : new Kind[]{Kind.OSRELEASE, Kind.OSTYPE, Kind.HOSTNAME, Kind.PID_MAX}) {
                    names.put(kind.text, number(0, kind, 0));
                }
                ProcSettings.in("sys/kernel", (name, i) -> names.put(name, number(0, Kind.SETTING, i)));
            }
            case SYS_VM -> names.put(Kind.OVERCOMMIT.text, number(0, Kind.OVERCOMMIT, 0));
            default -> throw new LinuxError(Errno.ENOTDIR);
        }
        return names;
    }

    /** The inode number of a name in a directory of /proc, or 0. */
    static long lookup(Trap t, long number, String name) {
        if (kind(number) == Kind.ROOT && name.matches("[0-9]{1,9}")) {
            int id = Integer.parseInt(name);
            return t.findProcess(id) != null ? number(id, Kind.PROCESS, 0) : 0;
        }
        if (kind(number) == Kind.PROCESS) {
            for (Kind kind : IN_PROCESS) {
                if (kind.text.equals(name)) {
                    return number(process(number), kind, 0);
                }
            }
            return 0;
        }
        return entries(t, number).getOrDefault(name, 0L);
    }

    /** The absolute path of something in /proc. */
    static String nameOf(long number) {
        int process = process(number);
        String base = process == 0 ? "/proc" : "/proc/" + process;
        Kind kind = kind(number);
        return switch (kind) {
            case ROOT, PROCESS -> base;
            case FD -> base + "/fd/" + fd(number);
            case SYS_KERNEL, SYS_VM, SYS_FS -> base + "/sys/" + kind.text;
            case SYS_INOTIFY -> base + "/sys/fs/" + kind.text;
            case SETTING -> ProcSettings.path(fd(number));
            default -> base + "/" + kind.text;
        };
    }

    /** The process whose directory in /proc an inode is, or 0. */
    public static int processOf(long number) {
        return owns(number) && kind(number) == Kind.PROCESS ? process(number) : 0;
    }

    /** Takes what is written to a file of /proc; EACCES where nothing can be. */
    public static void write(Trap t, long number, String text) {
        switch (kind(number)) {
            case SETTING -> ProcSettings.write(t, fd(number), text);
            case COMM -> {
                Task leader = t.findTask(process(number));
                if (leader != null) {
                    String name = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
                    t.put(leader.withName(name.substring(0, Math.min(15, name.length()))));
                }
            }
            default -> throw new LinuxError(Errno.EACCES);
        }
    }

    /** What opening the inode opens: a snapshot of its text. */
    public static OpenFile.End open(Trap t, Inode inode) {
        if (inode.content() instanceof Inode.Generated generated) {
            return new OpenFile.OnText(ProcText.of(t, generated.kind(), generated.process()));
        }
        return new OpenFile.OnInode();
    }
}
