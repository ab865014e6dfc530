package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.file.Pipe;
import chronovisor.kitten.file.Ring;
import chronovisor.kitten.kernel.Consoles;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.Inodes;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.Scheduler;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.syscall.Transfer.Span;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.WaitKey;
import java.util.List;

/** Moving bytes through pipes without the program seeing them: splice(2), tee(2), vmsplice(2). Pages are copied. */
final class SpliceCalls {

    private static final int FLAGS = 0xF;
    private static final int NO_WAIT = 2;

    private SpliceCalls() {}

    static Outcome splice(Trap t, Call c) {
        if (c.a4() == 0) {
            return Outcome.ZERO;
        }
        if ((c.a5() & ~FLAGS) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        OpenFile in = Descriptors.usable(t, c.a0());
        OpenFile out = Descriptors.usable(t, c.a2());
        if (!in.readable() || !out.writable()) {
            return Outcome.error(Errno.EBADF);
        }
        boolean fromPipe = in.end() instanceof OpenFile.OnPipe;
        boolean toPipe = out.end() instanceof OpenFile.OnPipe;
        if ((fromPipe && c.a1() != 0) || (toPipe && c.a3() != 0)) {
            return Outcome.error(Errno.ESPIPE);
        }
        boolean offsetless = (c.a1() != 0 && !Transfer.seekable(in)) || (c.a3() != 0 && !Transfer.seekable(out));
        boolean directory = in.end() instanceof OpenFile.OnListing
                || in.end() instanceof OpenFile.OnInode && Inodes.get(t, in.inode()).isDirectory();
        if (directory || (!fromPipe && !toPipe) || offsetless || pipeOf(in) == pipeOf(out) && fromPipe
                || !toPipe && (out.flags() & OpenFlags.O_APPEND) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        int length = (int) Math.min(c.a4() & Long.MAX_VALUE, Transfer.CHUNK_BYTES);
        return fromPipe ? outOf(t, c, in, out, length) : into(t, c, in, out, length);
    }

    private static long pipeOf(OpenFile file) {
        return file.end() instanceof OpenFile.OnPipe end ? end.pipe() : -1;
    }

    private static Outcome wait(OpenFile file, WaitKey queue, long flags) {
        if ((flags & NO_WAIT) != 0 || (file.flags() & OpenFlags.O_NONBLOCK) != 0) {
            return Outcome.error(Errno.EAGAIN);
        }
        return Outcome.block(queue.kind(), queue.id());
    }

    private static byte[] peek(Trap t, Pipe pipe, int length) {
        byte[] bytes = new byte[Math.min(length, pipe.buffer().amount())];
        Consoles.take(t, pipe.buffer(), bytes);
        return bytes;
    }

    private static void drain(Trap t, long id, int count) {
        Pipe pipe = t.pipe(id);
        Ring ring = pipe.buffer();
        t.observer.pipeRead(t.core(), t.current(), id, ring.read(), count);
        t.put(pipe.withBuffer(ring.afterRead(count)));
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.PIPE_WRITE, id));
    }

    private static Outcome outOf(Trap t, Call c, OpenFile in, OpenFile out, int length) {
        Pipe pipe = t.pipe(pipeOf(in));
        if (pipe.buffer().amount() == 0) {
            return pipe.writers() == 0 ? Outcome.ZERO : wait(in, Transfer.readQueue(t, in), c.a5());
        }
        int room = out.end() instanceof OpenFile.OnPipe end
                ? Math.max(1, t.pipe(end.pipe()).buffer().space())
                : length;
        byte[] bytes = peek(t, pipe, Math.min(length, room));
        long at = c.a3() != 0 ? UserMemory.read64(t, c.a3()) : out.offset();
        if (at < 0) {
            return Outcome.error(Errno.EINVAL);
        }
        int done = Transfer.put(t, out, at, bytes, bytes.length);
        if (done == 0) {
            return wait(out, Transfer.writeQueue(t, out), c.a5());
        }
        drain(t, pipe.id(), done);
        advance(t, out, c.a3(), at + done);
        return Outcome.of(done);
    }

    private static Outcome into(Trap t, Call c, OpenFile in, OpenFile out, int length) {
        Pipe pipe = t.pipe(pipeOf(out));
        int room = pipe.buffer().space();
        if (room == 0 && pipe.readers() > 0) {
            return wait(out, Transfer.writeQueue(t, out), c.a5());
        }
        long at = c.a1() != 0 ? UserMemory.read64(t, c.a1()) : in.offset();
        if (at < 0) {
            return Outcome.error(Errno.EINVAL);
        }
        byte[] bytes = in.end() instanceof OpenFile.OnSocket end
                ? MessageCalls.take(t, end, Math.min(length, room))
                : Transfer.take(t, in, at, Math.min(length, Math.max(1, room)));
        if (bytes == null) {
            return wait(in, Transfer.readQueue(t, in), c.a5());
        }
        if (bytes.length == 0) {
            return Outcome.ZERO;
        }
        int done = Transfer.put(t, out, 0, bytes, bytes.length);
        advance(t, in, c.a1(), at + done);
        return Outcome.of(done);
    }

    private static void advance(Trap t, OpenFile file, long address, long offset) {
        if (address != 0) {
            UserMemory.write64(t, address, offset);
        } else if (Transfer.seekable(file)) {
            t.put(t.file(file.id()).withOffset(offset));
        }
    }

    static Outcome tee(Trap t, Call c) {
        if ((c.a3() & ~FLAGS) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        if (c.a2() == 0) {
            return Outcome.ZERO;
        }
        OpenFile in = Descriptors.usable(t, c.a0());
        OpenFile out = Descriptors.usable(t, c.a1());
        if (!in.readable() || !out.writable()) {
            return Outcome.error(Errno.EBADF);
        }
        if (pipeOf(in) < 0 || pipeOf(out) < 0 || pipeOf(in) == pipeOf(out)) {
            return Outcome.error(Errno.EINVAL);
        }
        Pipe pipe = t.pipe(pipeOf(in));
        if (pipe.buffer().amount() == 0) {
            return pipe.writers() == 0 ? Outcome.ZERO : wait(in, Transfer.readQueue(t, in), c.a3());
        }
        int room = Math.max(1, t.pipe(pipeOf(out)).buffer().space());
        byte[] bytes = peek(t, pipe, (int) Math.min(Math.min(c.a2() & Long.MAX_VALUE, Transfer.CHUNK_BYTES), room));
        int done = Transfer.put(t, out, 0, bytes, bytes.length);
        return done == 0 ? wait(out, Transfer.writeQueue(t, out), c.a3()) : Outcome.of(done);
    }

    static Outcome fromMemory(Trap t, Call c) {
        if ((c.a3() & ~FLAGS) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        OpenFile file = Descriptors.usable(t, c.a0());
        List<Span> spans = Transfer.vectors(t, c.a1(), c.a2());
        if (pipeOf(file) < 0) {
            return Outcome.error(Errno.EBADF);
        }
        long total = Transfer.total(spans);
        if (total == 0) {
            return Outcome.ZERO;
        }
        Pipe pipe = t.pipe(pipeOf(file));
        if (file.readable() && !file.writable()) {
            if (pipe.buffer().amount() == 0) {
                return pipe.writers() == 0 ? Outcome.ZERO : wait(file, Transfer.readQueue(t, file), c.a3());
            }
            byte[] bytes = peek(t, pipe, (int) Math.min(total, Transfer.CHUNK_BYTES));
            Transfer.scatter(t, spans, 0, bytes);
            drain(t, pipe.id(), bytes.length);
            return Outcome.of(bytes.length);
        }
        byte[] bytes = Transfer.gather(t, spans, 0, Math.max(1, Math.min(Transfer.CHUNK_BYTES, pipe.buffer().space())));
        int done = Transfer.put(t, file, 0, bytes, bytes.length);
        return done == 0 ? wait(file, Transfer.writeQueue(t, file), c.a3()) : Outcome.of(done);
    }
}
