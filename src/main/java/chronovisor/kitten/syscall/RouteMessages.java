package chronovisor.kitten.syscall;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.file.Socket;
import chronovisor.kitten.kernel.Sockets;
import chronovisor.kitten.kernel.Trap;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pcollections.TreePVector;

/**
 * What the kernel answers on a socket of AF_NETLINK (netlink(7), rtnetlink(7)): what interfaces and addresses there are. There is the
 * loopback, and no routes, neighbours or rules. Nothing can be changed.
 */
final class RouteMessages {

    /** The kernel's address: struct sockaddr_nl with port 0. */
    private static final String KERNEL = "\20" + "\0".repeat(11);

    private static final int HEADER_BYTES = 16;
    private static final int ERROR = 2;
    private static final int DONE = 3;
    private static final int NEW_LINK = 16;
    private static final int GET_LINK = 18;
    private static final int NEW_ADDRESS = 20;
    private static final int GET_ADDRESS = 22;
    /** The first kind of message of rtnetlink; of every four the third asks. */
    private static final int FIRST = 16;
    private static final int ASKS = 2;

    private static final int MULTIPLE = 2;
    private static final int ACKNOWLEDGE = 4;
    private static final int DUMP = 0x300;

    private static final int LOWER_UP = 0x1_0000;
    private static final int PERMANENT = 0x80;
    private static final int SCOPE_HOST = 254;
    private static final int FAMILY_ANY = 0;

    private final Trap t;
    private final Socket socket;

    private RouteMessages(Trap t, Socket socket) {
        this.t = t;
        this.socket = socket;
    }

    /** Answers the requests in one message. */
    static void send(Trap t, Socket socket, byte[] bytes) {
        RouteMessages messages = new RouteMessages(t, socket);
        int at = 0;
        while (bytes.length - at >= HEADER_BYTES) {
            int length = Bytes.get32(bytes, at);
            if (length < HEADER_BYTES || length > bytes.length - at) {
                return;
            }
            messages.answer(Arrays.copyOfRange(bytes, at, at + length));
            at += length + 3 & ~3;
        }
    }

    private void answer(byte[] request) {
        int kind = Bytes.get16(request, 4);
        int flags = Bytes.get16(request, 6);
        if (kind < FIRST) {
            if ((flags & ACKNOWLEDGE) != 0) {
                acknowledge(request, 0);
            }
            return;
        }
        if ((kind - FIRST) % 4 != ASKS) {
            acknowledge(request, Errno.EOPNOTSUPP);
            return;
        }
        if ((flags & DUMP) != 0) {
            List<byte[]> all = all(kind, request.length > HEADER_BYTES ? request[HEADER_BYTES] : FAMILY_ANY, request);
            all.add(message(DONE, MULTIPLE, request, new Bytes(4).put32(0)));
            Bytes together = new Bytes();
            all.forEach(together::put);
            put(together.toArray());
        } else if (kind == GET_LINK && names(request)) {
            put(message(NEW_LINK, 0, request, link()));
        } else {
            acknowledge(request, kind == GET_LINK ? Errno.ENODEV : Errno.EOPNOTSUPP);
        }
    }

    private static List<byte[]> all(int kind, int family, byte[] request) {
        List<byte[]> all = new ArrayList<>();
        if (kind == GET_LINK) {
            all.add(message(NEW_LINK, MULTIPLE, request, link()));
        }
        if (kind == GET_ADDRESS && (family == FAMILY_ANY || family == Socket.INET)) {
            all.add(message(NEW_ADDRESS, MULTIPLE, request, address4()));
        }
        if (kind == GET_ADDRESS && (family == FAMILY_ANY || family == Socket.INET6)) {
            all.add(message(NEW_ADDRESS, MULTIPLE, request, address6()));
        }
        return all;
    }

    /** Whether a request for one interface is for the loopback: by its number, or by its name. */
    private static boolean names(byte[] request) {
        int attributes = HEADER_BYTES + 16;
        if (request.length < attributes) {
            return false;
        }
        int index = Bytes.get32(request, HEADER_BYTES + 4);
        for (int at = attributes; index == 0 && request.length - at >= 4;) {
            int length = Bytes.get16(request, at);
            if (length < 4 || length > request.length - at) {
                return false;
            }
            String text = new String(request, at + 4, length - 4, StandardCharsets.ISO_8859_1);
            if (Bytes.get16(request, at + 2) == 3 && text.equals(InterfaceCalls.NAME + "\0")) {
                return true;
            }
            at += length + 3 & ~3;
        }
        return index == InterfaceCalls.INDEX;
    }

    /** struct ifinfomsg and what follows. */
    private static Bytes link() {
        Bytes out = new Bytes().put8(0).put8(0).put16(InterfaceCalls.HARDWARE).put32(InterfaceCalls.INDEX)
                .put32(InterfaceCalls.FLAGS | LOWER_UP).put32(0);
        attribute(out, 3, text(InterfaceCalls.NAME));
        attribute(out, 13, word(InterfaceCalls.QUEUE_LENGTH));
        // IF_OPER_UNKNOWN, as for all that has no carrier to watch.
        attribute(out, 16, new byte[1]);
        attribute(out, 17, new byte[1]);
        attribute(out, 4, word(InterfaceCalls.MTU));
        attribute(out, 6, text("noqueue"));
        attribute(out, 1, new byte[6]);
        attribute(out, 2, new byte[6]);
        return out;
    }

    /** struct ifaddrmsg and what follows. */
    private static Bytes address4() {
        Bytes out = address(Socket.INET, InterfaceCalls.PREFIX_BITS);
        attribute(out, 1, InterfaceCalls.ADDRESS);
        attribute(out, 2, InterfaceCalls.ADDRESS);
        attribute(out, 3, text(InterfaceCalls.NAME));
        return lasting(out);
    }

    private static Bytes address6() {
        byte[] loopback = new byte[16];
        loopback[15] = 1;
        Bytes out = address(Socket.INET6, 128);
        attribute(out, 1, loopback);
        return lasting(out);
    }

    private static Bytes address(int family, int bits) {
        return new Bytes().put8(family).put8(bits).put8(PERMANENT).put8(SCOPE_HOST).put32(InterfaceCalls.INDEX);
    }

    /** Addresses that are preferred and valid for ever. */
    private static Bytes lasting(Bytes out) {
        attribute(out, 8, word(PERMANENT));
        attribute(out, 6, new Bytes(16).put32(-1).put32(-1).put32(0).put32(0).toArray());
        return out;
    }

    private static byte[] word(int value) {
        return new Bytes(4).put32(value).toArray();
    }

    private static byte[] text(String value) {
        return (value + "\0").getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void attribute(Bytes out, int kind, byte[] value) {
        out.put16(4 + value.length).put16(kind).put(value).align(4);
    }

    /** NLMSG_ERROR, which is also how success is told. */
    private void acknowledge(byte[] request, int error) {
        int quoted = error == 0 ? HEADER_BYTES : request.length;
        put(message(ERROR, 0, request, new Bytes().put32(-error).put(request, 0, quoted)));
    }

    private static byte[] message(int kind, int flags, byte[] request, Bytes content) {
        return new Bytes().put32(HEADER_BYTES + content.length()).put16(kind).put16(flags)
                .put32(Bytes.get32(request, 8)).put32(0).put(content.toArray()).align(4).toArray();
    }

    private void put(byte[] bytes) {
        for (int at = 0; at < bytes.length; at += Bytes.get32(bytes, at) + 3 & ~3) {
            Bytes.set32(bytes, at + 12, socket.owner().process());
        }
        Sockets.put(t, socket.id(), bytes, KERNEL, TreePVector.empty());
    }
}
