package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.file.OpenFile;
import chronovisor.kitten.file.Socket;
import chronovisor.kitten.file.Socket.Message;
import chronovisor.kitten.kernel.Descriptors;
import chronovisor.kitten.kernel.InternetNames;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.SignalSender;
import chronovisor.kitten.kernel.SocketNames;
import chronovisor.kitten.kernel.Sockets;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.UserMemory;
import chronovisor.kitten.syscall.Transfer.Span;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.SignalInfo;
import chronovisor.kitten.task.WaitKey;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/** Sending to and receiving from sockets. */
final class MessageCalls {

    private static final int OUT_OF_BAND = 1;
    private static final int PEEK = 2;
    private static final int CONTROL_CUT = 8;
    private static final int CUT = 0x20;
    private static final int DONT_WAIT = 0x40;
    private static final int RECORD_END = 0x80;
    private static final int WAIT_ALL = 0x100;
    private static final int NO_SIGNAL = 0x4000;
    private static final int ERROR_QUEUE = 0x2000;
    private static final int WAIT_FOR_ONE = 0x10000;
    private static final int CLOSE_ON_EXEC = 0x4000_0000;
    private static final int HEADER_BYTES = 56;
    private static final int VECTOR_BYTES = 64;
    private static final int FILES_MAX = 253;
    private static final int MESSAGES_MAX = 1024;
    static final int DATAGRAM_BYTES_MAX = 65_507;
    private static final int DATAGRAMS_MAX = 10;

    private MessageCalls() {}

    /** What is to be sent. */
    record Outgoing(List<Span> spans, @Nullable String address, PVector<Long> files, int flags) {}

    /** A struct msghdr of the user's. */
    private record Header(long name, int nameLength, List<Span> spans, long control, long controlLength) {}

    private static Header header(Trap t, long address) {
        byte[] raw = UserMemory.read(t, address, HEADER_BYTES);
        long count = Bytes.get64(raw, 24);
        if (Long.compareUnsigned(count, 1024) > 0) {
            throw new LinuxError(Errno.EMSGSIZE);
        }
        return new Header(Bytes.get64(raw, 0), Bytes.get32(raw, 8),
                Transfer.vectors(t, Bytes.get64(raw, 16), count), Bytes.get64(raw, 32), Bytes.get64(raw, 40));
    }

    /** Waits until something changes, as long as the socket's time limit allows. */
    static Outcome block(Trap t, Call c, Socket socket, WaitKey.Kind kind, long id, boolean sends) {
        long deadline_ns = c.progress().deadline_ns();
        if (!c.progress().entered()) {
            long limit_ns = SocketOptions.timeout_ns(socket, sends);
            deadline_ns = limit_ns == 0 ? Call.Progress.NEVER : TimeCalls.after(t, limit_ns);
        }
        if (deadline_ns <= t.now_ns()) {
            return Outcome.error(Errno.EAGAIN);
        }
        return SocketCalls.block(List.of(new WaitKey(kind, id)),
                new Call.Progress(true, c.progress().done(), deadline_ns, 0, false));
    }

    static Outcome sendto(Trap t, Call c) {
        SocketCalls.find(t, c.a0());
        String address = c.a4() == 0 ? null : SocketNames.load(t, c.a4(), c.a5());
        return send(t, c, c.a0(), new Outgoing(Transfer.buffer(c.a1(), ReadWrite.checked(c.a2())), address,
                TreePVector.empty(), (int) c.a3()));
    }

    static Outcome sendmsg(Trap t, Call c) {
        SocketCalls.find(t, c.a0());
        return send(t, c, c.a0(), outgoing(t, c.a1(), (int) c.a2()));
    }

    private static Outgoing outgoing(Trap t, long at, int flags) {
        Header header = header(t, at);
        String address = header.name() == 0 || header.nameLength() == 0
                ? null
                : SocketNames.load(t, header.name(), header.nameLength());
        return new Outgoing(header.spans(), address, attached(t, header), flags);
    }

    /** The open files that an ancillary message names (cmsg(3)); no references are taken yet. */
    private static PVector<Long> attached(Trap t, Header header) {
        PVector<Long> files = TreePVector.empty();
        if (header.control() == 0 || header.controlLength() < 16) {
            return files;
        }
        if (header.controlLength() > 1 << 16) {
            throw new LinuxError(Errno.ENOBUFS);
        }
        byte[] raw = UserMemory.read(t, header.control(), (int) header.controlLength());
        for (int at = 0; at + 16 <= raw.length;) {
            long length = Bytes.get64(raw, at);
            if (length < 16 || at + length > raw.length) {
                throw new LinuxError(Errno.EINVAL);
            }
            if (Bytes.get32(raw, at + 8) == 1) {
                switch (Bytes.get32(raw, at + 12)) {
                    case 1 -> {
                        for (int i = at + 16; i + 4 <= at + length; i += 4) {
                            files = files.plus(Descriptors.usable(t, Bytes.get32(raw, i)).id());
                        }
                    }
                    case 2 -> credentials(t, raw, at, length);
                    default -> throw new LinuxError(Errno.EINVAL);
                }
            }
            at += (int) (length + 7) & -8;
        }
        if (files.size() > FILES_MAX) {
            throw new LinuxError(Errno.EINVAL);
        }
        return files;
    }

    /** Credentials that a sender states must be its own, but for root. */
    private static void credentials(Trap t, byte[] raw, int at, long length) {
        if (length != 28) {
            throw new LinuxError(Errno.EINVAL);
        }
        Socket.Sender self = Sockets.self(t);
        if (self.uid() != 0 && (Bytes.get32(raw, at + 16) != self.process() || Bytes.get32(raw, at + 20) != self.uid()
                || Bytes.get32(raw, at + 24) != self.gid())) {
            throw new LinuxError(Errno.EPERM);
        }
    }

    /** Sends from buffers: write(2) on a socket. */
    static Outcome write(Trap t, Call c, List<Span> spans) {
        return send(t, c, c.a0(), new Outgoing(spans, null, TreePVector.empty(), 0));
    }

    private static Outcome send(Trap t, Call c, long descriptor, Outgoing what) {
        Socket socket = SocketCalls.find(t, descriptor);
        boolean waits = (what.flags() & DONT_WAIT) == 0 && !SocketCalls.nonblocking(t, descriptor);
        if ((what.flags() & OUT_OF_BAND) != 0) {
            return Outcome.error(Errno.EOPNOTSUPP);
        }
        int error = socket.error();
        if (error != 0 && !(socket.connects() && error == Errno.ECONNRESET)) {
            t.put(socket.withError(0));
            return Outcome.error(error);
        }
        if (HeldDatagrams.concerns(socket, what)) {
            return HeldDatagrams.send(t, socket, what);
        }
        return socket.connects()
                ? sendConnected(t, c, socket, what, waits)
                : sendDatagram(t, c, socket, what, waits);
    }

    /** Puts bytes into a connected socket for sendfile and splice: as many as there is room for, 0 for none. */
    static int put(Trap t, OpenFile.OnSocket end, byte[] bytes) {
        Socket socket = t.socket(end.socket());
        Socket peer = t.findSocket(socket.peer());
        if (peer == null || socket.writeShut()) {
            Outcome outcome = broken(t, new Outgoing(List.of(), null, TreePVector.empty(), 0), 0);
            throw new LinuxError(outcome instanceof Outcome.Value(long value) ? (int) -value : Errno.EPIPE);
        }
        int count = Math.min(Sockets.room(peer), bytes.length);
        if (count > 0) {
            Sockets.put(t, peer.id(), Arrays.copyOf(bytes, count), socket.local(), TreePVector.empty());
        }
        return count;
    }

    /** Takes bytes out of a stream for splice: what there is, empty at its end, null when there is nothing yet. */
    static byte @Nullable [] take(Trap t, OpenFile.OnSocket end, int length) {
        Socket socket = t.socket(end.socket());
        if (socket.received().isEmpty()) {
            boolean ended = socket.readShut() || socket.state() == Socket.State.ENDED;
            return ended ? new byte[0] : null;
        }
        Message message = socket.received().get(0);
        byte[] bytes = Sockets.peek(t, message, 0, length);
        message.files().forEach(file -> Descriptors.release(t, file));
        Sockets.consume(t, socket.id(), bytes.length, socket.type() != Socket.STREAM);
        return bytes;
    }

    private static Outcome broken(Trap t, Outgoing what, long done) {
        if (done > 0) {
            return Outcome.of(done);
        }
        if ((what.flags() & NO_SIGNAL) == 0) {
            SignalSender.toTask(t, t.current(), SignalInfo.user(Signals.SIGPIPE, 0, t.process().id(), 0));
        }
        return Outcome.error(Errno.EPIPE);
    }

    private static Outcome sendConnected(Trap t, Call c, Socket socket, Outgoing what, boolean waits) {
        long done = c.progress().done();
        if (what.address() != null && socket.domain() == Socket.UNIX && socket.type() == Socket.STREAM) {
            return Outcome.error(socket.state() == Socket.State.CONNECTED ? Errno.EISCONN : Errno.EOPNOTSUPP);
        }
        if (socket.state() == Socket.State.NEW || socket.state() == Socket.State.LISTENING) {
            return socket.internet() ? broken(t, what, done) : Outcome.error(Errno.ENOTCONN);
        }
        long total = Transfer.total(what.spans());
        if (socket.type() == Socket.SEQUENCED && total > Socket.BYTES_MAX - Socket.MESSAGE_BYTES) {
            return Outcome.error(Errno.EMSGSIZE);
        }
        boolean first = true;
        while (first || done < total) {
            first = false;
            Socket peer = t.findSocket(socket.peer());
            if (socket.writeShut() || peer == null) {
                return broken(t, what, done);
            }
            int room = Sockets.room(peer);
            boolean whole = socket.type() == Socket.SEQUENCED;
            if (whole ? Sockets.full(peer) : room == 0) {
                if (!waits) {
                    return done > 0 ? Outcome.of(done) : Outcome.error(Errno.EAGAIN);
                }
                Outcome blocked = block(t, c.withProgress(new Call.Progress(c.progress().entered(), done,
                        c.progress().deadline_ns(), 0, false)), socket, WaitKey.Kind.SOCKET_WRITE, peer.id(), true);
                boolean late = blocked instanceof Outcome.Value;
                return done == 0 || !(late || SignalSender.pending(t, t.task())) ? blocked : Outcome.of(done);
            }
            if (total == 0 && !whole) {
                break;
            }
            byte[] bytes = Transfer.gather(t, what.spans(), done,
                    whole ? (int) total : (int) Math.min(Math.min(room, Transfer.CHUNK_BYTES), total - done));
            deliver(t, peer, bytes, socket.local(), done == 0 ? what.files() : TreePVector.empty());
            done += bytes.length;
            if (whole) {
                break;
            }
        }
        return Outcome.of(done);
    }

    private static void deliver(Trap t, Socket to, byte[] bytes, String from, PVector<Long> files) {
        for (long file : files) {
            t.put(t.file(file).withReferences(t.file(file).references() + 1));
        }
        Sockets.put(t, to.id(), bytes, from, files);
    }

    private static Outcome sendDatagram(Trap t, Call c, Socket given, Outgoing what, boolean waits) {
        long total = Transfer.total(what.spans());
        if (total > (given.internet() ? DATAGRAM_BYTES_MAX : Socket.BYTES_MAX - Socket.MESSAGE_BYTES)) {
            return Outcome.error(Errno.EMSGSIZE);
        }
        if (given.domain() == Socket.NETLINK) {
            RouteMessages.send(t, given, Transfer.gather(t, what.spans(), 0, (int) total));
            return Outcome.of(total);
        }
        Socket socket = given;
        boolean internet = socket.internet();
        String to = what.address() == null ? socket.remote() : SocketNames.check(socket, what.address());
        Socket peer;
        try {
            if (what.address() != null) {
                peer = SocketNames.find(t, socket, to);
            } else if (socket.state() != Socket.State.CONNECTED) {
                if (internet) {
                    SocketNames.autobind(t, socket, null);
                }
                return Outcome.error(internet ? Errno.EDESTADDRREQ : Errno.ENOTCONN);
            } else if (internet) {
                peer = SocketNames.find(t, socket, to);
            } else {
                peer = t.findSocket(socket.peer());
                if (peer == null) {
                    t.put(socket.withoutPeer());
                    return Outcome.error(Errno.ECONNREFUSED);
                }
            }
        } catch (LinuxError e) {
            if (!internet || e.errno() != Errno.ECONNREFUSED) {
                throw e;
            }
            // Nobody is there: the network says so later, and only to who is connected.
            Socket named = SocketNames.autobind(t, socket, null);
            t.put(what.address() == null ? named.withError(Errno.ECONNREFUSED) : named);
            return lost(t, what, total);
        }
        if (socket.writeShut()) {
            return broken(t, what, 0);
        }
        if (peer.readShut()) {
            return internet ? lost(t, what, total) : broken(t, what, 0);
        }
        boolean restricted = peer.state() == Socket.State.CONNECTED && peer.peer() != 0 && peer.peer() != socket.id();
        if (restricted) {
            return Outcome.error(Errno.EPERM);
        }
        boolean full = Sockets.full(peer)
                || (!internet && peer.peer() != socket.id() && peer.received().size() > DATAGRAMS_MAX);
        if (full) {
            if (internet) {
                return lost(t, what, total);
            }
            return waits
                    ? block(t, c, socket, WaitKey.Kind.SOCKET_WRITE, peer.id(), true)
                    : Outcome.error(Errno.EAGAIN);
        }
        byte[] bytes = Transfer.gather(t, what.spans(), 0, (int) total);
        socket = internet ? SocketNames.autobind(t, socket, null) : socket;
        String from = internet ? InternetNames.sender(socket, to) : socket.local();
        deliver(t, t.socket(peer.id()), bytes, from, what.files());
        return Outcome.of(total);
    }

    /** The network loses a datagram; its sender's buffer has been read all the same. */
    private static Outcome lost(Trap t, Outgoing what, long total) {
        Transfer.gather(t, what.spans(), 0, (int) total);
        return Outcome.of(total);
    }

    static Outcome recvfrom(Trap t, Call c) {
        Socket socket = SocketCalls.find(t, c.a0());
        Received got = new Received();
        Outcome outcome = receive(t, c, c.a0(), Transfer.buffer(c.a1(), ReadWrite.checked(c.a2())), (int) c.a3(), got);
        if (outcome instanceof Outcome.Value(long value) && value >= 0) {
            got.files.forEach(file -> Descriptors.release(t, file));
            if (c.a4() != 0) {
                storeSender(t, socket, c.a4(), c.a5(), got);
            }
        }
        return outcome;
    }

    private static void storeSender(Trap t, Socket socket, long address, long lengthAt, Received got) {
        if (socket.connects() || (got.from.isEmpty() && socket.domain() == Socket.UNIX)) {
            SocketCalls.storeName(t, address, lengthAt, new byte[0]);
        } else {
            SocketCalls.storeName(t, address, lengthAt, SocketNames.encode(socket, got.from));
        }
    }

    /** Receives into buffers: read(2) on a socket. */
    static Outcome read(Trap t, Call c, List<Span> spans) {
        Received got = new Received();
        Outcome outcome = receive(t, c, c.a0(), spans, 0, got);
        got.files.forEach(file -> Descriptors.release(t, file));
        return outcome;
    }

    /** What came with the bytes. */
    private static final class Received {
        private String from = "";
        private Socket.Sender sender = Socket.Sender.NOBODY;
        private PVector<Long> files = TreePVector.empty();
        private int flags;
    }

    private static Outcome receive(Trap t, Call c, long descriptor, List<Span> spans, int flags, Received got) {
        Socket socket = SocketCalls.find(t, descriptor);
        if ((flags & OUT_OF_BAND) != 0) {
            return Outcome.error(socket.internet() && socket.connects() ? Errno.EINVAL : Errno.EOPNOTSUPP);
        }
        if ((flags & ERROR_QUEUE) != 0) {
            return Outcome.error(Errno.EAGAIN);
        }
        if (socket.connects() && (socket.state() == Socket.State.NEW || socket.state() == Socket.State.LISTENING)) {
            boolean refused = socket.domain() == Socket.UNIX && socket.type() == Socket.STREAM;
            return Outcome.error(refused ? Errno.EINVAL : Errno.ENOTCONN);
        }
        if (socket.received().isEmpty()) {
            return empty(t, c, socket, descriptor, flags);
        }
        long total = Transfer.total(spans);
        if (socket.type() == Socket.STREAM) {
            return stream(t, c, socket, descriptor, spans, flags, got);
        }
        Message message = socket.received().get(0);
        byte[] bytes = Sockets.peek(t, message, 0, (int) Math.min(total, message.length()));
        Transfer.scatter(t, spans, 0, bytes);
        take(t, got, message, (flags & PEEK) != 0);
        got.flags |= (bytes.length < message.length() ? CUT : 0)
                | (socket.type() == Socket.SEQUENCED ? RECORD_END : 0);
        if ((flags & PEEK) == 0) {
            Sockets.consume(t, socket.id(), message.length(), true);
        }
        return Outcome.of((flags & CUT) != 0 ? message.length() : bytes.length);
    }

    /** Open files go to the receiver; who only peeks gets references of its own. */
    private static void take(Trap t, Received got, Message message, boolean peeks) {
        got.from = message.from();
        got.sender = message.sender();
        got.files = message.files();
        if (peeks) {
            for (long file : message.files()) {
                t.put(t.file(file).withReferences(t.file(file).references() + 1));
            }
        }
    }

    private static Outcome empty(Trap t, Call c, Socket socket, long descriptor, int flags) {
        if (socket.error() != 0) {
            t.put(socket.withError(0));
            return Outcome.error(socket.error());
        }
        boolean ended = socket.readShut() || socket.state() == Socket.State.ENDED;
        if (ended && (socket.connects() || socket.domain() == Socket.UNIX)) {
            return Outcome.ZERO;
        }
        if ((flags & DONT_WAIT) != 0 || SocketCalls.nonblocking(t, descriptor)) {
            return Outcome.error(Errno.EAGAIN);
        }
        return block(t, c, socket, WaitKey.Kind.SOCKET_READ, socket.id(), false);
    }

    private static Outcome stream(Trap t, Call c, Socket socket, long descriptor, List<Span> spans, int flags,
            Received got) {
        long total = Transfer.total(spans);
        boolean all = (flags & WAIT_ALL) != 0 && (flags & (DONT_WAIT | PEEK)) == 0
                && !SocketCalls.nonblocking(t, descriptor);
        if (all && !enough(t, socket, total)) {
            Outcome blocked = block(t, c, socket, WaitKey.Kind.SOCKET_READ, socket.id(), false);
            if (blocked instanceof Outcome.Block && !SignalSender.pending(t, t.task())) {
                return blocked;
            }
        }
        boolean peeks = (flags & PEEK) != 0;
        int done = 0;
        int index = 0;
        while (done < total) {
            PVector<Message> left = t.socket(socket.id()).received();
            if (index >= left.size()) {
                break;
            }
            Message message = left.get(index);
            boolean other = done > 0 && (!message.files().isEmpty() || !got.files.isEmpty()
                    || SocketOptions.passesCredentials(socket) && !message.sender().equals(got.sender));
            if (other) {
                break;
            }
            byte[] bytes = Sockets.peek(t, message, 0, (int) Math.min(total - done, Transfer.CHUNK_BYTES));
            Transfer.scatter(t, spans, done, bytes);
            take(t, got, message, peeks);
            done += bytes.length;
            if (peeks && bytes.length < message.length()) {
                break;
            }
            if (peeks) {
                index++;
            } else {
                Sockets.consume(t, socket.id(), bytes.length, false);
            }
        }
        return Outcome.of(done);
    }

    /** Whether a stream has all that is asked for, or nothing more will come, or what comes is to be read apart. */
    private static boolean enough(Trap t, Socket socket, long total) {
        long available = 0;
        for (Message message : socket.received()) {
            available += message.length();
            if (!message.files().isEmpty()) {
                return true;
            }
        }
        return available >= total || socket.readShut() || socket.state() == Socket.State.ENDED
                || Sockets.room(t.socket(socket.id())) == 0;
    }

    static Outcome recvmsg(Trap t, Call c) {
        return receiveMessage(t, c, c.a0(), c.a1(), (int) c.a2());
    }

    private static Outcome receiveMessage(Trap t, Call c, long descriptor, long at, int flags) {
        Socket socket = SocketCalls.find(t, descriptor);
        Header header = header(t, at);
        Received got = new Received();
        Outcome outcome = receive(t, c, descriptor, header.spans(), flags, got);
        if (!(outcome instanceof Outcome.Value(long value)) || value < 0) {
            return outcome;
        }
        if (header.name() != 0) {
            storeSender(t, socket, header.name(), at + 8, got);
        }
        long used = storeControl(t, socket, header, got, (flags & CLOSE_ON_EXEC) != 0);
        UserMemory.write64(t, at + 40, used);
        UserMemory.write32(t, at + 48, got.flags | flags & CLOSE_ON_EXEC);
        return outcome;
    }

    /** Stores ancillary messages; what does not fit is cut off and its files are closed. */
    private static long storeControl(Trap t, Socket socket, Header header, Received got, boolean closes) {
        Bytes out = new Bytes(64);
        long room = header.control() == 0 ? 0 : header.controlLength();
        if (SocketOptions.passesCredentials(socket)) {
            if (room >= 28) {
                out.put64(28).put32(1).put32(2).put32(got.sender.process()).put32(got.sender.uid())
                        .put32(got.sender.gid()).align(8);
            } else {
                got.flags |= CONTROL_CUT;
            }
        }
        if (!got.files.isEmpty()) {
            int fits = (int) Math.min(got.files.size(), Math.max(0, (room - out.length() - 16) / 4));
            Bytes numbers = new Bytes(4 * fits);
            for (int i = 0; i < got.files.size(); i++) {
                OpenFile file = t.file(got.files.get(i));
                if (i < fits) {
                    numbers.put32(Descriptors.install(t, file, closes, 0));
                }
                Descriptors.release(t, file.id());
            }
            if (fits > 0) {
                out.put64(16 + 4L * fits).put32(1).put32(1).put(numbers.toArray());
            }
            got.flags |= fits < got.files.size() ? CONTROL_CUT : 0;
        }
        byte[] bytes = out.align(8).toArray();
        long stored = Math.min(room, bytes.length);
        UserMemory.write(t, t.process().addressSpace(), header.control(), bytes, 0, (int) stored);
        return stored;
    }

    static Outcome sendmmsg(Trap t, Call c) {
        SocketCalls.find(t, c.a0());
        long count = Math.min(c.a2() & 0xFFFFFFFFL, MESSAGES_MAX);
        long sent = c.progress().extra();
        while (sent < count) {
            long at = c.a1() + sent * VECTOR_BYTES;
            Outcome outcome;
            try {
                outcome = send(t, c, c.a0(), outgoing(t, at, (int) c.a3()));
            } catch (LinuxError e) {
                outcome = Outcome.error(e.errno());
            }
            if (!(outcome instanceof Outcome.Value(long value)) || value < 0) {
                return sent > 0 ? Outcome.of(sent) : outcome;
            }
            UserMemory.write32(t, at + HEADER_BYTES, (int) value);
            sent++;
        }
        return Outcome.of(sent);
    }

    static Outcome recvmmsg(Trap t, Call c) {
        SocketCalls.find(t, c.a0());
        long count = Math.min(c.a2() & 0xFFFFFFFFL, MESSAGES_MAX);
        long received = c.progress().extra();
        long limit_ns = c.a4() == 0 || c.progress().entered() ? Call.Progress.NEVER : TimeCalls.loadTime(t, c.a4());
        long deadline_ns = c.progress().entered() ? c.progress().deadline_ns() : TimeCalls.after(t, limit_ns);
        while (received < count) {
            long at = c.a1() + received * VECTOR_BYTES;
            int flags = (int) c.a3() & ~WAIT_FOR_ONE
                    | (received > 0 && (c.a3() & WAIT_FOR_ONE) != 0 ? DONT_WAIT : 0);
            Outcome outcome;
            try {
                outcome = receiveMessage(t, c, c.a0(), at, flags);
            } catch (LinuxError e) {
                outcome = Outcome.error(e.errno());
            }
            if (outcome instanceof Outcome.Block block) {
                if (deadline_ns <= t.now_ns()) {
                    return received > 0 ? Outcome.of(received) : Outcome.error(Errno.EAGAIN);
                }
                return new Outcome.Block(block.queues(), new Call.Progress(true, 0, deadline_ns, received, false),
                        received > 0 ? received : block.interrupted(), false);
            }
            if (!(outcome instanceof Outcome.Value(long value)) || value < 0) {
                return received > 0 ? Outcome.of(received) : outcome;
            }
            UserMemory.write32(t, at + HEADER_BYTES, (int) value);
            received++;
        }
        return Outcome.of(received);
    }
}
