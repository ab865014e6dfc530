package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.FileMode;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.file.Socket;
import chronovisor.kitten.ipc.MessageQueue.Message;
import chronovisor.kitten.ipc.PosixQueue;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.Inodes;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.QueueNotices;
import chronovisor.kitten.kernel.Scheduler;
import chronovisor.kitten.kernel.SignalDelivery;
import chronovisor.kitten.kernel.SignalSender;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Capabilities;
import chronovisor.kitten.task.SignalInfo;
import chronovisor.kitten.task.UserProcess;
import chronovisor.kitten.task.WaitKey;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/** POSIX message queues (mq_overview(7)). */
final class PosixQueueCalls {

    private static final int NAME_MAX = 255;
    private static final int ATTRIBUTE_BYTES = 64;
    private static final int QUEUES_MAX = 256;
    private static final long MESSAGES = 10;
    private static final long BYTES = 8192;
    private static final long MESSAGES_MAX = 65_536;
    private static final long BYTES_MAX = 16L << 20;
    private static final int PRIORITIES = 32_768;
    private static final int FROM_QUEUE = -3;

    /** SIGEV_THREAD, and what the kernel and the C library have agreed on for it. */
    private static final int BY_THREAD = 2;

    private PosixQueueCalls() {}

    /** The wait queue of receivers ({@code sends} false) or senders. */
    static WaitKey key(long queue, boolean sends) {
        return new WaitKey(WaitKey.Kind.QUEUE, queue << 1 | (sends ? 1 : 0));
    }

    private static @Nullable PosixQueue named(Trap t, String name) {
        for (PosixQueue queue : t.ipc().posix().values()) {
            if (name.equals(queue.name())) {
                return queue;
            }
        }
        return null;
    }

    private static String name(Trap t, long address) {
        String name = UserMemory.path(t, address);
        if (name.isEmpty()) {
            throw new LinuxError(Errno.ENOENT);
        }
        if (name.contains("/") || name.equals(".") || name.equals("..")) {
            throw new LinuxError(Errno.EACCES);
        }
        if (name.length() > NAME_MAX) {
            throw new LinuxError(Errno.ENAMETOOLONG);
        }
        return name;
    }

    static Outcome open(Trap t, Call c) {
        int flags = (int) c.a1();
        byte[] attributes = c.a3() == 0 || (flags & OpenFlags.O_CREAT) == 0
                ? null
                : UserMemory.read(t, c.a3(), ATTRIBUTE_BYTES);
        String name = name(t, c.a0());
        PosixQueue queue = named(t, name);
        if (queue == null) {
            if ((flags & OpenFlags.O_CREAT) == 0) {
                return Outcome.error(Errno.ENOENT);
            }
            queue = create(t, name, (int) c.a2(), attributes);
        } else {
            if ((flags & (OpenFlags.O_CREAT | OpenFlags.O_EXCL)) == (OpenFlags.O_CREAT | OpenFlags.O_EXCL)) {
                return Outcome.error(Errno.EEXIST);
            }
            int access = flags & OpenFlags.O_ACCMODE;
            if (access == OpenFlags.O_ACCMODE) {
                return Outcome.error(Errno.EINVAL);
            }
            Inodes.require(t, Inodes.get(t, queue.id()), (access != OpenFlags.O_WRONLY ? Inodes.MAY_READ : 0)
                    | (access != OpenFlags.O_RDONLY ? Inodes.MAY_WRITE : 0));
        }
        OpenFile file = Descriptors.open(t, queue.id(), flags & (OpenFlags.O_ACCMODE | OpenFlags.O_NONBLOCK),
                "/" + name, new OpenFile.OnQueue(queue.id()));
        return Outcome.of(Descriptors.install(t, file, (flags & OpenFlags.O_CLOEXEC) != 0, 0));
    }

    private static PosixQueue create(Trap t, String name, int mode, byte @Nullable [] attributes) {
        long messages = attributes == null ? MESSAGES : Bytes.get64(attributes, 8);
        long bytes = attributes == null ? BYTES : Bytes.get64(attributes, 16);
        boolean root = t.process().credentials().can(Capabilities.SYS_RESOURCE);
        if (messages <= 0 || bytes <= 0 || messages > (root ? MESSAGES_MAX : MESSAGES)
                || bytes > (root ? BYTES_MAX : BYTES)) {
            throw new LinuxError(Errno.EINVAL);
        }
        if (t.ipc().posix().size() >= QUEUES_MAX && !root) {
            throw new LinuxError(Errno.ENOSPC);
        }
        Inode inode = Inode.create(t.nextInode(), FileMode.S_IFREG | mode & 07777 & ~t.process().umask(),
                t.process().credentials().fsuid(), t.process().credentials().fsgid(), Inode.Data.EMPTY,
                t.realtime_ns());
        t.put(inode);
        PosixQueue queue = new PosixQueue(inode.number(), name, messages, bytes, TreePVector.empty(), null);
        t.ipc(t.ipc().with(queue));
        return queue;
    }

    static Outcome unlink(Trap t, Call c) {
        PosixQueue queue = named(t, name(t, c.a0()));
        if (queue == null) {
            return Outcome.error(Errno.ENOENT);
        }
        UserProcess.Credentials who = t.process().credentials();
        if (!who.can(Capabilities.FOWNER) && who.fsuid() != Inodes.get(t, queue.id()).uid()) {
            // The directory of queues is sticky.
            return Outcome.error(Errno.EACCES);
        }
        t.ipc(t.ipc().with(queue.unlinked()));
        Inodes.dropLink(t, queue.id(), 1);
        return Outcome.ZERO;
    }

    private static PosixQueue find(Trap t, OpenFile file) {
        PosixQueue queue = file.end() instanceof OpenFile.OnQueue end ? t.ipc().posix().get(end.queue()) : null;
        if (queue == null) {
            throw new LinuxError(Errno.EBADF);
        }
        return queue;
    }

    private static long deadline_ns(Trap t, Call c, long address) {
        if (c.progress().entered() || address == 0) {
            return c.progress().deadline_ns();
        }
        return TimeCalls.after(t, Math.max(0, TimeCalls.loadTime(t, address) - t.realtime_ns()));
    }

    private static Outcome block(Trap t, OpenFile file, PosixQueue queue, boolean sends, long deadline_ns) {
        if ((file.flags() & OpenFlags.O_NONBLOCK) != 0) {
            return Outcome.error(Errno.EAGAIN);
        }
        if (deadline_ns <= t.now_ns()) {
            return Outcome.error(Errno.ETIMEDOUT);
        }
        return new Outcome.Block(List.of(key(queue.id(), sends)), new Call.Progress(true, 0, deadline_ns, 0, false),
                deadline_ns == Call.Progress.NEVER ? SignalDelivery.RESTART : -Errno.EINTR, false);
    }

    static Outcome send(Trap t, Call c) {
        long deadline_ns = deadline_ns(t, c, c.a4());
        if (Long.compareUnsigned(c.a3() & 0xFFFFFFFFL, PRIORITIES) >= 0) {
            return Outcome.error(Errno.EINVAL);
        }
        OpenFile file = Descriptors.usable(t, c.a0());
        PosixQueue queue = find(t, file);
        if (!file.writable()) {
            return Outcome.error(Errno.EBADF);
        }
        if (Long.compareUnsigned(c.a2(), queue.message_bytes_max()) > 0) {
            return Outcome.error(Errno.EMSGSIZE);
        }
        byte[] bytes = UserMemory.read(t, c.a1(), (int) c.a2());
        if (queue.messages().size() >= queue.messages_max()) {
            return block(t, file, queue, true, deadline_ns);
        }
        long priority = c.a3() & 0xFFFFFFFFL;
        PVector<Message> messages = queue.messages();
        int at = 0;
        while (at < messages.size() && messages.get(at).type() >= priority) {
            at++;
        }
        t.ipc(t.ipc().with(queue.withMessages(messages.plus(at, IpcCalls.message(t, priority, bytes)))));
        boolean awaited = Scheduler.waits(t, key(queue.id(), false));
        Scheduler.wake(t, key(queue.id(), false));
        if (messages.isEmpty() && !awaited) {
            tell(t, queue.id());
        }
        return Outcome.ZERO;
    }

    /** The first message came and nobody waited for it: who asked is told, once. */
    private static void tell(Trap t, long id) {
        PosixQueue queue = t.ipc().posix().get(id);
        PosixQueue.Notice notice = queue == null ? null : queue.notice();
        if (queue == null || notice == null) {
            return;
        }
        t.ipc(t.ipc().with(queue.withNotice(null)));
        QueueNotices.given(t, notice);
        if (notice.signal() != 0) {
            SignalSender.toProcess(t, notice.process(), new SignalInfo(notice.signal(), FROM_QUEUE, t.process().id(),
                    t.process().credentials().uid(), notice.value(), 0, 0));
        }
    }

    static Outcome receive(Trap t, Call c) {
        long deadline_ns = deadline_ns(t, c, c.a4());
        OpenFile file = Descriptors.usable(t, c.a0());
        PosixQueue queue = find(t, file);
        if (!file.readable()) {
            return Outcome.error(Errno.EBADF);
        }
        if (Long.compareUnsigned(c.a2(), queue.message_bytes_max()) < 0) {
            return Outcome.error(Errno.EMSGSIZE);
        }
        if (queue.messages().isEmpty()) {
            return block(t, file, queue, false, deadline_ns);
        }
        Message message = queue.messages().get(0);
        UserMemory.write(t, c.a1(), IpcCalls.bytes(t, message));
        if (c.a3() != 0) {
            UserMemory.write32(t, c.a3(), (int) message.type());
        }
        IpcCalls.free(t, message);
        t.ipc(t.ipc().with(queue.withMessages(queue.messages().minus(0))));
        Scheduler.wake(t, key(queue.id(), true));
        return Outcome.of(message.length());
    }

    static Outcome notify(Trap t, Call c) {
        int signal = 0;
        long value = 0;
        long teller = 0;
        String cookie = "";
        if (c.a1() != 0) {
            byte[] event = UserMemory.read(t, c.a1(), 64);
            switch (Bytes.get32(event, 12)) {
                case 0 -> {
                    signal = Bytes.get32(event, 8);
                    value = Bytes.get64(event, 0);
                    if (signal < 0 || signal > Signals.LAST) {
                        return Outcome.error(Errno.EINVAL);
                    }
                }
                case 1 -> signal = 0;
                case BY_THREAD -> {
                    cookie = new String(UserMemory.read(t, Bytes.get64(event, 0), QueueNotices.COOKIE_BYTES),
                            StandardCharsets.ISO_8859_1);
                    Socket socket = SocketCalls.find(t, Bytes.get32(event, 8));
                    if (socket.domain() != Socket.NETLINK) {
                        return Outcome.error(Errno.EINVAL);
                    }
                    teller = socket.id();
                }
                default -> {
                    return Outcome.error(Errno.EINVAL);
                }
            }
        }
        PosixQueue queue = find(t, Descriptors.usable(t, c.a0()));
        int self = t.process().id();
        PosixQueue.Notice old = queue.notice();
        if (c.a1() == 0) {
            QueueNotices.remove(t, queue, self);
            return Outcome.ZERO;
        }
        if (old != null && t.findProcess(old.process()) != null) {
            return Outcome.error(Errno.EBUSY);
        }
        t.ipc(t.ipc().with(queue.withNotice(new PosixQueue.Notice(self, signal, value, teller, cookie))));
        return Outcome.ZERO;
    }

    static Outcome attributes(Trap t, Call c) {
        byte[] wanted = c.a1() == 0 ? null : UserMemory.read(t, c.a1(), ATTRIBUTE_BYTES);
        if (wanted != null && (Bytes.get64(wanted, 0) & ~OpenFlags.O_NONBLOCK) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        OpenFile file = Descriptors.usable(t, c.a0());
        PosixQueue queue = find(t, file);
        byte[] old = new Bytes(ATTRIBUTE_BYTES).put64(file.flags() & OpenFlags.O_NONBLOCK).put64(queue.messages_max())
                .put64(queue.message_bytes_max()).put64(queue.messages().size()).zeros(32).toArray();
        if (wanted != null) {
            t.put(file.withFlags(file.flags() & ~OpenFlags.O_NONBLOCK | (int) Bytes.get64(wanted, 0)));
        }
        if (c.a2() != 0) {
            UserMemory.write(t, c.a2(), old);
        }
        return Outcome.ZERO;
    }

    /** Poll events of a queue: whether it can be received from (bit 0) and sent to (bit 1). */
    static int ready(Trap t, long id) {
        PosixQueue queue = t.ipc().posix().get(id);
        if (queue == null) {
            return 0;
        }
        return (queue.messages().isEmpty() ? 0 : 1) | (queue.messages().size() < queue.messages_max() ? 2 : 0);
    }
}
