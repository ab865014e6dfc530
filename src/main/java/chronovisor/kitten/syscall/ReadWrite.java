package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.kernel.Consoles;
import chronovisor.kitten.kernel.ControllingTerminals;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.FileData;
import chronovisor.kitten.kernel.Inodes;
import chronovisor.kitten.kernel.LoopDevices;
import chronovisor.kitten.kernel.Notifications;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.SignalDelivery;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.memory.Protection;
import chronovisor.kitten.syscall.Transfer.Span;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.WaitKey;
import java.util.List;

/** read, write and their relatives. */
final class ReadWrite {

    private static final int HIGH_PRIORITY = 1;
    private static final int DATA_SYNC = 2;
    private static final int SYNC = 4;
    private static final int NO_WAIT = 8;
    private static final int APPEND = 16;

    private ReadWrite() {}

    static Outcome read(Trap t, Call c) {
        return readInto(t, c, Transfer.buffer(c.a1(), checked(c.a2())), -1);
    }

    static Outcome write(Trap t, Call c) {
        return writeFrom(t, c, Transfer.buffer(c.a1(), checked(c.a2())), -1);
    }

    static Outcome readv(Trap t, Call c) {
        Descriptors.usable(t, c.a0());
        return readInto(t, c, Transfer.vectors(t, c.a1(), c.a2()), -1);
    }

    static Outcome writev(Trap t, Call c) {
        Descriptors.usable(t, c.a0());
        return writeFrom(t, c, Transfer.vectors(t, c.a1(), c.a2()), -1);
    }

    static Outcome pread(Trap t, Call c) {
        return readInto(t, c, Transfer.buffer(c.a1(), checked(c.a2())), position(t, c));
    }

    static Outcome pwrite(Trap t, Call c) {
        return writeFrom(t, c, Transfer.buffer(c.a1(), checked(c.a2())), position(t, c));
    }

    static Outcome preadv(Trap t, Call c) {
        long at = position(t, c);
        return readInto(t, c, Transfer.vectors(t, c.a1(), c.a2()), at);
    }

    static Outcome pwritev(Trap t, Call c) {
        long at = position(t, c);
        return writeFrom(t, c, Transfer.vectors(t, c.a1(), c.a2()), at);
    }

    static Outcome preadv2(Trap t, Call c) {
        requireKnown(c, HIGH_PRIORITY | NO_WAIT);
        return c.a3() == -1 ? readv(t, c) : preadv(t, c);
    }

    static Outcome pwritev2(Trap t, Call c) {
        requireKnown(c, HIGH_PRIORITY | NO_WAIT | DATA_SYNC | SYNC | APPEND);
        if ((c.a5() & APPEND) == 0) {
            return c.a3() == -1 ? writev(t, c) : pwritev(t, c);
        }
        // RWF_APPEND: at the end of the file, wherever that is; the offset moves only when there is none given.
        OpenFile file = Descriptors.usable(t, c.a0());
        if (c.a3() != -1) {
            position(t, c);
        }
        t.put(file.withFlags(file.flags() | OpenFlags.O_APPEND));
        try {
            return writeFrom(t, c, Transfer.vectors(t, c.a1(), c.a2()), c.a3());
        } finally {
            OpenFile now = t.file(file.id());
            t.put(now.withFlags(file.flags()));
        }
    }

    /** Memory is the disk: what is written is stable at once, and nothing that is read has to be waited for. */
    private static void requireKnown(Call c, long flags) {
        if ((c.a5() & ~flags) != 0) {
            throw new LinuxError(Errno.EOPNOTSUPP);
        }
    }

    static long checked(long length) {
        if (length < 0) {
            throw new LinuxError(Errno.EINVAL);
        }
        return length;
    }

    private static long position(Trap t, Call c) {
        OpenFile file = Descriptors.usable(t, c.a0());
        if (c.a3() < 0) {
            throw new LinuxError(Errno.EINVAL);
        }
        if (!Transfer.seekable(file)) {
            throw new LinuxError(Errno.ESPIPE);
        }
        return c.a3();
    }

    private static Outcome readInto(Trap t, Call c, List<Span> spans, long at) {
        OpenFile file = Descriptors.usable(t, c.a0());
        if (!file.readable()) {
            return Outcome.error(Errno.EBADF);
        }
        if (file.end() instanceof OpenFile.OnSocket) {
            return MessageCalls.read(t, c, spans);
        }
        long total = Transfer.total(spans);
        if (total == 0 && !(file.end() instanceof OpenFile.OnInode)) {
            return Outcome.ZERO;
        }
        boolean seekable = Transfer.seekable(file);
        if (!seekable) {
            Span first = spans.stream().filter(s -> s.length() > 0).findFirst().orElse(new Span(0, 0));
            if (UserMemory.accessible(t, first.address(), 1, Protection.WRITE) < 1) {
                return Outcome.error(Errno.EFAULT);
            }
        }
        if (file.end() instanceof OpenFile.OnTerminal on
                && ControllingTerminals.keptBack(t, on.port(), Signals.SIGTTIN)) {
            return Outcome.block(WaitKey.Kind.TERMINAL, on.port());
        }
        long done = 0;
        long offset = at >= 0 ? at : file.offset();
        do {
            int want = (int) Math.min(Transfer.CHUNK_BYTES, total - done);
            byte[] bytes;
            try {
                bytes = Transfer.take(t, file, offset + done, want);
            } catch (LinuxError e) {
                if (done == 0) {
                    throw e;
                }
                break;
            }
            if (bytes == null) {
                Outcome wait = wait(t, c, file);
                if (!wait.equals(Outcome.ZERO) || !(file.end() instanceof OpenFile.OnTerminal on)) {
                    return wait;
                }
                bytes = Consoles.read(t, t.terminal(on.port()), want);
            }
            int stored = Transfer.scatter(t, spans, done, bytes);
            done += stored;
            if (stored < bytes.length || bytes.length < want || !seekable) {
                break;
            }
        } while (done < total);
        if (at < 0 && seekable) {
            t.put(t.file(file.id()).withOffset(offset + done));
        }
        if (done > 0) {
            Notifications.happened(t, file.inode(), Notifications.ACCESS, file.path());
        }
        return Outcome.of(done);
    }

    /** Waits for something to read; {@link Outcome#ZERO} when a terminal's patience is over. */
    private static Outcome wait(Trap t, Call c, OpenFile file) {
        WaitKey queue = Transfer.readQueue(t, file);
        if ((file.flags() & OpenFlags.O_NONBLOCK) != 0) {
            return Outcome.error(Errno.EAGAIN);
        }
        long patience_ns = file.end() instanceof OpenFile.OnTerminal on
                ? Consoles.patience_ns(t.terminal(on.port()))
                : Long.MAX_VALUE;
        if (patience_ns == Long.MAX_VALUE) {
            return Outcome.block(queue.kind(), queue.id());
        }
        // What was woken has got one more character, and waits as long for the next.
        long deadline_ns = c.progress().entered() && !c.progress().woken()
                && c.progress().deadline_ns() != Call.Progress.NEVER
                        ? c.progress().deadline_ns()
                        : t.now_ns() + patience_ns;
        if (deadline_ns <= t.now_ns()) {
            return Outcome.ZERO;
        }
        return new Outcome.Block(List.of(queue), new Call.Progress(true, 0, deadline_ns, 0, false),
                SignalDelivery.RESTART, false);
    }

    private static Outcome writeFrom(Trap t, Call c, List<Span> spans, long at) {
        OpenFile file = Descriptors.usable(t, c.a0());
        if (!file.writable()) {
            return Outcome.error(Errno.EBADF);
        }
        if (file.end() instanceof OpenFile.OnSocket) {
            return MessageCalls.write(t, c, spans);
        }
        if (file.end() instanceof OpenFile.OnTerminal on && t.terminal(on.port()).termios().stopsBackground()
                && ControllingTerminals.keptBack(t, on.port(), Signals.SIGTTOU)) {
            return Outcome.block(WaitKey.Kind.TERMINAL, on.port());
        }
        long total = Transfer.total(spans);
        boolean seekable = Transfer.seekable(file);
        long done = c.progress().done();
        if (total == 0) {
            return Outcome.ZERO;
        }
        long start = at >= 0 ? at : file.offset();
        if (seekable && (file.flags() & OpenFlags.O_APPEND) != 0) {
            start = Inodes.get(t, file.inode()).size();
        }
        while (done < total) {
            int written;
            byte[] bytes;
            try {
                bytes = Transfer.gather(t, spans, done, Transfer.CHUNK_BYTES);
                written = Transfer.put(t, t.file(file.id()), start + done, bytes, total - done);
            } catch (LinuxError e) {
                if (done == 0) {
                    throw e;
                }
                break;
            }
            done += written;
            if (written == 0) {
                return full(t, file, done);
            }
            if (seekable && written < bytes.length) {
                break;
            }
        }
        if (at < 0 && seekable) {
            t.put(t.file(file.id()).withOffset(start + done));
        }
        if (done > 0) {
            Notifications.happened(t, file.inode(), Notifications.MODIFY, file.path());
        }
        return Outcome.of(done);
    }

    private static Outcome full(Trap t, OpenFile file, long done) {
        if ((file.flags() & OpenFlags.O_NONBLOCK) != 0) {
            return done > 0 ? Outcome.of(done) : Outcome.error(Errno.EAGAIN);
        }
        return new Outcome.Block(List.of(Transfer.writeQueue(t, file)),
                new Call.Progress(true, done, Call.Progress.NEVER, 0, false), done > 0 ? done : SignalDelivery.RESTART,
                false);
    }

    static Outcome lseek(Trap t, Call c) {
        OpenFile file = Descriptors.usable(t, c.a0());
        if (!Transfer.seekable(file)) {
            return Outcome.error(Errno.ESPIPE);
        }
        Inode inode = Inodes.get(t, file.inode());
        long size = file.end() instanceof OpenFile.OnText text
                ? text.text().length()
                : file.end() instanceof OpenFile.OnLoop loop ? LoopDevices.size(t, loop.number()) : inode.size();
        long target = switch ((int) c.a2()) {
            case 0 -> c.a1();
            case 1 -> file.offset() + c.a1();
            case 2 -> (inode.isDirectory() ? Long.MAX_VALUE : size) + c.a1();
            case 3 -> data(inode, c.a1(), size, true);
            case 4 -> data(inode, c.a1(), size, false);
            default -> -1;
        };
        if (target < 0 || c.a2() > 1 && file.end() instanceof OpenFile.OnMemory) {
            return Outcome.error(Errno.EINVAL);
        }
        if (file.end() instanceof OpenFile.OnMemoryDevice) {
            return Outcome.ZERO;
        }
        t.put(file.withOffset(target));
        return Outcome.of(target);
    }

    /** SEEK_DATA and SEEK_HOLE: the next page that is there, or that is not. */
    private static long data(Inode inode, long from, long size, boolean wanted) {
        if (from < 0 || from >= size) {
            throw new LinuxError(Errno.ENXIO);
        }
        long at = from;
        while (at < size && (FileData.page(inode, at >>> 12) != null) != wanted) {
            at = (at | 4095) + 1;
        }
        if (at >= size) {
            if (wanted) {
                throw new LinuxError(Errno.ENXIO);
            }
            return size;
        }
        return at;
    }

    static Outcome sendfile(Trap t, Call c) {
        OpenFile out = Descriptors.usable(t, c.a0());
        OpenFile in = Descriptors.usable(t, c.a1());
        if (!in.readable() || !out.writable()) {
            return Outcome.error(Errno.EBADF);
        }
        if (!(in.end() instanceof OpenFile.OnInode)) {
            return Outcome.error(Errno.EINVAL);
        }
        long from = c.a2() != 0 ? UserMemory.read64(t, c.a2()) : in.offset();
        if (from < 0) {
            return Outcome.error(Errno.EINVAL);
        }
        long count = Math.min(c.a3(), Transfer.BYTES_MAX);
        long done = copy(t, in, from, out, out.offset(), count);
        if (done < 0) {
            return full(t, out, 0);
        }
        if (c.a2() != 0) {
            UserMemory.write64(t, c.a2(), from + done);
        } else {
            t.put(t.file(in.id()).withOffset(from + done));
        }
        if (Transfer.seekable(out)) {
            t.put(t.file(out.id()).withOffset(t.file(out.id()).offset() + done));
        }
        return Outcome.of(done);
    }

    static Outcome copyFileRange(Trap t, Call c) {
        OpenFile in = Descriptors.usable(t, c.a0());
        OpenFile out = Descriptors.usable(t, c.a2());
        if (!in.readable() || !out.writable() || (out.flags() & OpenFlags.O_APPEND) != 0) {
            return Outcome.error(Errno.EBADF);
        }
        if (c.a5() != 0 || !Inodes.get(t, in.inode()).isRegular() || !Inodes.get(t, out.inode()).isRegular()) {
            return Outcome.error(Errno.EINVAL);
        }
        long from = c.a1() != 0 ? UserMemory.read64(t, c.a1()) : in.offset();
        long to = c.a3() != 0 ? UserMemory.read64(t, c.a3()) : out.offset();
        if (from < 0 || to < 0) {
            return Outcome.error(Errno.EINVAL);
        }
        if (Long.compareUnsigned(from + c.a4(), from) < 0 || Long.compareUnsigned(to + c.a4(), to) < 0) {
            return Outcome.error(Errno.EOVERFLOW);
        }
        if (in.inode() == out.inode() && from < to + c.a4() && to < from + c.a4()) {
            return Outcome.error(Errno.EINVAL);
        }
        long done = copy(t, in, from, out, to, Math.min(c.a4(), Transfer.BYTES_MAX));
        if (c.a1() != 0) {
            UserMemory.write64(t, c.a1(), from + done);
        } else {
            t.put(t.file(in.id()).withOffset(from + done));
        }
        if (c.a3() != 0) {
            UserMemory.write64(t, c.a3(), to + done);
        } else {
            t.put(t.file(out.id()).withOffset(to + done));
        }
        return Outcome.of(done);
    }

    /** Copies file to file; -1 when nothing could be written yet. */
    private static long copy(Trap t, OpenFile in, long from, OpenFile out, long to, long count) {
        long done = copyBytes(t, in, from, out, to, count);
        if (done > 0) {
            Notifications.happened(t, in.inode(), Notifications.ACCESS, in.path());
            Notifications.happened(t, out.inode(), Notifications.MODIFY, out.path());
        }
        return done;
    }

    private static long copyBytes(Trap t, OpenFile in, long from, OpenFile out, long to, long count) {
        long done = 0;
        while (done < count) {
            byte[] bytes = Transfer.take(t, in, from + done, (int) Math.min(Transfer.CHUNK_BYTES, count - done));
            if (bytes == null || bytes.length == 0) {
                break;
            }
            int written = Transfer.put(t, t.file(out.id()), to + done, bytes, bytes.length);
            done += written;
            if (written == 0) {
                return done == 0 ? -1 : done;
            }
            if (written < bytes.length) {
                break;
            }
        }
        return done;
    }
}
