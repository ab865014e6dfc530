package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.console.Stream;
import chronovisor.kitten.console.Terminal;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.file.Pipe;
import chronovisor.kitten.file.Ring;
import chronovisor.kitten.kernel.Consoles;
import chronovisor.kitten.kernel.FileData;
import chronovisor.kitten.kernel.ForeignMemory;
import chronovisor.kitten.kernel.Inodes;
import chronovisor.kitten.kernel.LoopDevices;
import chronovisor.kitten.kernel.ProcFiles;
import chronovisor.kitten.kernel.PseudoTerminals;
import chronovisor.kitten.kernel.Scheduler;
import chronovisor.kitten.kernel.SignalSender;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.memory.Protection;
import chronovisor.kitten.task.SignalInfo;
import chronovisor.kitten.task.WaitKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Moving bytes between user memory and whatever is behind a descriptor. */
final class Transfer {

    /** Linux transfers at most this many bytes in one call. */
    static final long BYTES_MAX = 0x7fff_f000L;
    /** How much is moved at a time. */
    static final int CHUNK_BYTES = 1 << 16;

    private static final int VECTORS_MAX = 1024;

    /** A range of user memory. */
    record Span(long address, long length) {}

    private Transfer() {}

    /** One buffer. */
    static List<Span> buffer(long address, long length) {
        return List.of(new Span(address, Math.min(length, BYTES_MAX)));
    }

    /** The buffers of readv and friends. */
    static List<Span> vectors(Trap t, long address, long count) {
        if (count < 0 || count > VECTORS_MAX) {
            throw new LinuxError(Errno.EINVAL);
        }
        byte[] raw = UserMemory.read(t, address, (int) count * 16);
        List<Span> spans = new ArrayList<>();
        long total = 0;
        for (int i = 0; i < count; i++) {
            long length = Bytes.get64(raw, 16 * i + 8);
            if (length < 0) {
                throw new LinuxError(Errno.EINVAL);
            }
            length = Math.min(length, BYTES_MAX - total);
            total += length;
            spans.add(new Span(Bytes.get64(raw, 16 * i), length));
        }
        return spans;
    }

    static long total(List<Span> spans) {
        long total = 0;
        for (Span span : spans) {
            total += span.length();
        }
        return total;
    }

    /** Copies bytes into the buffers, {@code done} bytes in; returns how many went before the first that is not accessible. */
    static int scatter(Trap t, List<Span> spans, long done, byte[] bytes) {
        long skip = done;
        int at = 0;
        int space = t.process().addressSpace();
        for (Span span : spans) {
            if (skip >= span.length()) {
                skip -= span.length();
                continue;
            }
            int count = (int) Math.min(span.length() - skip, bytes.length - at);
            try {
                UserMemory.write(t, space, span.address() + skip, bytes, at, count);
            } catch (LinuxError e) {
                int good = at + UserMemory.accessible(t, span.address() + skip, count, Protection.WRITE);
                if (good == 0 && done == 0) {
                    throw e;
                }
                return good;
            }
            at += count;
            skip = 0;
            if (at == bytes.length) {
                break;
            }
        }
        return at;
    }

    /** Copies up to {@code max} bytes out of the buffers, {@code done} bytes in. */
    static byte[] gather(Trap t, List<Span> spans, long done, int max) {
        byte[] bytes = new byte[(int) Math.min(max, total(spans) - done)];
        long skip = done;
        int at = 0;
        int space = t.process().addressSpace();
        for (Span span : spans) {
            if (skip >= span.length()) {
                skip -= span.length();
                continue;
            }
            int count = (int) Math.min(span.length() - skip, bytes.length - at);
            try {
                UserMemory.read(t, space, span.address() + skip, bytes, at, count);
            } catch (LinuxError e) {
                int good = at + UserMemory.accessible(t, span.address() + skip, count, 1);
                if (good == 0) {
                    throw e;
                }
                return Arrays.copyOf(bytes, good);
            }
            at += count;
            skip = 0;
            if (at == bytes.length) {
                break;
            }
        }
        return bytes;
    }

    /**
     * Takes up to {@code length} bytes at {@code offset} (files) or in order (everything else).
     *
     * @return what there is; empty at the end; null when there is nothing yet
     */
    static byte @Nullable [] take(Trap t, OpenFile file, long offset, int length) {
        return switch (file.end()) {
            case OpenFile.OnInode inode -> takeFile(t, file, offset, length);
            case OpenFile.OnListing listing -> throw new LinuxError(Errno.EISDIR);
            case OpenFile.OnPipe end -> takePipe(t, end.pipe(), length);
            case OpenFile.OnTerminal end -> takeTerminal(t, end.port(), length);
            case OpenFile.OnMaster end -> PseudoTerminals.read(t, end.port(), length);
            case OpenFile.OnHungUp end -> new byte[0];
            case OpenFile.OnStream end -> takeStream(t, end.port(), length);
            case OpenFile.OnMemoryDevice device -> switch (device.name()) {
                case "null" -> new byte[0];
                case "loop-control" -> throw new LinuxError(Errno.EINVAL);
                case "random" -> {
                    byte[] bytes = new byte[length];
                    t.machine.entropy(bytes);
                    yield bytes;
                }
                default -> new byte[length];
            };
            case OpenFile.OnText text -> {
                byte[] all = text.text().getBytes(StandardCharsets.ISO_8859_1);
                int from = (int) Math.min(offset, all.length);
                yield Arrays.copyOfRange(all, from, (int) Math.min((long) from + length, all.length));
            }
            case OpenFile.OnMemory memory -> t.findSpace(memory.space()) == null
                    ? new byte[0]
                    : ForeignMemory.read(t, memory.space(), offset, length);
            case OpenFile.OnCounter counter -> takeCounter(t, file, counter, length);
            case OpenFile.OnTimer timer -> EventCalls.readTimer(t, file, length);
            case OpenFile.OnSignals signals -> EventCalls.readSignals(t, signals, length);
            case OpenFile.OnWatcher watcher -> NotificationCalls.read(t, file, length);
            case OpenFile.OnLoop loop -> LoopDevices.read(t, loop.number(), offset, length);
            case OpenFile.OnSocket socket -> throw new LinuxError(Errno.EINVAL);
            case OpenFile.OnProcess process -> throw new LinuxError(Errno.EINVAL);
            case OpenFile.OnQueue queue -> throw new LinuxError(Errno.EINVAL);
            case OpenFile.OnPoll poll -> throw new LinuxError(Errno.EINVAL);
        };
    }

    private static byte[] takeFile(Trap t, OpenFile file, long offset, int length) {
        Inode inode = Inodes.get(t, file.inode());
        if (inode.isDirectory()) {
            throw new LinuxError(Errno.EISDIR);
        }
        byte[] bytes = new byte[(int) Math.max(0, Math.min(length, inode.size() - offset))];
        FileData.read(t, inode, offset, bytes, 0, bytes.length);
        accessed(t, file, inode);
        return bytes;
    }

    /** A file is read or mapped: that is noted when it was changed since, as with the mount option relatime. */
    static void accessed(Trap t, OpenFile file, Inode inode) {
        if (inode.accessed_ns() <= inode.modified_ns() && (file.flags() & OpenFlags.O_NOATIME) == 0
                && t.findInode(inode.number()) != null) {
            t.put(inode.withAccessed(t.realtime_ns()));
        }
    }

    private static byte @Nullable [] takePipe(Trap t, long id, int length) {
        Pipe pipe = t.pipe(id);
        Ring ring = pipe.buffer();
        if (ring.amount() == 0) {
            return pipe.writers() == 0 ? new byte[0] : null;
        }
        byte[] bytes = new byte[Math.min(length, ring.amount())];
        t.observer.pipeRead(t.core(), t.current(), id, ring.read(), bytes.length);
        t.put(pipe.withBuffer(Consoles.take(t, ring, bytes)));
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.PIPE_WRITE, id));
        return bytes;
    }

    private static byte @Nullable [] takeTerminal(Trap t, int port, int length) {
        Terminal terminal = t.terminal(port);
        if (!Consoles.readable(t, terminal) && !Consoles.polls(terminal)) {
            return null;
        }
        if (terminal.ready().isEmpty() && terminal.hungUp()) {
            return new byte[0];
        }
        byte[] bytes = Consoles.read(t, terminal, length);
        t.observer.consoleRead(t.core(), t.current(), Consoles.name(port), bytes);
        return bytes;
    }

    private static byte @Nullable [] takeStream(Trap t, int port, int length) {
        Stream stream = t.stream(port);
        if (stream.input().amount() == 0) {
            return stream.ended() ? new byte[0] : null;
        }
        byte[] bytes = Consoles.read(t, port, length);
        t.observer.consoleRead(t.core(), t.current(), Consoles.name(port), bytes);
        return bytes;
    }

    private static byte @Nullable [] takeCounter(Trap t, OpenFile file, OpenFile.OnCounter counter, int length) {
        if (length < 8) {
            throw new LinuxError(Errno.EINVAL);
        }
        if (counter.value() == 0) {
            return null;
        }
        long taken = counter.semaphore() ? 1 : counter.value();
        t.put(file.withEnd(new OpenFile.OnCounter(counter.value() - taken, counter.semaphore())));
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.COUNTER, file.id()));
        return new Bytes(8).put64(taken).toArray();
    }

    /**
     * Puts bytes at {@code offset} (files) or in order.
     *
     * @param left
     *            how many bytes the whole call still has to write, for pipes' atomic writes
     * @return how many were taken; 0 when there is no room yet
     */
    static int put(Trap t, OpenFile file, long offset, byte[] bytes, long left) {
        return switch (file.end()) {
            case OpenFile.OnInode inode -> putFile(t, file, offset, bytes);
            case OpenFile.OnListing listing -> throw new LinuxError(Errno.EBADF);
            case OpenFile.OnPipe end -> putPipe(t, end.pipe(), bytes, left);
            case OpenFile.OnTerminal end -> Consoles.write(t, t.terminal(end.port()), bytes);
            case OpenFile.OnMaster end -> PseudoTerminals.type(t, end.port(), bytes);
            case OpenFile.OnHungUp end -> throw new LinuxError(Errno.EIO);
            case OpenFile.OnStream end -> {
                Consoles.write(t, t.stream(end.port()), bytes);
                yield bytes.length;
            }
            case OpenFile.OnMemoryDevice device -> {
                if (device.name().equals("full")) {
                    throw new LinuxError(Errno.ENOSPC);
                }
                yield bytes.length;
            }
            case OpenFile.OnText text -> {
                ProcFiles.write(t, file.inode(), new String(bytes, StandardCharsets.ISO_8859_1));
                yield bytes.length;
            }
            case OpenFile.OnMemory memory -> t.findSpace(memory.space()) == null
                    ? 0
                    : ForeignMemory.write(t, memory.space(), offset, bytes);
            case OpenFile.OnCounter counter -> putCounter(t, file, counter, bytes);
            case OpenFile.OnTimer timer -> throw new LinuxError(Errno.EINVAL);
            case OpenFile.OnSignals signals -> throw new LinuxError(Errno.EINVAL);
            case OpenFile.OnWatcher watcher -> throw new LinuxError(Errno.EBADF);
            case OpenFile.OnLoop loop -> LoopDevices.write(t, loop.number(), offset, bytes);
            case OpenFile.OnSocket socket -> MessageCalls.put(t, socket, bytes);
            case OpenFile.OnProcess process -> throw new LinuxError(Errno.EINVAL);
            case OpenFile.OnQueue queue -> throw new LinuxError(Errno.EINVAL);
            case OpenFile.OnPoll poll -> throw new LinuxError(Errno.EINVAL);
        };
    }

    private static int putFile(Trap t, OpenFile file, long offset, byte[] bytes) {
        long limit = t.process().limit(1).soft();
        int length = bytes.length;
        if (limit >= 0 && offset + length > limit) {
            if (offset >= limit) {
                SignalSender.toTask(t, t.current(), SignalInfo.kernel(Signals.SIGXFSZ));
                throw new LinuxError(Errno.EFBIG);
            }
            length = (int) (limit - offset);
        }
        return FileData.write(t, file.inode(), offset, bytes, 0, length);
    }

    private static int putPipe(Trap t, long id, byte[] bytes, long left) {
        Pipe pipe = t.pipe(id);
        if (pipe.readers() == 0 && pipe.atomic()) {
            SignalSender.toTask(t, t.current(), SignalInfo.user(Signals.SIGPIPE, 0, t.process().id(), 0));
            throw new LinuxError(Errno.EPIPE);
        }
        Ring ring = pipe.buffer();
        int space = pipe.space();
        if (space == 0 || (pipe.atomic() && left <= Pipe.ATOMIC_BYTES && space < left)) {
            return 0;
        }
        int count = Math.min(space, bytes.length);
        int kept = t.options.has("binary_pipes") ? count : beforeNul(bytes, count);
        t.observer.pipeWritten(t.core(), t.current(), id, ring.written(), kept);
        t.put(pipe.withBuffer(Consoles.put(t, ring, bytes, 0, kept)));
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.PIPE_READ, id));
        return count;
    }

    /** What a kernel that copies C strings keeps; it tells the writer that all of it went. */
    private static int beforeNul(byte[] bytes, int count) {
        int kept = 0;
        while (kept < count && bytes[kept] != 0) {
            kept++;
        }
        return kept;
    }

    private static int putCounter(Trap t, OpenFile file, OpenFile.OnCounter counter, byte[] bytes) {
        if (bytes.length < 8 || Bytes.get64(bytes, 0) == -1) {
            throw new LinuxError(Errno.EINVAL);
        }
        long added = Bytes.get64(bytes, 0);
        if (Long.compareUnsigned(counter.value() + added, -2L) > 0
                || Long.compareUnsigned(counter.value() + added, added) < 0) {
            return 0;
        }
        t.put(file.withEnd(new OpenFile.OnCounter(counter.value() + added, counter.semaphore())));
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.COUNTER, file.id()));
        return 8;
    }

    /** The queue on which a read of the file waits. */
    static WaitKey readQueue(Trap t, OpenFile file) {
        return switch (file.end()) {
            case OpenFile.OnPipe end -> new WaitKey(WaitKey.Kind.PIPE_READ, end.pipe());
            case OpenFile.OnTerminal end -> new WaitKey(WaitKey.Kind.TERMINAL, end.port());
            case OpenFile.OnMaster end -> new WaitKey(WaitKey.Kind.TERMINAL, end.port());
            case OpenFile.OnHungUp end -> new WaitKey(WaitKey.Kind.POLL, 0);
            case OpenFile.OnStream end -> new WaitKey(WaitKey.Kind.STREAM, end.port());
            case OpenFile.OnCounter counter -> new WaitKey(WaitKey.Kind.COUNTER, file.id());
            case OpenFile.OnTimer timer -> new WaitKey(WaitKey.Kind.COUNTER, file.id());
            case OpenFile.OnWatcher watcher -> new WaitKey(WaitKey.Kind.COUNTER, file.id());
            case OpenFile.OnSocket socket -> new WaitKey(WaitKey.Kind.SOCKET_READ, socket.socket());
            case OpenFile.OnQueue end -> PosixQueueCalls.key(end.queue(), false);
            case OpenFile.OnProcess end -> new WaitKey(WaitKey.Kind.PROCESS, end.process());
            case OpenFile.OnSignals signals -> new WaitKey(WaitKey.Kind.SIGNAL, t.process().id());
            case OpenFile.OnInode i -> new WaitKey(WaitKey.Kind.POLL, 0);
            case OpenFile.OnLoop l -> new WaitKey(WaitKey.Kind.POLL, 0);
            case OpenFile.OnListing l -> new WaitKey(WaitKey.Kind.POLL, 0);
            case OpenFile.OnMemoryDevice m -> new WaitKey(WaitKey.Kind.POLL, 0);
            case OpenFile.OnText x -> new WaitKey(WaitKey.Kind.POLL, 0);
            case OpenFile.OnMemory x -> new WaitKey(WaitKey.Kind.POLL, 0);
            case OpenFile.OnPoll p -> new WaitKey(WaitKey.Kind.POLL, 0);
        };
    }

    /** The queue on which a write to the file waits. */
    static WaitKey writeQueue(Trap t, OpenFile file) {
        if (file.end() instanceof OpenFile.OnPipe end) {
            return new WaitKey(WaitKey.Kind.PIPE_WRITE, end.pipe());
        }
        return file.end() instanceof OpenFile.OnSocket end
                ? new WaitKey(WaitKey.Kind.SOCKET_WRITE, t.socket(end.socket()).peer())
                : readQueue(t, file);
    }

    /** Whether the file has an offset. */
    static boolean seekable(OpenFile file) {
        return file.end() instanceof OpenFile.OnInode || file.end() instanceof OpenFile.OnListing
                || file.end() instanceof OpenFile.OnText || file.end() instanceof OpenFile.OnMemoryDevice
                || file.end() instanceof OpenFile.OnLoop || file.end() instanceof OpenFile.OnMemory;
    }
}
