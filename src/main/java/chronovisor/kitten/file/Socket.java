package chronovisor.kitten.file;

import org.pcollections.PVector;
import org.pcollections.TreePMap;
import org.pcollections.TreePVector;

/**
 * A socket (unix(7), and ip(7) and ipv6(7) over the loopback). What was sent to it and not yet received is its own; what it sends is
 * put into its peer at once.
 *
 * @param id
 *            key in the kernel's table: the number of its inode
 * @param domain
 *            AF_UNIX, AF_INET, AF_INET6 or AF_NETLINK
 * @param type
 *            SOCK_STREAM, SOCK_DGRAM or SOCK_SEQPACKET
 * @param protocol
 *            as getsockopt SO_PROTOCOL tells it
 * @param local
 *            the struct sockaddr it is bound to, one character a byte; empty when unbound
 * @param remote
 *            the struct sockaddr of its peer, kept when the peer has gone
 * @param peer
 *            the socket it is connected to, 0 for none
 * @param state
 *            how far it is connected
 * @param backlog
 *            how many connections may wait to be accepted
 * @param waiting
 *            sockets of connections that wait to be accepted
 * @param received
 *            messages in order; of a stream only their bytes and attachments matter
 * @param readShut
 *            whether nothing more will be received
 * @param writeShut
 *            whether nothing more may be sent
 * @param error
 *            errno of something that happened, told once; 0 for none
 * @param owner
 *            who made it, or listened on it
 * @param peerOwner
 *            who made its peer, for SO_PEERCRED
 * @param options
 *            values of socket options: level and name to value
 * @param held
 *            the beginning of a datagram that is sent when its end comes (MSG_MORE)
 */
public record Socket(long id, int domain, int type, int protocol, String local, String remote, long peer, State state,
        int backlog, PVector<Long> waiting, PVector<Message> received, boolean readShut, boolean writeShut, int error,
        Sender owner, Sender peerOwner, TreePMap<Long, Long> options, Held held) {

    public static final int UNIX = 1;
    public static final int INET = 2;
    public static final int INET6 = 10;
    /** The kernel's own messages: here only what a queue tells a thread (mq_notify(3)). */
    public static final int NETLINK = 16;
    public static final int STREAM = 1;
    public static final int DATAGRAM = 2;
    public static final int SEQUENCED = 5;
    /** How many bytes may wait in a socket (net.core.wmem_default). */
    public static final int BYTES_MAX = 212_992;
    /** What a waiting message counts for besides its bytes. */
    public static final int MESSAGE_BYTES = 512;

    /** How far a socket is connected. */
    public enum State {
        NEW, LISTENING, CONNECTED,
        /** It was connected and its peer has gone. */
        ENDED
    }

    /** Bytes, a character each, and the struct sockaddr that they go to. */
    public record Held(String bytes, String to) {
        public static final Held NONE = new Held("", "");
    }

    /** A process as credentials tell of it. */
    public record Sender(int process, int uid, int gid) {
        public static final Sender NOBODY = new Sender(0, -1, -1);
    }

    /**
     * What one send put into a socket.
     *
     * @param frames
     *            guest frames with its bytes
     * @param start
     *            offset of the first byte that has not been received
     * @param length
     *            bytes from there on
     * @param from
     *            struct sockaddr of the sender
     * @param files
     *            open files that came along (SCM_RIGHTS)
     */
    public record Message(PVector<Long> frames, int start, int length, String from, Sender sender,
            PVector<Long> files) {

        /** The same message without its first bytes and what was attached to them. */
        public Message after(int count) {
            return new Message(frames, start + count, length - count, from, sender, TreePVector.empty());
        }
    }

    /** A socket that is not bound or connected. */
    public static Socket create(long id, int domain, int type, int protocol, Sender owner) {
        return new Socket(id, domain, type, protocol, "", "", 0, State.NEW, 0, TreePVector.empty(),
                TreePVector.empty(), false, false, 0, owner, Sender.NOBODY, TreePMap.empty(), Held.NONE);
    }

    /** Whether its addresses are of the Internet, of either family. */
    public boolean internet() {
        return domain == INET || domain == INET6;
    }

    /** Whether it is connected to one peer at a time by a handshake. */
    public boolean connects() {
        return type != DATAGRAM;
    }

    /** Bytes that wait, with what the messages count for. */
    public int waiting_bytes() {
        int total = 0;
        for (Message message : received) {
            total += message.length() + MESSAGE_BYTES;
        }
        return total;
    }

    public Socket withLocal(String address) {
        return new Socket(id, domain, type, protocol, address, remote, peer, state, backlog, waiting, received,
                readShut, writeShut, error, owner, peerOwner, options, held);
    }

    /** Connected to a peer. */
    public Socket withPeer(long to, String address, Sender who) {
        return new Socket(id, domain, type, protocol, local, address, to, State.CONNECTED, backlog, waiting, received,
                readShut, writeShut, error, owner, who, options, held);
    }

    /** Without a peer: a datagram socket as new, another one at its end. */
    public Socket withoutPeer() {
        return new Socket(id, domain, type, protocol, local, connects() ? remote : "", 0,
                connects() ? State.ENDED : State.NEW, backlog, waiting, received, readShut, writeShut, error, owner,
                peerOwner, options, held);
    }

    public Socket withListening(int connections, Sender who) {
        return new Socket(id, domain, type, protocol, local, remote, peer, State.LISTENING, connections, waiting,
                received, readShut, writeShut, error, who, peerOwner, options, held);
    }

    public Socket withWaiting(PVector<Long> changed) {
        return new Socket(id, domain, type, protocol, local, remote, peer, state, backlog, changed, received, readShut,
                writeShut, error, owner, peerOwner, options, held);
    }

    public Socket withReceived(PVector<Message> changed) {
        return new Socket(id, domain, type, protocol, local, remote, peer, state, backlog, waiting, changed, readShut,
                writeShut, error, owner, peerOwner, options, held);
    }

    public Socket withShut(boolean read, boolean write) {
        return new Socket(id, domain, type, protocol, local, remote, peer, state, backlog, waiting, received,
                readShut || read, writeShut || write, error, owner, peerOwner, options, held);
    }

    public Socket withError(int errno) {
        return new Socket(id, domain, type, protocol, local, remote, peer, state, backlog, waiting, received, readShut,
                writeShut, errno, owner, peerOwner, options, held);
    }

    public Socket withOption(long key, long value) {
        return new Socket(id, domain, type, protocol, local, remote, peer, state, backlog, waiting, received, readShut,
                writeShut, error, owner, peerOwner, options.plus(key, value), held);
    }

    public Socket withHeld(Held changed) {
        return new Socket(id, domain, type, protocol, local, remote, peer, state, backlog, waiting, received, readShut,
                writeShut, error, owner, peerOwner, options, changed);
    }

    /** As it was made, but for its options: neither bound nor connected, of a family. */
    public Socket renewed(int family) {
        return new Socket(id, family, type, protocol, "", "", 0, State.NEW, 0, TreePVector.empty(), received, false,
                false, 0, owner, Sender.NOBODY, options, held);
    }

    /** The same connection by addresses of another family. */
    public Socket withFamily(int family, String from, String to) {
        return new Socket(id, family, type, protocol, from, to, peer, state, backlog, waiting, received, readShut,
                writeShut, error, owner, peerOwner, options, held);
    }
}
