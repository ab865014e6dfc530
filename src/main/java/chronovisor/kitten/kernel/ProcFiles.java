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
 * The inodes of /proc. They are not stored: a number says what it is, {@code PROC | owner << 24 | kind << 16 | which}. The owner is a
 * process or one of its threads, 0 for none; {@code which} a descriptor or a setting.
 */
public final class ProcFiles {

    private static final long PROC = 1L << 56;
    private static final ProcKind[] KINDS = ProcKind.values();

    private ProcFiles() {}

    /** Number of /proc itself. */
    public static long root() {
        return number(0, ProcKind.ROOT, 0);
    }

    /** Whether an inode number is of /proc. */
    public static boolean owns(long number) {
        return (number & PROC) != 0;
    }

    private static long number(int owner, ProcKind kind, int which) {
        return PROC | (long) owner << 24 | (long) kind.ordinal() << 16 | which;
    }

    private static int owner(long number) {
        return (int) ((number & ~PROC) >>> 24);
    }

    private static ProcKind kind(long number) {
        return KINDS[(int) (number >>> 16) & 0xFF];
    }

    private static int which(long number) {
        return (int) number & 0xFFFF;
    }

    /** The process that a number names, or a thread of which it names; null when there is none. */
    private static @Nullable UserProcess find(Trap t, int owner) {
        UserProcess process = t.findProcess(owner);
        Task task = process == null ? t.findTask(owner) : null;
        return task == null ? process : t.findProcess(task.process());
    }

    private static UserProcess process(Trap t, int owner) {
        UserProcess process = find(t, owner);
        if (process == null) {
            throw new LinuxError(Errno.ENOENT);
        }
        return process;
    }

    /** The inode that a number stands for, if its process is there. */
    static Inode inode(Trap t, long number) {
        ProcKind kind = kind(number);
        int owner = owner(number);
        if (owner != 0) {
            process(t, owner);
        }
        long born_ns = t.realtime_ns() - t.now_ns();
        boolean variable = kind == ProcKind.SETTING && ProcSettings.variable(which(number));
        int mode = switch (kind.form) {
            case DIRECTORY, SETTINGS -> FileMode.S_IFDIR | kind.mode;
            case LINK -> FileMode.S_IFLNK | kind.mode;
            case TEXT -> FileMode.S_IFREG | (variable ? 0644 : kind.mode);
        };
        Inode.Content content = switch (kind.form) {
            case DIRECTORY, SETTINGS -> new Inode.Directory(TreePMap.empty(), parent(t, number));
            case LINK -> new Inode.Link(linkText(t, number));
            case TEXT -> new Inode.Generated();
        };
        return new Inode(number, mode, 0, 0, kind.directory() ? 2 : 1, 0, 0, content, born_ns, born_ns, born_ns,
                born_ns, TreePMap.empty());
    }

    private static long parent(Trap t, long number) {
        ProcKind parent = kind(number).parent;
        if (parent == null) {
            return KernelState.ROOT;
        }
        int owner = parent == ProcKind.ROOT ? 0 : owner(number);
        return number(parent == ProcKind.TASKS ? process(t, owner).id() : owner, parent, 0);
    }

    /** Whether a kind of directory has a kind of entry by a name of its own. */
    private static boolean has(ProcKind directory, ProcKind entry) {
        return !entry.text.isEmpty() && (directory == ProcKind.THREAD
                ? entry.parent == ProcKind.PROCESS && entry != ProcKind.TASKS
                : entry.parent == directory);
    }

    private static String linkText(Trap t, long number) {
        int owner = owner(number);
        int self = t.current() < 0 ? 1 : t.process().id();
        return switch (kind(number)) {
            case SELF -> String.valueOf(self);
            case THREAD_SELF -> self + "/task/" + Math.max(1, t.current());
            case MOUNTS_OF_SELF -> "self/mounts";
            case EXE -> process(t, owner).program();
            case CWD -> Paths.nameOf(t, process(t, owner).directory());
            case ROOT_OF_PROCESS -> Paths.nameOf(t, process(t, owner).root());
            case FD -> t.file(descriptor(t, number).file()).path();
            default -> throw new IllegalStateException(kind(number) + " is no link");
        };
    }

    private static DescriptorTable.Descriptor descriptor(Trap t, long number) {
        UserProcess process = process(t, owner(number));
        DescriptorTable.Descriptor entry = process.exit().ended()
                ? null
                : t.table(process.files()).get(which(number));
        if (entry == null) {
            throw new LinuxError(Errno.ENOENT);
        }
        return entry;
    }

    /** Where a magic link leads without its text being parsed, or 0 for an ordinary link. */
    static long target(Trap t, long number) {
        return switch (kind(number)) {
            case EXE -> process(t, owner(number)).programInode();
            case CWD -> process(t, owner(number)).directory();
            case ROOT_OF_PROCESS -> process(t, owner(number)).root();
            case FD -> t.file(descriptor(t, number).file()).inode();
            default -> 0;
        };
    }

    /** Names in a directory of /proc. */
    static Map<String, Long> entries(Trap t, long number) {
        ProcKind kind = kind(number);
        if (!kind.directory()) {
            throw new LinuxError(Errno.ENOTDIR);
        }
        Map<String, Long> names = new TreeMap<>();
        int owner = owner(number);
        for (ProcKind child : KINDS) {
            if (has(kind, child)) {
                names.put(child.text, number(owner, child, 0));
            }
        }
        if (kind.form == ProcKind.Form.SETTINGS) {
            ProcSettings.in(kind.path(), (name, i) -> names.put(name, number(0, ProcKind.SETTING, i)));
        }
        switch (kind) {
            case ROOT -> t.processes().keySet()
                    .forEach(id -> names.put(String.valueOf(id), number(id, ProcKind.PROCESS, 0)));
            case FDS, FD_NOTES -> {
                UserProcess process = process(t, owner);
                ProcKind entry = kind == ProcKind.FDS ? ProcKind.FD : ProcKind.FD_NOTE;
                if (!process.exit().ended()) {
                    t.table(process.files()).entries().keySet()
                            .forEach(fd -> names.put(String.valueOf(fd), number(owner, entry, fd)));
                }
            }
            case TASKS -> {
                int process = process(t, owner).id();
                t.tasks().values().stream().filter(task -> task.process() == process)
                        .forEach(task -> names.put(String.valueOf(task.id()), number(task.id(), ProcKind.THREAD, 0)));
            }
            default -> {
                // All that is in the others has a row of its own.
            }
        }
        return names;
    }

    /** The inode number of a name in a directory of /proc, or 0. Threads are found in its root, though not listed there. */
    static long lookup(Trap t, long number, String name) {
        ProcKind kind = kind(number);
        if (kind == ProcKind.ROOT && name.matches("[0-9]{1,9}")) {
            int id = Integer.parseInt(name);
            return find(t, id) != null ? number(id, ProcKind.PROCESS, 0) : 0;
        }
        if (kind == ProcKind.PROCESS || kind == ProcKind.THREAD) {
            for (ProcKind child : KINDS) {
                if (has(kind, child) && child.text.equals(name)) {
                    return number(owner(number), child, 0);
                }
            }
            return 0;
        }
        return entries(t, number).getOrDefault(name, 0L);
    }

    /** The absolute path of something in /proc. */
    static String nameOf(Trap t, long number) {
        ProcKind kind = kind(number);
        if (kind == ProcKind.SETTING) {
            return ProcSettings.path(which(number));
        }
        String base = owner(number) == 0 ? "/proc" : "/proc/" + owner(number);
        return switch (kind) {
            case ROOT, PROCESS -> base;
            case THREAD -> nameOf(t, parent(t, number)) + "/" + owner(number);
            case FD -> base + "/fd/" + which(number);
            case FD_NOTE -> base + "/fdinfo/" + which(number);
            default -> base + "/" + kind.path();
        };
    }

    /** The process whose directory in /proc an inode is, or 0. */
    public static int processOf(long number) {
        return owns(number) && kind(number) == ProcKind.PROCESS ? owner(number) : 0;
    }

    /** Takes what is written to a file of /proc. Root can open what cannot be written, and is told so here, as by Linux. */
    public static void write(Trap t, long number, String text) {
        int owner = owner(number);
        if (kind(number) == ProcKind.SETTING) {
            ProcSettings.write(t, which(number), text);
        } else if (owner == 0) {
            throw new LinuxError(Errno.EIO);
        } else {
            ProcText.write(t, kind(number), owner, process(t, owner), text);
        }
    }

    /** What opening the inode opens: a snapshot of its text, or a process's memory. */
    public static OpenFile.End open(Trap t, Inode inode) {
        long number = inode.number();
        int owner = owner(number);
        if (kind(number) == ProcKind.MEM) {
            UserProcess process = process(t, owner);
            if (!Tracing.mayAccess(t, process)) {
                throw new LinuxError(Errno.EACCES);
            }
            return new OpenFile.OnMemory(process.addressSpace());
        }
        return new OpenFile.OnText(switch (kind(number)) {
            case SETTING -> ProcSettings.text(t, which(number));
            case FD_NOTE -> ProcDescriptors.text(t, descriptor(t, number));
            default -> owner == 0
                    ? ProcSystem.text(t, kind(number))
                    : ProcText.text(t, kind(number), owner, process(t, owner));
        });
    }
}
