package chronovisor.kitten.kernel;

import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.file.Watcher;
import chronovisor.kitten.file.Watcher.Notice;
import chronovisor.kitten.file.Watcher.Watch;
import chronovisor.kitten.task.WaitKey;
import java.util.List;
import java.util.Map;
import org.pcollections.PVector;

/**
 * Tells inotify(7) instances what happens to files: who changes a file calls one of these. As long as nobody watches anything they cost
 * a look at an empty table.
 */
public final class Notifications {

    public static final int ACCESS = 0x1;
    public static final int MODIFY = 0x2;
    public static final int ATTRIBUTES = 0x4;
    public static final int CLOSE_WRITE = 0x8;
    public static final int CLOSE_NO_WRITE = 0x10;
    public static final int OPEN = 0x20;
    public static final int MOVED_FROM = 0x40;
    public static final int MOVED_TO = 0x80;
    public static final int CREATE = 0x100;
    public static final int DELETE = 0x200;
    public static final int DELETE_SELF = 0x400;
    public static final int MOVE_SELF = 0x800;
    public static final int UNMOUNT = 0x2000;
    public static final int OVERFLOW = 0x4000;
    public static final int IGNORED = 0x8000;
    public static final int IS_DIRECTORY = 0x4000_0000;
    public static final int ONE_SHOT = 0x8000_0000;

    private Notifications() {}

    /** Something happened to an inode: directories that hold it are told its name, then who watches the inode itself. */
    public static void happened(Trap t, long inode, int event) {
        happened(t, inode, event, "");
    }

    /** @param path the path that the inode was reached by: it has one of its names there */
    public static void happened(Trap t, long inode, int event, String path) {
        if (t.attachments().watchers().isEmpty()) {
            return;
        }
        Inode about = t.findInode(inode);
        if (about == null) {
            return;
        }
        int mask = about.isDirectory() ? event | IS_DIRECTORY : event;
        for (Watcher watcher : List.copyOf(t.attachments().watchers().values())) {
            for (Map.Entry<Integer, Watch> entry : watcher.watches().entrySet()) {
                Inode watched = t.findInode(entry.getValue().inode());
                if (watched != null && watched.content() instanceof Inode.Directory directory
                        && directory.entries().containsValue(inode)) {
                    tell(t, watcher.file(), entry.getKey(), mask, 0, nameIn(directory, inode, path));
                }
            }
            for (Map.Entry<Integer, Watch> entry : watcher.watches().entrySet()) {
                if (entry.getValue().inode() == inode) {
                    tell(t, watcher.file(), entry.getKey(), mask, 0, "");
                }
            }
        }
    }

    private static String nameIn(Inode.Directory directory, long inode, String path) {
        String last = path.substring(path.lastIndexOf('/') + 1);
        if (directory.entries().getOrDefault(last, 0L) == inode) {
            return last;
        }
        for (Map.Entry<String, Long> entry : directory.entries().entrySet()) {
            if (entry.getValue() == inode) {
                return entry.getKey();
            }
        }
        return last;
    }

    /** Something happened to a name in a directory. */
    public static void inDirectory(Trap t, long directory, String name, int event, int cookie) {
        for (Watcher watcher : List.copyOf(t.attachments().watchers().values())) {
            for (Map.Entry<Integer, Watch> entry : watcher.watches().entrySet()) {
                if (entry.getValue().inode() == directory) {
                    tell(t, watcher.file(), entry.getKey(), event, cookie, name);
                }
            }
        }
    }

    /** Something happened to an inode that only who watches it is told. */
    public static void toSelf(Trap t, long inode, int event) {
        inDirectory(t, inode, "", event, 0);
    }

    /** A name was moved; both directories are told the same cookie. */
    public static void moved(Trap t, long from, String old, long to, String name, boolean directory) {
        if (t.attachments().watchers().isEmpty()) {
            return;
        }
        int cookie = (int) t.nextOrder();
        int kind = directory ? IS_DIRECTORY : 0;
        inDirectory(t, from, old, MOVED_FROM | kind, cookie);
        inDirectory(t, to, name, MOVED_TO | kind, cookie);
    }

    /** An inode is gone, or its file system: nobody watches it any more. */
    static void gone(Trap t, long inode, int event) {
        for (Watcher watcher : List.copyOf(t.attachments().watchers().values())) {
            watcher.watches().forEach((number, watch) -> {
                if (watch.inode() == inode) {
                    tell(t, watcher.file(), number, event, 0, "");
                    remove(t, watcher.file(), number);
                }
            });
        }
    }

    /** Takes a watch away, which is told too. */
    public static void remove(Trap t, long file, int number) {
        Watcher watcher = t.attachments().watchers().get(file);
        if (watcher != null && watcher.watches().containsKey(number)) {
            t.put(t.attachments().with(watcher.without(number)));
            queue(t, file, new Notice(number, IGNORED, 0, ""));
        }
    }

    /** An open file was closed for good. */
    static void closed(Trap t, OpenFile file) {
        boolean path = (file.flags() & 0x200000) != 0;
        if (!t.attachments().watchers().isEmpty() && !path) {
            happened(t, file.inode(), file.writable() ? CLOSE_WRITE : CLOSE_NO_WRITE, file.path());
        }
    }

    private static void tell(Trap t, long file, int number, int mask, int cookie, String name) {
        Watcher watcher = t.attachments().watchers().get(file);
        Watch watch = watcher == null ? null : watcher.watches().get(number);
        if (watch == null || (watch.mask() & mask & ~IS_DIRECTORY) == 0 && (mask & UNMOUNT) == 0) {
            return;
        }
        queue(t, file, new Notice(number, mask, cookie, name));
        if ((watch.mask() & ONE_SHOT) != 0) {
            remove(t, file, number);
        }
    }

    private static void queue(Trap t, long file, Notice notice) {
        Watcher watcher = t.attachments().watchers().get(file);
        if (watcher == null) {
            return;
        }
        PVector<Notice> notices = watcher.notices();
        // The same event twice in a row is one.
        if (!notices.isEmpty() && notices.get(notices.size() - 1).equals(notice)) {
            return;
        }
        if (notices.size() >= KernelLimits.of(t, KernelLimits.NOTICES)) {
            Notice overflow = new Notice(-1, OVERFLOW, 0, "");
            if (notices.size() == KernelLimits.of(t, KernelLimits.NOTICES)) {
                t.put(t.attachments().with(watcher.withNotices(notices.plus(overflow))));
            }
            return;
        }
        t.put(t.attachments().with(watcher.withNotices(notices.plus(notice))));
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.COUNTER, file));
    }
}
