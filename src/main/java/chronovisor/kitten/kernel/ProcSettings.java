package chronovisor.kitten.kernel;

import chronovisor.kitten.ipc.MessageQueue;
import chronovisor.kitten.ipc.Permissions;
import chronovisor.kitten.ipc.Segment;
import chronovisor.kitten.ipc.SemaphoreSet;
import java.util.List;
import java.util.Locale;

/** The files of /proc/sys and /proc/sysvipc: limits of the kernel, which do not change, and lists of objects. */
final class ProcSettings {

    /** A file: its directory below /proc, its name, its text. */
    private record Setting(String directory, String name, Text text) {}

    @FunctionalInterface
    private interface Text {
        String of(Trap t);
    }

    private static final List<Setting> SETTINGS = List.of(
            fixed("sys/kernel", "cap_last_cap", "40"), fixed("sys/kernel", "core_pattern", "core"),
            fixed("sys/kernel", "msgmax", "8192"), fixed("sys/kernel", "msgmnb", "16384"),
            fixed("sys/kernel", "msgmni", "32000"), fixed("sys/kernel", "ngroups_max", "65536"),
            fixed("sys/kernel", "randomize_va_space", "0"), fixed("sys/kernel", "sched_rr_timeslice_ms", "100"),
            fixed("sys/kernel", "sem", "32000\t1024000000\t500\t32000"),
            fixed("sys/kernel", "shmall", "18446744073692774399"), fixed("sys/kernel", "shmmax", "9223372036838000639"),
            fixed("sys/kernel", "shmmni", "4096"), fixed("sys/kernel", "tainted", "0"),
            fixed("sys/kernel", "threads-max", "32768"), fixed("sys/kernel", "version", Identity.VERSION),
            fixed("sys/fs", "file-max", "1048576"), fixed("sys/fs", "nr_open", "1048576"),
            fixed("sys/fs", "pipe-max-size", "1048576"), fixed("sys/fs", "pipe-user-pages-hard", "0"),
            fixed("sys/fs", "pipe-user-pages-soft", "0"),
            new Setting("sysvipc", "msg", ProcSettings::queues),
            new Setting("sysvipc", "sem", ProcSettings::semaphores),
            new Setting("sysvipc", "shm", ProcSettings::segments));

    private ProcSettings() {}

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
