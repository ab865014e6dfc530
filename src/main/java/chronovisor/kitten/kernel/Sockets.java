package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.FileMode;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.file.Socket;
import chronovisor.kitten.file.Socket.Message;
import chronovisor.kitten.file.Socket.Sender;
import chronovisor.kitten.task.UserProcess;
import chronovisor.kitten.task.WaitKey;
import java.util.List;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * Sockets between processes of one machine: making, connecting, closing, and the messages in them. Who waits for
 * something to receive waits on {@code SOCKET_READ} of the socket; who waits for room, on {@code SOCKET_WRITE} of the
 * socket that is to receive.
 */
public final class Sockets {

    private Sockets() {}

    /** The current process as a sender. */
    public static Sender self(Trap t) {
        UserProcess process = t.process();
        return new Sender(process.id(), process.credentials().euid(), process.credentials().egid());
    }

    /** A new socket and its open file, without a descriptor yet. */
    public static OpenFile create(Trap t, int domain, int type, int protocol, int flags) {
        Inode inode = Inode.create(t.nextInode(), FileMode.S_IFSOCK | 0777, t.process().credentials().fsuid(),
                t.process().credentials().fsgid(), new Inode.SocketName(0), t.realtime_ns());
        t.put(inode.withLinks(0, t.realtime_ns()));
        t.put(Socket.create(inode.number(), domain, type, protocol, self(t)));
        return Descriptors.open(t, inode.number(), OpenFlags.O_RDWR | flags & OpenFlags.O_NONBLOCK,
                "socket:[" + inode.number() + "]", new OpenFile.OnSocket(inode.number()));
    }

    /** Connects two sockets with each other. */
    public static void join(Trap t, long one, long other) {
        Socket a = t.socket(one);
        Socket b = t.socket(other);
        t.put(a.withPeer(other, b.local(), b.owner()));
        t.put(b.withPeer(one, a.local(), a.owner()));
    }

    /** The last descriptor of a socket is closed. */
    static void close(Trap t, long id) {
        refuseWaiting(t, id);
        drop(t, id, !t.socket(id).received().isEmpty());
    }

    /** Ends the connection of a stream, or its listening, so that it can be used anew (connect(2) to AF_UNSPEC). */
    public static void disconnect(Trap t, long id) {
        refuseWaiting(t, id);
        Socket socket = t.socket(id);
        socket.received().forEach(message -> free(t, message));
        t.put(socket.renewed(socket.domain()).withReceived(TreePVector.empty()));
        leave(t, socket, true);
    }

    private static void refuseWaiting(Trap t, long id) {
        for (long waiting : t.socket(id).waiting()) {
            if (t.findSocket(waiting) != null) {
                drop(t, waiting, true);
            }
        }
    }

    private static void drop(Trap t, long id, boolean resets) {
        Socket socket = t.socket(id);
        t.removeSocket(id);
        socket.received().forEach(message -> free(t, message));
        leave(t, socket, resets);
    }

    private static void leave(Trap t, Socket socket, boolean resets) {
        long id = socket.id();
        Socket peer = t.findSocket(socket.peer());
        if (peer != null && peer.peer() == id) {
            if (socket.connects()) {
                t.put((resets ? peer.withError(Errno.ECONNRESET) : peer).withShut(true, true).withoutPeer());
            }
            wakeAll(t, peer.id());
        }
        wakeAll(t, id);
    }

    /** Wakes whoever waits for a socket in any way. */
    public static void wakeAll(Trap t, long id) {
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.SOCKET_READ, id));
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.SOCKET_WRITE, id));
    }

    private static void free(Trap t, Message message) {
        message.frames().forEach(t::releaseKernelFrame);
        message.files().forEach(file -> Descriptors.release(t, file));
    }

    /** How many bytes a socket can take now. */
    public static int room(Socket socket) {
        return Math.max(0, Socket.BYTES_MAX - socket.waiting_bytes() - Socket.MESSAGE_BYTES);
    }

    /** Whether a socket takes no further message; a message is taken whole as long as there is any room. */
    public static boolean full(Socket socket) {
        return socket.waiting_bytes() >= Socket.BYTES_MAX;
    }

    /** Puts bytes into a socket as one message, with open files that each carry a reference of the message's. */
    public static void put(Trap t, long to, byte[] bytes, String from, PVector<Long> files) {
        Socket socket = t.socket(to);
        Sender sender = self(t);
        PVector<Message> received = socket.received();
        int done = 0;
        Message last = received.isEmpty() ? null : received.get(received.size() - 1);
        if (socket.type() == Socket.STREAM && last != null && files.isEmpty() && last.sender().equals(sender)) {
            int end = last.start() + last.length();
            done = Math.min(bytes.length, last.frames().size() * 4096 - end);
            if (done > 0) {
                store(t, last.frames(), end, bytes, 0, done);
                received = received.with(received.size() - 1, new Message(last.frames(), last.start(),
                        last.length() + done, last.from(), sender, last.files()));
            }
        }
        if (done < bytes.length || bytes.length == 0) {
            PVector<Long> frames = TreePVector.empty();
            try {
                for (int at = done; at < bytes.length; at += 4096) {
                    frames = frames.plus(t.allocateKernelFrame());
                }
            } catch (LinuxError e) {
                frames.forEach(t::releaseKernelFrame);
                throw new LinuxError(Errno.ENOBUFS);
            }
            store(t, frames, 0, bytes, done, bytes.length - done);
            received = received.plus(new Message(frames, 0, bytes.length - done, from, sender, files));
        }
        t.put(t.socket(to).withReceived(received));
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.SOCKET_READ, to));
    }

    private static void store(Trap t, List<Long> frames, int at, byte[] bytes, int offset, int length) {
        int done = 0;
        while (done < length) {
            int position = at + done;
            int count = Math.min(length - done, 4096 - (position & 4095));
            t.memory().write((frames.get(position >>> 12) << 12) + (position & 4095), bytes, offset + done, count);
            done += count;
        }
    }

    /** Copies the first bytes of a message out. */
    public static byte[] peek(Trap t, Message message, int skip, int max) {
        byte[] bytes = new byte[Math.max(0, Math.min(max, message.length() - skip))];
        int done = 0;
        while (done < bytes.length) {
            int position = message.start() + skip + done;
            int count = Math.min(bytes.length - done, 4096 - (position & 4095));
            t.memory().read((message.frames().get(position >>> 12) << 12) + (position & 4095), bytes, done, count);
            done += count;
        }
        return bytes;
    }

    /**
     * Takes {@code count} bytes of the first message away, or all of it when {@code whole}. Its open files are the
     * caller's from then on.
     */
    public static void consume(Trap t, long id, int count, boolean whole) {
        Socket socket = t.socket(id);
        Message first = socket.received().get(0);
        PVector<Message> rest = socket.received().minus(0);
        if (whole || count == first.length()) {
            first.frames().forEach(t::releaseKernelFrame);
        } else {
            rest = rest.plus(0, first.after(count));
        }
        t.put(socket.withReceived(rest));
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.SOCKET_WRITE, id));
    }
}
