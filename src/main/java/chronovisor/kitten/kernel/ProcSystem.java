package chronovisor.kitten.kernel;

import chronovisor.kitten.file.FileLock;
import chronovisor.kitten.file.Mount;
import java.util.Locale;

/** The texts of /proc (proc(5)) that are about the whole system, as they are when the file is opened. */
final class ProcSystem {

    private ProcSystem() {}

    static String text(Trap t, ProcKind kind) {
        return switch (kind) {
            // The built-in kernel is booted by its options and has no command line.
            case CMDLINE_OF_KERNEL -> "\n";
            case CPUINFO -> ProcCpu.text(t);
            case FILESYSTEMS -> "nodev\t" + String.join("\nnodev\t", Mount.TYPES) + "\n";
            case LOADAVG -> "0.00 0.00 0.00 1/" + t.tasks().size() + " " + t.tasks().lastKey() + "\n";
            case LOCKS -> locks(t);
            case MEMINFO -> memory(t);
            case NET_IF_INET6 -> "0".repeat(31) + "1 01 80 10 80       lo\n";
            case STAT_OF_SYSTEM -> stat(t);
            case SWAPS -> "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
            case UPTIME -> seconds(t.now_ns()) + " " + seconds(0) + "\n";
            case VERSION -> "Linux version 6.1.0-kitten (kitten@chronovisor) #1 SMP\n";
            default -> throw new IllegalStateException(kind + " is no text of the system");
        };
    }

    /** A line for each core, by which programs count them; how long they ran is not told. */
    private static String stat(Trap t) {
        StringBuilder text = new StringBuilder("cpu  0 0 0 0 0 0 0 0 0 0\n");
        for (int core = 0; core < t.cores().size(); core++) {
            text.append("cpu").append(core).append(" 0 0 0 0 0 0 0 0 0 0\n");
        }
        return text.append("intr 0\nctxt 0\nbtime ").append((t.realtime_ns() - t.now_ns()) / 1_000_000_000)
                .append("\nprocesses ")
                .append(t.processes().size()).append("\nprocs_running 1\nprocs_blocked 0\n").toString();
    }

    static String mounts(Trap t) {
        StringBuilder text = new StringBuilder("rootfs / rootfs rw 0 0\nproc /proc proc rw 0 0\n");
        for (Mount mount : t.mounts().values()) {
            text.append(field(mount.source())).append(' ').append(field(Paths.nameOf(t, mount.root()))).append(' ')
                    .append(mount.type()).append(mount.readOnly() ? " ro" : " rw").append(" 0 0\n");
        }
        return text.toString();
    }

    /** Numbers are those of statx(2): a file system's and one more. */
    static String mountInfo(Trap t) {
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

    /** Who holds which bytes of which file. */
    private static String locks(Trap t) {
        StringBuilder text = new StringBuilder();
        int[] count = {0};
        t.locks().forEach((inode, held) -> {
            for (FileLock lock : held) {
                String kind = switch (lock.kind()) {
                    case PROCESS -> "POSIX ";
                    case OPEN_FILE -> "OFDLCK";
                    case FLOCK -> "FLOCK ";
                };
                text.append(String.format(Locale.ROOT, "%d: %s ADVISORY  %s %d 00:%02x:%d %d %s\n", ++count[0], kind,
                        lock.exclusive() ? "WRITE" : "READ ",
                        lock.kind() == FileLock.Kind.PROCESS ? lock.owner() : -1, 16 + (Mount.systemOf(inode) << 1),
                        inode, lock.start(),
                        lock.end() == Long.MAX_VALUE ? "EOF" : String.valueOf(lock.end())));
            }
        });
        return text.toString();
    }

    private static String memory(Trap t) {
        String line = "%-16s%8d kB%n";
        return String.format(Locale.ROOT, line, "MemTotal:", t.framesTotal() * 4)
                + String.format(Locale.ROOT, line, "MemFree:", t.framesFree() * 4)
                + String.format(Locale.ROOT, line, "MemAvailable:", BalloonProcess.framesAvailable(t) * 4)
                + String.format(Locale.ROOT, line, "Buffers:", 0) + String.format(Locale.ROOT, line, "Cached:", 0)
                + String.format(Locale.ROOT, line, "SwapTotal:", 0) + String.format(Locale.ROOT, line, "SwapFree:", 0);
    }
}
