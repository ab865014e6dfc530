package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.Pipe;
import chronovisor.kitten.ipc.MessageQueue;
import chronovisor.kitten.ipc.Permissions;
import chronovisor.kitten.ipc.Segment;
import chronovisor.kitten.ipc.SemaphoreSet;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/** The files of /proc/sys and /proc/sysvipc: limits of the kernel, some of which root may change, and lists of objects. */
final class ProcSettings {

    /** A file: its directory below /proc, its name, its text, and what happens when root writes; null for what nobody may. */
    private record Setting(String directory, String name, Text text, @Nullable Change change) {
        Setting(String directory, String name, Text text) {
            this(directory, name, text, null);
        }
    }

    @FunctionalInterface
    private interface Text {
        String of(Trap t);
    }

    /** Takes a text without the white space around it. */
    @FunctionalInterface
    private interface Change {
        void by(Trap t, String text);
    }

    private static final int NAME_MAX = 64;

    private static final List<Setting> SETTINGS = List.of(
            fixed("sys/kernel", "cap_last_cap", "40"), fixed("sys/kernel", "core_pattern", "core"),
            fixed("sys/kernel", "core_uses_pid", "0"),
            new Setting("sys/kernel", "domainname", t -> t.settings().domainName() + "\n",
                    (t, text) -> t.put(t.settings().withDomainName(name(text)))),
            new Setting("sys/kernel", "hostname", t -> t.hostName() + "\n", (t, text) -> t.hostName(name(text))),
            variable(KernelLimits.MESSAGE_BYTES, 0, 1 << 16), variable(KernelLimits.QUEUE_BYTES, 0, 1 << 20),
            variable(KernelLimits.QUEUES, 0, 1 << 15), fixed("sys/kernel", "ngroups_max", "65536"),
            fixed("sys/kernel", "osrelease", Identity.RELEASE), fixed("sys/kernel", "ostype", Identity.SYSTEM),
            fixed("sys/kernel", "overflowgid", "65534"), fixed("sys/kernel", "overflowuid", "65534"),
            fixed("sys/kernel", "pid_max", "32768"),
            fixed("sys/kernel", "randomize_va_space", "0"), fixed("sys/kernel", "sched_rr_timeslice_ms", "100"),
            fixed("sys/kernel", "sem", "32000\t1024000000\t500\t32000"),
            variable(KernelLimits.SEGMENT_PAGES, 0, -1), variable(KernelLimits.SEGMENT_BYTES, 0, -1),
            variable(KernelLimits.SEGMENTS, 0, 1 << 15),
            fixed("sys/kernel/random", "entropy_avail", "256"), fixed("sys/kernel/random", "poolsize", "256"),
            new Setting("sys/kernel/random", "uuid", t -> uuid(entropy(t))),
            fixed("sys/kernel", "tainted", "0"),
            fixed("sys/kernel", "threads-max", "32768"), fixed("sys/kernel", "version", Identity.VERSION),
            fixed("sys/fs", "file-max", "1048576"),
            new Setting("sys/fs", "file-nr", t -> t.files().size() + "\t0\t1048576\n"),
            fixed("sys/fs", "leases-enable", "1"), variable(KernelLimits.LEASE_BREAK_S, 0, Integer.MAX_VALUE),
            variable(KernelLimits.NOTICES, 0, Integer.MAX_VALUE), variable(KernelLimits.WATCHERS, 0, Integer.MAX_VALUE),
            variable(KernelLimits.WATCHES, 0, Integer.MAX_VALUE),
            variable(KernelLimits.DESCRIPTORS, 8, 1 << 20),
            variable(KernelLimits.PIPE_BYTES, 0, 1L << 31, bytes -> Pipe.frames(bytes) << 12),
            fixed("sys/fs", "pipe-user-pages-hard", "0"),
            fixed("sys/fs", "pipe-user-pages-soft", "0"),
            new Setting("sys/vm", "drop_caches", t -> "0\n", ProcSettings::dropCaches),
            variable(KernelLimits.MAPPINGS, 0, Integer.MAX_VALUE), fixed("sys/vm", "mmap_min_addr", "65536"),
            fixed("sys/vm", "overcommit_memory", "0"), fixed("sys/vm", "overcommit_ratio", "50"),
            fixed("sys/vm", "swappiness", "60"),
            new Setting("sysvipc", "msg", ProcSettings::queues),
            new Setting("sysvipc", "sem", ProcSettings::semaphores),
            new Setting("sysvipc", "shm", ProcSettings::segments));

    private ProcSettings() {}

    private static Setting variable(KernelLimits.Limit limit, long least, long most) {
        return variable(limit, least, most, LongUnaryOperator.identity());
    }

    /** @param kept what is in force after a value has been written */
    private static Setting variable(KernelLimits.Limit limit, long least, long most, LongUnaryOperator kept) {
        return new Setting("sys/" + limit.directory(), limit.name(),
                t -> Long.toUnsignedString(KernelLimits.of(t, limit)) + "\n", (t, text) -> {
                    long value = number(text);
                    if (Long.compareUnsigned(value, least) < 0 || Long.compareUnsigned(value, most) > 0) {
                        throw new LinuxError(Errno.EINVAL);
                    }
                    t.put(t.settings().withLimit(limit.path(), kept.applyAsLong(value)));
                });
    }

    /** Whether root may write a file. */
    static boolean variable(int index) {
        return SETTINGS.get(index).change() != null;
    }

    /** What root writes, which is in force at once. Fails with EINVAL. */
    static void write(Trap t, int index, String text) {
        Change change = SETTINGS.get(index).change();
        if (change == null) {
            throw new LinuxError(Errno.EACCES);
        }
        change.by(t, text.strip());
    }

    /** Names of hosts and domains are cut, as Linux does. */
    private static String name(String text) {
        return text.substring(0, Math.min(NAME_MAX, text.length()));
    }

    /** Everything is in memory for good, so that nothing is dropped. */
    private static void dropCaches(Trap t, String text) {
        if (number(text) < 1 || number(text) > 4) {
            throw new LinuxError(Errno.EINVAL);
        }
    }

    /** An unsigned number of 64 bits. Fails with EINVAL. */
    static long number(String digits) {
        if (!digits.matches("[0-9]{1,20}") || new BigInteger(digits).bitLength() > Long.SIZE) {
            throw new LinuxError(Errno.EINVAL);
        }
        return Long.parseUnsignedLong(digits);
    }

    private static byte[] entropy(Trap t) {
        byte[] bytes = new byte[16];
        t.machine.entropy(bytes);
        return bytes;
    }

    /** A random UUID of these bytes (RFC 9562, version 4). */
    private static String uuid(byte[] bytes) {
        bytes[6] = (byte) (bytes[6] & 0x0F | 0x40);
        bytes[8] = (byte) (bytes[8] & 0x3F | 0x80);
        String digits = HexFormat.of().formatHex(bytes);
        return digits.substring(0, 8) + "-" + digits.substring(8, 12) + "-" + digits.substring(12, 16) + "-"
                + digits.substring(16, 20) + "-" + digits.substring(20) + "\n";
    }

    private static Setting fixed(String directory, String name, String value) {
        return new Setting(directory, name, t -> value + "\n");
    }

    /** Sees the files of a directory. */
    @FunctionalInterface
    interface Visitor {
        /** A file by its name and index. */
        void file(String name, int index);
    }

    /** Shows the files of a directory below /proc. */
    static void in(String directory, Visitor visitor) {
        for (int i = 0; i < SETTINGS.size(); i++) {
            if (SETTINGS.get(i).directory().equals(directory)) {
                visitor.file(SETTINGS.get(i).name(), i);
            }
        }
    }

    /** The text of a file. */
    static String text(Trap t, int index) {
        return SETTINGS.get(index).text().of(t);
    }

    /** The path of a file. */
    static String path(int index) {
        return "/proc/" + SETTINGS.get(index).directory() + "/" + SETTINGS.get(index).name();
    }

    private static String queues(Trap t) {
        StringBuilder text = new StringBuilder("       key      msqid perms      cbytes       qnum lspid lrpid   uid"
                + "   gid  cuid  cgid      stime      rtime      ctime\n");
        for (MessageQueue queue : t.ipc().queues().values()) {
            Permissions p = queue.permissions();
            text.append(String.format(Locale.ROOT, "%10d %10d  %4o  %10d %10d %5d %5d %5d %5d %5d %5d %10d %10d %10d\n",
                    p.key(), queue.id(), p.mode(), queue.bytes(), queue.messages().size(), queue.sender(),
                    queue.receiver(), p.uid(), p.gid(), p.creator(), p.creatorGroup(), queue.sent_s(),
                    queue.received_s(), queue.changed_s()));
        }
        return text.toString();
    }

    private static String semaphores(Trap t) {
        StringBuilder text = new StringBuilder(
                "       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n");
        for (SemaphoreSet set : t.ipc().semaphores().values()) {
            Permissions p = set.permissions();
            text.append(String.format(Locale.ROOT, "%10d %10d  %4o %10d %5d %5d %5d %5d %10d %10d\n", p.key(), set.id(),
                    p.mode(), set.semaphores().size(), p.uid(), p.gid(), p.creator(), p.creatorGroup(),
                    set.operated_s(), set.changed_s()));
        }
        return text.toString();
    }

    private static long resident_bytes(Trap t, Segment segment) {
        Inode inode = t.findInode(segment.inode());
        return inode != null && inode.content() instanceof Inode.Data data ? data.pages().size() * 4096L : 0;
    }

    private static String segments(Trap t) {
        StringBuilder text = new StringBuilder("       key      shmid perms                  size  cpid  lpid nattch"
                + "   uid   gid  cuid  cgid      atime      dtime      ctime                   rss"
                + "                  swap\n");
        for (Segment segment : t.ipc().segments().values()) {
            Permissions p = segment.permissions();
            text.append(String.format(Locale.ROOT,
                    "%10d %10d  %4o %21d %5d %5d  %5d %5d %5d %5d %5d %10d %10d %10d %21d %21d\n", p.key(),
                    segment.id(), p.mode(), segment.bytes(), segment.made(), segment.last(),
                    Mappings.attachments(t, segment.inode()), p.uid(), p.gid(), p.creator(), p.creatorGroup(),
                    segment.attached_s(), segment.detached_s(), segment.changed_s(),
                    resident_bytes(t, segment), 0));
        }
        return text.toString();
    }
}
