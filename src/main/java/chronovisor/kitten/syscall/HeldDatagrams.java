package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.Socket;
import chronovisor.kitten.kernel.InternetNames;
import chronovisor.kitten.kernel.Outcome;
import chronovisor.kitten.kernel.SocketNames;
import chronovisor.kitten.kernel.Sockets;
import chronovisor.kitten.kernel.Trap;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePVector;

/** Datagrams that are sent in parts: all but the last with MSG_MORE (udp(7)). A stream's parts go at once, which it does not forbid. */
final class HeldDatagrams {

    private static final int MORE = 0x8000;

    private HeldDatagrams() {}

    /** Whether a send is, or follows, a part that is held. */
    static boolean concerns(Socket socket, MessageCalls.Outgoing what) {
        return socket.internet() && !socket.connects()
                && ((what.flags() & MORE) != 0 || !socket.held().to().isEmpty());
    }

    static Outcome send(Trap t, Socket socket, MessageCalls.Outgoing what) {
        Socket.Held held = socket.held();
        String to = held.to();
        if (to.isEmpty()) {
            to = what.address() == null ? socket.remote() : SocketNames.check(socket, what.address());
        }
        if (to.isEmpty()) {
            return Outcome.error(Errno.EDESTADDRREQ);
        }
        long total = Transfer.total(what.spans());
        if (held.bytes().length() + total > MessageCalls.DATAGRAM_BYTES_MAX) {
            return Outcome.error(Errno.EMSGSIZE);
        }
        String bytes = held.bytes()
                + new String(Transfer.gather(t, what.spans(), 0, (int) total), StandardCharsets.ISO_8859_1);
        Socket named = SocketNames.autobind(t, socket, null);
        if ((what.flags() & MORE) != 0) {
            t.put(named.withHeld(new Socket.Held(bytes, to)));
            return Outcome.of(total);
        }
        t.put(named.withHeld(Socket.Held.NONE));
        Socket peer = reached(t, named, to);
        if (peer != null && !peer.readShut() && !Sockets.full(peer)) {
            Sockets.put(t, peer.id(), bytes.getBytes(StandardCharsets.ISO_8859_1), InternetNames.sender(named, to),
                    TreePVector.empty());
        }
        return Outcome.of(total);
    }

    /** Who is there; nobody is told later, and only to who is connected. */
    private static @Nullable Socket reached(Trap t, Socket from, String to) {
        try {
            return SocketNames.find(t, from, to);
        } catch (LinuxError e) {
            if (e.errno() != Errno.ECONNREFUSED) {
                throw e;
            }
            if (from.state() == Socket.State.CONNECTED) {
                t.put(t.socket(from.id()).withError(Errno.ECONNREFUSED));
            }
            return null;
        }
    }
}
