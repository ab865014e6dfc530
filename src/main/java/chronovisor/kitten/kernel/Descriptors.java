package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.DescriptorTable;
import chronovisor.kitten.file.FileLock;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.file.Pipe;
import chronovisor.kitten.task.WaitKey;
import java.util.List;
import java.util.Map;

/** Descriptors and the open files behind them: installing, duplicating, closing. */
public final class Descriptors {

    /** RLIMIT_NOFILE. */
    public static final int LIMIT = 7;

    private Descriptors() {}

    /** The open file of a descriptor, else EBADF. */
    public static OpenFile get(Trap t, long descriptor) {
        DescriptorTable.Descriptor entry = t.table(t.process().files()).get((int) descriptor);
        if (entry == null) {
            throw new LinuxError(Errno.EBADF);
        }
        return t.file(entry.file());
    }

    /** The open file of a descriptor that is not O_PATH. */
    public static OpenFile usable(Trap t, long descriptor) {
        OpenFile file = get(t, descriptor);
        if ((file.flags() & 0x200000) != 0) {
            throw new LinuxError(Errno.EBADF);
        }
        return file;
    }

    /** Makes an open file with no descriptor yet. */
    public static OpenFile open(Trap t, long inode, int flags, String path, OpenFile.End end) {
        OpenFile file = new OpenFile(t.nextFile(), inode, flags, 0, 0, path, end);
        t.put(file);
        return file;
    }

    /** Gives an open file the lowest free descriptor from {@code minimum}. */
    public static int install(Trap t, OpenFile file, boolean closeOnExec, int minimum) {
        DescriptorTable table = t.table(t.process().files());
        int number = table.lowestFree(minimum);
        if (number >= limit(t)) {
            if (t.file(file.id()).references() == 0) {
                t.put(t.file(file.id()).withReferences(1));
                release(t, file.id());
            }
            throw new LinuxError(Errno.EMFILE);
        }
        set(t, number, file.id(), closeOnExec);
        return number;
    }

    /** How many descriptors the process may have. */
    public static long limit(Trap t) {
        long soft = t.process().limit(LIMIT).soft();
        return soft < 0 ? 1 << 20 : soft;
    }

    /** Points a descriptor at an open file, closing what it was. */
    public static void set(Trap t, int number, long file, boolean closeOnExec) {
        DescriptorTable table = t.table(t.process().files());
        DescriptorTable.Descriptor old = table.get(number);
        t.put(t.file(file).withReferences(t.file(file).references() + 1));
        t.put(table.with(number, new DescriptorTable.Descriptor(file, closeOnExec)));
        if (old != null) {
            release(t, old.file());
        }
    }

    /** close(2). */
    public static void close(Trap t, int number) {
        DescriptorTable table = t.table(t.process().files());
        DescriptorTable.Descriptor old = table.get(number);
        if (old == null) {
            throw new LinuxError(Errno.EBADF);
        }
        t.put(table.without(number));
        // Closing any descriptor of a file gives up all record locks of the process on it (fcntl(2)).
        FileLocks.release(t, t.file(old.file()).inode(),
                new FileLock(FileLock.Kind.PROCESS, t.process().id(), true, 0, Long.MAX_VALUE));
        QueueNotices.closed(t, t.file(old.file()));
        release(t, old.file());
        t.observer.fileClosed(t.core(), t.current(), number);
    }

    /** One reference to an open file less; with the last one it is closed. */
    public static void release(Trap t, long id) {
        OpenFile file = t.file(id);
        if (file.references() > 1) {
            t.put(file.withReferences(file.references() - 1));
            return;
        }
        Notifications.closed(t, file);
        Leases.closed(t, file);
        t.removeFile(id);
        t.put(t.attachments().withoutFile(id));
        LoopDevices.closed(t, file.end());
        PseudoTerminals.closed(t, file.end());
        FileLocks.release(t, file.inode(), new FileLock(FileLock.Kind.OPEN_FILE, id, true, 0, Long.MAX_VALUE));
        FileLocks.release(t, file.inode(), new FileLock(FileLock.Kind.FLOCK, id, true, 0, Long.MAX_VALUE));
        if (file.end() instanceof OpenFile.OnSocket end) {
            Sockets.close(t, end.socket());
        }
        if (file.end() instanceof OpenFile.OnTimer) {
            t.removeTimer(id);
        }
        if (file.end() instanceof OpenFile.OnPipe end) {
            Pipe pipe = t.pipe(end.pipe());
            pipe = pipe.withEnds(pipe.readers() - (end.reads() ? 1 : 0), pipe.writers() - (end.writes() ? 1 : 0));
            t.put(pipe);
            Scheduler.wake(t, new WaitKey(WaitKey.Kind.PIPE_READ, end.pipe()));
            Scheduler.wake(t, new WaitKey(WaitKey.Kind.PIPE_WRITE, end.pipe()));
            if (pipe.readers() == 0 && pipe.writers() == 0) {
                pipe.buffer().frames().forEach(t::releaseKernelFrame);
                t.removePipe(pipe.id());
                Inode inode = t.findInode(file.inode());
                if (inode != null && inode.content() instanceof Inode.Fifo) {
                    t.put(inode.withContent(new Inode.Fifo(0), 0, t.realtime_ns()));
                }
            }
        }
        Inodes.collect(t, file.inode());
    }

    /** A copy of a table for fork: the same open files. */
    public static DescriptorTable copy(Trap t, int id) {
        DescriptorTable old = t.table(id);
        DescriptorTable copy = new DescriptorTable(t.nextTable(), 1, old.entries());
        t.put(copy);
        for (DescriptorTable.Descriptor entry : old.entries().values()) {
            t.put(t.file(entry.file()).withReferences(t.file(entry.file()).references() + 1));
        }
        return copy;
    }

    /** One user of a table less; the last one closes everything. The process gives up its record locks. */
    public static void releaseTable(Trap t, int id, int process) {
        DescriptorTable table = t.table(id);
        for (DescriptorTable.Descriptor entry : table.entries().values()) {
            FileLocks.release(t, t.file(entry.file()).inode(),
                    new FileLock(FileLock.Kind.PROCESS, process, true, 0, Long.MAX_VALUE));
        }
        if (table.users() > 1) {
            t.put(table.withUsers(table.users() - 1));
            return;
        }
        t.removeTable(id);
        for (DescriptorTable.Descriptor entry : table.entries().values()) {
            release(t, entry.file());
        }
    }

    /** What execve closes. */
    public static void closeOnExec(Trap t) {
        DescriptorTable table = t.table(t.process().files());
        for (Map.Entry<Integer, DescriptorTable.Descriptor> entry : List.copyOf(table.entries().entrySet())) {
            if (entry.getValue().closeOnExec()) {
                close(t, entry.getKey());
            }
        }
    }
}
