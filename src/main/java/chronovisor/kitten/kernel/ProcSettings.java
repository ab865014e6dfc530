package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.Watcher;
import chronovisor.kitten.ipc.MessageQueue;
import chronovisor.kitten.ipc.Permissions;
import chronovisor.kitten.ipc.Segment;
import chronovisor.kitten.ipc.SemaphoreSet;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;

/** The files of /proc/sys and /proc/sysvipc: limits of the kernel, some of which root may change, and lists of objects. */
final class ProcSettings {

    /** A file: its directory below /proc, its name, its text; {@code least} and {@code most} of what root may write, unsigned. */
    private record Setting(String directory, String name, Text text, boolean variable, long least, long most) {
        Setting(String directory, String name, Text text) {
            this(directory, name, text, false, 0, 0);
        }

        String key() {
            return directory + "/" + name;
        }
    }

    @FunctionalInterface
    private interface Text {
        String of(Trap t);
    }

    private static final List<Setting> SETTINGS = List.of(
            fixed("sys/kernel", "cap_last_cap", "40"), fixed("sys/kernel", "core_pattern", "core"),
            variable(KernelLimits.MESSAGE_BYTES, 0, 1 << 16), variable(KernelLimits.QUEUE_BYTES, 0, 1 << 20),
            variable(KernelLimits.QUEUES, 0, 1 << 15), fixed("sys/kernel", "ngroups_max", "65536"),
            fixed("sys/kernel", "randomize_va_space", "0"), fixed("sys/kernel", "sched_rr_timeslice_ms", "100"),
            fixed("sys/kernel", "sem", "32000\t1024000000\t500\t32000"),
            variable(KernelLimits.SEGMENT_PAGES, 0, -1), variable(KernelLimits.SEGMENT_BYTES, 0, -1),
            variable(KernelLimits.SEGMENTS, 0, 1 << 15),
            new Setting("sys/kernel", "domainname", t -> t.settings().domainName() + "\n"),
            fixed("sys/kernel", "tainted", "0"),
            fixed("sys/kernel", "threads-max", "32768"), fixed("sys/kernel", "version", Identity.VERSION),
            fixed("sys/fs", "file-max", "1048576"),
            fixed("sys/fs/inotify", "max_queued_events", "" + Watcher.NOTICES_MAX),
            fixed("sys/fs/inotify", "max_user_instances", "" + Watcher.INSTANCES_MAX),
            fixed("sys/fs/inotify", "max_user_watches", "" + Watcher.WATCHES_MAX),
            variable(KernelLimits.DESCRIPTORS, 8, 1 << 20),
            fixed("sys/fs", "pipe-max-size", "1048576"), fixed("sys/fs", "pipe-user-pages-hard", "0"),
            fixed("sys/fs", "pipe-user-pages-soft", "0"),
            new Setting("sysvipc", "msg", ProcSettings::queues),
            new Setting("sysvipc", "sem", ProcSettings::semaphores),
            new Setting("sysvipc", "shm", ProcSettings::segments));

    private ProcSettings() {}

    private static Setting variable(KernelLimits.Limit limit, long least, long most) {
        return new Setting("sys/" + limit.directory(), limit.name(),
                t -> Long.toUnsignedString(KernelLimits.of(t, limit)) + "\n", true, least, most);
    }

    /** Whether root may write a file. */
    static boolean variable(int index) {
        return SETTINGS.get(index).variable();
    }

    /** What root writes: a number, which is in force at once. Fails with EINVAL. */
    static void write(Trap t, int index, String text) {
        Setting setting = SETTINGS.get(index);
        if (!setting.variable()) {
            throw new LinuxError(Errno.EACCES);
        }
        long value = number(text.strip());
        if (Long.compareUnsigned(value, setting.least()) < 0 || Long.compareUnsigned(value, setting.most()) > 0) {
            throw new LinuxError(Errno.EINVAL);
        }
        t.put(t.settings().withLimit(setting.key(), value));
    }

    /** An unsigned number of 64 bits. Fails with EINVAL. */
    static long number(String digits) {
        if (!digits.matches("[0-9]{1,20}") || new BigInteger(digits).bitLength() > Long.SIZE) {
            throw new LinuxError(Errno.EINVAL);
        }
        return Long.parseUnsignedLong(digits);
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
                    segment.attached_s(), segment.detached_s(), segment.changed_s(), 0, 0));
        }
        return text.toString();
    }
}
