package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.file.Socket;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.InternetNames;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.SignalDelivery;
import chronovisor.kitten.kernel.SocketNames;
import chronovisor.kitten.kernel.Sockets;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.WaitKey;
import java.util.List;
import org.pcollections.TreePVector;

/** Making, naming and connecting sockets. */
final class SocketCalls {

    private static final int TYPE = 0xF;
    private static final int RAW = 3;
    private static final int TYPES = 11;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int BACKLOG_MAX = 4096;
    private static final int UNSPECIFIED = 0;

    private SocketCalls() {}

    /** The socket of a descriptor, else EBADF or ENOTSOCK. */
    static Socket find(Trap t, long descriptor) {
        OpenFile file = Descriptors.usable(t, descriptor);
        if (!(file.end() instanceof OpenFile.OnSocket end)) {
            throw new LinuxError(Errno.ENOTSOCK);
        }
        return t.socket(end.socket());
    }

    static boolean nonblocking(Trap t, long descriptor) {
        return (Descriptors.usable(t, descriptor).flags() & OpenFlags.O_NONBLOCK) != 0;
    }

    static Outcome socket(Trap t, Call c) {
        int flags = (int) c.a1() & ~TYPE;
        OpenFile file = make(t, (int) c.a0(), (int) c.a1() & TYPE, (int) c.a2(), flags);
        return Outcome.of(Descriptors.install(t, file, (flags & OpenFlags.O_CLOEXEC) != 0, 0));
    }

    private static OpenFile make(Trap t, int domain, int type, int protocol, int flags) {
        if ((flags & ~(OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK)) != 0 || type >= TYPES) {
            throw new LinuxError(Errno.EINVAL);
        }
        if (domain == Socket.NETLINK) {
            if (type != RAW && type != Socket.DATAGRAM) {
                throw new LinuxError(Errno.ESOCKTNOSUPPORT);
            }
            if (protocol != 0) {
                throw new LinuxError(Errno.EPROTONOSUPPORT);
            }
            return Sockets.create(t, domain, Socket.DATAGRAM, protocol, flags);
        }
        if (domain != Socket.UNIX && domain != Socket.INET && domain != Socket.INET6) {
            throw new LinuxError(Errno.EAFNOSUPPORT);
        }
        if (domain == Socket.UNIX) {
            if (protocol != 0 && protocol != Socket.UNIX) {
                throw new LinuxError(Errno.EPROTONOSUPPORT);
            }
            int kind = type == RAW ? Socket.DATAGRAM : type;
            if (kind != Socket.STREAM && kind != Socket.DATAGRAM && kind != Socket.SEQUENCED) {
                throw new LinuxError(Errno.ESOCKTNOSUPPORT);
            }
            return Sockets.create(t, domain, kind, protocol, flags);
        }
        if (type != Socket.STREAM && type != Socket.DATAGRAM) {
            throw new LinuxError(type == RAW ? Errno.EPROTONOSUPPORT : Errno.ESOCKTNOSUPPORT);
        }
        int own = type == Socket.STREAM ? TCP : UDP;
        if (protocol != 0 && protocol != own) {
            throw new LinuxError(Errno.EPROTONOSUPPORT);
        }
        return Sockets.create(t, domain, type, own, flags);
    }

    static Outcome pair(Trap t, Call c) {
        int flags = (int) c.a1() & ~TYPE;
        boolean closes = (flags & OpenFlags.O_CLOEXEC) != 0;
        UserMemory.write64(t, c.a3(), UserMemory.read64(t, c.a3()));
        OpenFile one = make(t, (int) c.a0(), (int) c.a1() & TYPE, (int) c.a2(), flags);
        OpenFile other = make(t, (int) c.a0(), (int) c.a1() & TYPE, (int) c.a2(), flags);
        if (c.a0() != Socket.UNIX) {
            discard(t, one);
            discard(t, other);
            return Outcome.error(Errno.EOPNOTSUPP);
        }
        Sockets.join(t, one.inode(), other.inode());
        int first;
        try {
            first = Descriptors.install(t, one, closes, 0);
        } catch (LinuxError e) {
            discard(t, other);
            throw e;
        }
        try {
            int second = Descriptors.install(t, other, closes, 0);
            UserMemory.write(t, c.a3(), new Bytes(8).put32(first).put32(second).toArray());
        } catch (LinuxError e) {
            Descriptors.close(t, first);
            throw e;
        }
        return Outcome.ZERO;
    }

    private static void discard(Trap t, OpenFile file) {
        t.put(t.file(file.id()).withReferences(1));
        Descriptors.release(t, file.id());
    }

    static Outcome bind(Trap t, Call c) {
        Socket socket = find(t, c.a0());
        if (socket.domain() == Socket.NETLINK) {
            return Outcome.ZERO;
        }
        SocketNames.bind(t, socket, SocketNames.load(t, c.a1(), c.a2()));
        return Outcome.ZERO;
    }

    static Outcome listen(Trap t, Call c) {
        Socket socket = find(t, c.a0());
        if (!socket.connects()) {
            return Outcome.error(Errno.EOPNOTSUPP);
        }
        if (socket.state() == Socket.State.CONNECTED || (socket.local().isEmpty() && socket.domain() == Socket.UNIX)) {
            return Outcome.error(Errno.EINVAL);
        }
        Socket named = SocketNames.autobind(t, socket, null);
        long wanted = c.a1() & 0xFFFFFFFFL;
        t.put(named.withListening((int) Math.min(wanted, BACKLOG_MAX), Sockets.self(t)));
        return Outcome.ZERO;
    }

    static Outcome accept(Trap t, Call c) {
        return accept(t, c, 0);
    }

    static Outcome accept4(Trap t, Call c) {
        if ((c.a3() & ~(OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK)) != 0) {
            return Outcome.error(Errno.EINVAL);
        }
        return accept(t, c, (int) c.a3());
    }

    private static Outcome accept(Trap t, Call c, int flags) {
        Socket socket = find(t, c.a0());
        if (!socket.connects()) {
            return Outcome.error(Errno.EOPNOTSUPP);
        }
        if (socket.state() != Socket.State.LISTENING) {
            return Outcome.error(Errno.EINVAL);
        }
        if (socket.waiting().isEmpty()) {
            return nonblocking(t, c.a0())
                    ? Outcome.error(Errno.EAGAIN)
                    : MessageCalls.block(t, c, socket, WaitKey.Kind.SOCKET_READ, socket.id(), false);
        }
        Socket accepted = t.socket(socket.waiting().get(0));
        if (c.a1() != 0) {
            storeName(t, c.a1(), c.a2(), SocketNames.encode(accepted, accepted.remote()));
        }
        OpenFile file = Descriptors.open(t, accepted.id(), OpenFlags.O_RDWR | flags & OpenFlags.O_NONBLOCK,
                "socket:[" + accepted.id() + "]", new OpenFile.OnSocket(accepted.id()));
        t.put(socket.withWaiting(socket.waiting().minus(0)));
        Sockets.wakeAll(t, socket.id());
        return Outcome.of(Descriptors.install(t, file, (flags & OpenFlags.O_CLOEXEC) != 0, 0));
    }

    /** Stores a socket address and its length the way all calls do: cut to what fits, but with its full length. */
    static void storeName(Trap t, long address, long lengthAt, byte[] name) {
        int room = UserMemory.read32(t, lengthAt);
        if (room < 0) {
            throw new LinuxError(Errno.EINVAL);
        }
        UserMemory.write(t, t.process().addressSpace(), address, name, 0, Math.min(room, name.length));
        UserMemory.write32(t, lengthAt, name.length);
    }

    static Outcome connect(Trap t, Call c) {
        Socket socket = find(t, c.a0());
        if (socket.domain() == Socket.NETLINK) {
            return Outcome.ZERO;
        }
        String given = SocketNames.load(t, c.a1(), c.a2());
        if (!socket.connects() && SocketNames.family(given) == UNSPECIFIED) {
            t.put(socket.withoutPeer());
            return Outcome.ZERO;
        }
        if (socket.internet() && SocketNames.family(given) == UNSPECIFIED) {
            Sockets.disconnect(t, socket.id());
            return Outcome.ZERO;
        }
        String address = SocketNames.check(socket, given);
        if (!socket.connects()) {
            if (socket.internet()) {
                String target = InternetNames.target(socket, address);
                Socket named = SocketNames.autobind(t, socket, target);
                t.put(named.withLocal(InternetNames.sender(named, target)).withPeer(0, target, Socket.Sender.NOBODY));
                return Outcome.ZERO;
            }
            Socket peer = SocketNames.find(t, socket, address);
            if (peer.peer() != 0 && peer.peer() != socket.id()) {
                return Outcome.error(Errno.EPERM);
            }
            t.put(socket.withPeer(peer.id(), peer.local(), peer.owner()));
            return Outcome.ZERO;
        }
        return switch (socket.state()) {
            case CONNECTED -> Outcome.error(Errno.EISCONN);
            case LISTENING -> Outcome.error(socket.internet() ? Errno.EISCONN : Errno.EINVAL);
            // The name of a stream that its peer has closed is still taken.
            case ENDED -> Outcome.error(Errno.EISCONN);
            case NEW -> connectTo(t, c, socket, SocketNames.find(t, socket, address),
                    socket.internet() ? InternetNames.target(socket, address) : address);
        };
    }

    private static Outcome connectTo(Trap t, Call c, Socket socket, Socket listener, String address) {
        if (listener.state() != Socket.State.LISTENING || listener.readShut()) {
            return Outcome.error(Errno.ECONNREFUSED);
        }
        if (listener.waiting().size() > listener.backlog()) {
            return nonblocking(t, c.a0())
                    ? Outcome.error(Errno.EAGAIN)
                    : MessageCalls.block(t, c, socket, WaitKey.Kind.SOCKET_WRITE, listener.id(), true);
        }
        Socket client = socket.internet() ? SocketNames.autobind(t, socket, address) : socket;
        OpenFile carrier = Sockets.create(t, listener.domain(), socket.type(), socket.protocol(), 0);
        t.removeFile(carrier.id());
        Socket server = t.socket(carrier.inode());
        String name = socket.internet() ? address : listener.local();
        // A backlog below zero marks what was accepted: the name is the listener's, not its own.
        server = new Socket(server.id(), server.domain(), server.type(), server.protocol(), name, client.local(),
                client.id(), Socket.State.CONNECTED, -1, TreePVector.empty(), TreePVector.empty(), false, false, 0,
                listener.owner(), Sockets.self(t), listener.options(), Socket.Held.NONE);
        t.put(server);
        t.put(client.withPeer(server.id(), name, listener.owner()));
        t.put(listener.withWaiting(listener.waiting().plus(server.id())));
        Sockets.wakeAll(t, listener.id());
        return Outcome.ZERO;
    }

    static Outcome shutdown(Trap t, Call c) {
        Socket socket = find(t, c.a0());
        int how = (int) c.a1();
        if (how < 0 || how > 2) {
            return Outcome.error(Errno.EINVAL);
        }
        boolean listens = socket.state() == Socket.State.LISTENING;
        boolean connected = socket.state() == Socket.State.CONNECTED || listens;
        if (!connected && socket.internet()) {
            return Outcome.error(Errno.ENOTCONN);
        }
        boolean reads = how != 1;
        boolean writes = how != 0;
        t.put(socket.withShut(reads, writes));
        Socket peer = t.findSocket(socket.peer());
        if (socket.connects() && peer != null) {
            t.put(peer.withShut(writes, reads && socket.domain() == Socket.UNIX));
            Sockets.wakeAll(t, peer.id());
        }
        Sockets.wakeAll(t, socket.id());
        return Outcome.ZERO;
    }

    static Outcome getsockname(Trap t, Call c) {
        Socket socket = find(t, c.a0());
        storeName(t, c.a1(), c.a2(), socket.domain() == Socket.NETLINK
                ? new Bytes(12).put32(Socket.NETLINK).put32(socket.owner().process()).put32(0).toArray()
                : SocketNames.encode(socket, socket.local()));
        return Outcome.ZERO;
    }

    static Outcome getpeername(Trap t, Call c) {
        Socket socket = find(t, c.a0());
        if (socket.state() != Socket.State.CONNECTED) {
            return Outcome.error(Errno.ENOTCONN);
        }
        storeName(t, c.a1(), c.a2(), SocketNames.encode(socket, socket.remote()));
        return Outcome.ZERO;
    }

    /** Waits for a socket, at most as long as its option says; a signal restarts what has no time limit. */
    static Outcome block(List<WaitKey> queues, Call.Progress progress) {
        return new Outcome.Block(queues, progress,
                progress.deadline_ns() == Call.Progress.NEVER ? SignalDelivery.RESTART : -Errno.EINTR, false);
    }
}
