package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.file.Pipe;
import chronovisor.kitten.file.Ring;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.WaitKey;
import java.util.List;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * Pipes, and opening those that have names, fifo(7): each side waits until the other side opens too. Who opens the other side opens for
 * those that wait as well, so that nobody can come and go between; a call that waited only has to take its open file then.
 */
public final class Fifos {

    private static final int PIPE_FRAMES = 16;

    private Fifos() {}

    /** An empty pipe. */
    public static Pipe pipe(Trap t, int readers, int writers) {
        PVector<Long> frames = TreePVector.empty();
        for (int i = 0; i < PIPE_FRAMES; i++) {
            frames = frames.plus(t.allocateKernelFrame());
        }
        Pipe pipe = new Pipe(t.nextPipe(), new Ring(frames, 0, 0), 0, readers, writers);
        t.put(pipe);
        return pipe;
    }

    private static boolean reads(int flags) {
        return (flags & OpenFlags.O_ACCMODE) != OpenFlags.O_WRONLY;
    }

    private static boolean writes(int flags) {
        return (flags & OpenFlags.O_ACCMODE) != OpenFlags.O_RDONLY;
    }

    /** Where an opener waits, until the other side opens. */
    private static WaitKey queue(long inode, boolean reader) {
        return new WaitKey(reader ? WaitKey.Kind.FIFO_READER : WaitKey.Kind.FIFO_WRITER, inode);
    }

    /** Whether somebody who opens with these flags has to wait; fails with ENXIO when a writer must not. */
    public static boolean waits(Trap t, Inode inode, Inode.Fifo fifo, int flags) {
        if (reads(flags) && writes(flags)) {
            return false;
        }
        Pipe pipe = fifo.pipe() == 0 ? null : t.pipe(fifo.pipe());
        boolean met = pipe != null && (reads(flags) ? pipe.writers() : pipe.readers()) > 0
                || Scheduler.waits(t, queue(inode.number(), !reads(flags)));
        if (met || (flags & OpenFlags.O_NONBLOCK) != 0 && reads(flags)) {
            return false;
        }
        if ((flags & OpenFlags.O_NONBLOCK) != 0) {
            throw new LinuxError(Errno.ENXIO);
        }
        return true;
    }

    /** Waits for the other side. */
    public static Outcome await(long inode, int flags) {
        return new Outcome.Block(List.of(queue(inode, reads(flags))),
                new Call.Progress(true, flags, Call.Progress.NEVER, 0, false), SignalDelivery.RESTART, false);
    }

    /** Opens a side, and the other for those who wait for this one. */
    public static OpenFile.End open(Trap t, Inode inode, int flags) {
        OpenFile.End end = count(t, inode, flags);
        if (writes(flags)) {
            meet(t, inode, true);
        }
        if (reads(flags)) {
            meet(t, inode, false);
        }
        return end;
    }

    private static OpenFile.End count(Trap t, Inode inode, int flags) {
        Inode now = Inodes.get(t, inode.number());
        long id = now.content() instanceof Inode.Fifo fifo ? fifo.pipe() : 0;
        Pipe pipe;
        if (id == 0) {
            pipe = pipe(t, 0, 0);
            t.put(now.withContent(new Inode.Fifo(pipe.id()), 0, t.realtime_ns()));
        } else {
            pipe = t.pipe(id);
        }
        t.put(pipe.withEnds(pipe.readers() + (reads(flags) ? 1 : 0), pipe.writers() + (writes(flags) ? 1 : 0)));
        return new OpenFile.OnPipe(pipe.id(), reads(flags), writes(flags));
    }

    private static void meet(Trap t, Inode inode, boolean readers) {
        WaitKey queue = queue(inode.number(), readers);
        for (int id : t.waits().waiting(queue)) {
            Task task = t.task(id);
            Run.Blocked blocked = task.blocked();
            if (blocked == null) {
                continue;
            }
            Call.Progress p = blocked.call().progress();
            int flags = (int) p.done();
            OpenFile file = Descriptors.open(t, inode.number(),
                    flags & ~(OpenFlags.O_CREAT | OpenFlags.O_NOCTTY | OpenFlags.O_TRUNC | OpenFlags.O_CLOEXEC)
                            | OpenFlags.O_LARGEFILE,
                    Paths.nameOf(t, inode), count(t, inode, flags));
            t.put(file.withReferences(1));
            Call met = blocked.call().withProgress(new Call.Progress(true, p.done(), p.deadline_ns(), file.id(), true));
            Task changed = task.withRun(new Run.Blocked(met, blocked.queues(), blocked.deadline_ns(), blocked.order(),
                    blocked.uninterruptible()));
            t.put(changed);
            Scheduler.resume(t, changed, true, queue.toString());
        }
    }

    /** A call that waited takes its open file. */
    public static int take(Trap t, long id, boolean closeOnExec) {
        OpenFile file = t.file(id);
        try {
            return Descriptors.install(t, file, closeOnExec, 0);
        } finally {
            Descriptors.release(t, id);
        }
    }

    /** A task ends whose call had been given an open file and never takes it. */
    static void abandoned(Trap t, Task task) {
        Run run = task.run();
        while (run instanceof Run.Stopped || run instanceof Run.Held) {
            run = run instanceof Run.Stopped stopped ? stopped.before() : ((Run.Held) run).before();
        }
        if (run instanceof Run.Resuming resuming && opens(resuming.call().number())
                && resuming.call().progress().extra() != 0) {
            Descriptors.release(t, resuming.call().progress().extra());
        }
    }

    /** open, creat, openat, openat2. */
    private static boolean opens(int call) {
        return call == 2 || call == 85 || call == 257 || call == 437;
    }
}
