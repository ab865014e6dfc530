package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.file.Socket;
import chronovisor.kitten.task.Capabilities;
import org.jspecify.annotations.Nullable;

/**
 * Addresses of Internet sockets (ip(7), ipv6(7)) on a machine that has the loopback only. A host is a string of 4 or of 16 characters, a
 * byte each; the addresses of IPv6 that IPv4's are mapped to are those of IPv4 here, as one port serves both.
 */
public final class InternetNames {

    /** struct sockaddr_in. */
    static final int INET_BYTES = 16;
    /** struct sockaddr_in6. */
    static final int INET6_BYTES = 28;
    /** The same before it had a scope (RFC 2133), which is enough. */
    private static final int INET6_BYTES_MIN = 24;
    private static final int HOST_BYTES = 4;
    private static final String ANY = "\0".repeat(HOST_BYTES);
    private static final String ANY6 = "\0".repeat(16);
    private static final String LOOPBACK = "\u007f\0\0\1";
    private static final String LOOPBACK6 = "\0".repeat(15) + "\1";
    private static final char LOOPBACK_NET = 127;
    private static final String MAPPED = "\0".repeat(10) + "\u00ff\u00ff";
    private static final long ONLY_IPV6 = 41L << 32 | 26;
    private static final long REUSE_ADDRESS = 1L << 32 | 2;
    private static final long REUSE_PORT = 1L << 32 | 15;
    private static final int EPHEMERAL_FIRST = 32_768;
    private static final int PORTS = 65_536;
    private static final int PRIVILEGED = 1024;

    private InternetNames() {}

    /**
     * Checks the shape of an address for a socket, else EINVAL or EAFNOSUPPORT; gives its canonical form.
     *
     * @param either
     *            whether a socket of IPv6 takes addresses of IPv4 too, as those do to which datagrams go
     */
    static String check(Socket socket, String address, boolean either) {
        int family = SocketNames.family(address);
        boolean four = socket.domain() == Socket.INET || either && family == Socket.INET;
        if (address.length() < (four ? INET_BYTES : INET6_BYTES_MIN)) {
            throw new LinuxError(Errno.EINVAL);
        }
        if (family != (four ? Socket.INET : Socket.INET6)) {
            throw new LinuxError(Errno.EAFNOSUPPORT);
        }
        return address(socket.domain(), four ? address.substring(4, 8) : address.substring(8, 24), port(address));
    }

    /** The struct sockaddr that a socket of a family has for a host and a port. */
    private static String address(int domain, String host, int port) {
        String number = "" + (char) (port >> 8) + (char) (port & 0xFF);
        return domain == Socket.INET
                ? "\2\0" + number + host + "\0".repeat(8)
                : "\n\0" + number + ANY + (host.length() == HOST_BYTES ? MAPPED + host : host) + ANY;
    }

    /** What a socket sees of an address that a socket of either family has. */
    static String seenBy(Socket socket, String address) {
        return address.isEmpty()
                ? address(socket.domain(), any(socket), 0)
                : address(socket.domain(), host(address), port(address));
    }

    /** The host of an Internet address. */
    private static String host(String address) {
        if (SocketNames.family(address) == Socket.INET) {
            return address.substring(4, 8);
        }
        String host = address.substring(8, 24);
        return host.startsWith(MAPPED) ? host.substring(MAPPED.length()) : host;
    }

    /** The port of an Internet address. */
    public static int port(String address) {
        return address.charAt(2) << 8 | address.charAt(3);
    }

    private static String any(Socket socket) {
        return socket.domain() == Socket.INET ? ANY : ANY6;
    }

    private static boolean any(String host) {
        return host.equals(ANY) || host.equals(ANY6);
    }

    /** The host that is reached by one: any host of this machine is the loopback. */
    private static String reached(String host) {
        return host.equals(ANY) ? LOOPBACK : host.equals(ANY6) ? LOOPBACK6 : host;
    }

    private static boolean here(String host) {
        return any(host) || host.equals(LOOPBACK6) || host.length() == HOST_BYTES && host.charAt(0) == LOOPBACK_NET;
    }

    private static boolean option(Socket socket, long key) {
        return socket.options().getOrDefault(key, 0L) != 0;
    }

    /** Where a connection to an address goes: no socket is connected to any host. */
    public static String target(Socket socket, String address) {
        return address(socket.domain(), reached(host(address)), port(address));
    }

    /** Who a message is from: when its sender is bound to any host, the one that is on the way. */
    public static String sender(Socket socket, String to) {
        String own = host(socket.local());
        if (!any(own)) {
            return socket.local();
        }
        return address(socket.domain(), host(to).length() == HOST_BYTES ? LOOPBACK : LOOPBACK6, port(socket.local()));
    }

    /** Makes a connection of IPv6 to an address of IPv4 one of IPv4 (IPV6_ADDRFORM of ipv6(7)). */
    public static void toIpv4(Trap t, Socket socket) {
        if (socket.state() != Socket.State.CONNECTED) {
            throw new LinuxError(Errno.ENOTCONN);
        }
        if (host(socket.remote()).length() != HOST_BYTES) {
            throw new LinuxError(Errno.EADDRNOTAVAIL);
        }
        t.put(socket.withFamily(Socket.INET, address(Socket.INET, host(socket.local()), port(socket.local())),
                address(Socket.INET, host(socket.remote()), port(socket.remote()))));
    }

    /** bind(2). */
    static void bind(Trap t, Socket socket, String given) {
        String address = check(socket, given, false);
        String host = host(address);
        if (SocketNames.family(address) == Socket.INET6 && host.length() == HOST_BYTES && option(socket, ONLY_IPV6)) {
            throw new LinuxError(Errno.EINVAL);
        }
        if (!here(host)) {
            throw new LinuxError(Errno.EADDRNOTAVAIL);
        }
        if (!socket.local().isEmpty()) {
            throw new LinuxError(Errno.EINVAL);
        }
        int port = port(address);
        if (port != 0 && port < PRIVILEGED && !t.process().credentials().can(Capabilities.NET_BIND_SERVICE)) {
            throw new LinuxError(Errno.EACCES);
        }
        if (port == 0) {
            t.put(socket.withLocal(address(socket.domain(), host, freePort(t, socket))));
            return;
        }
        Socket other = bound(t, socket, host, port);
        // What has come to its end does not keep its port; an ordinary server could not be started again otherwise.
        if (other != null && !(option(socket, REUSE_PORT) && option(other, REUSE_PORT))
                && !(option(socket, REUSE_ADDRESS) && option(other, REUSE_ADDRESS)
                        && other.state() != Socket.State.LISTENING)) {
            throw new LinuxError(Errno.EADDRINUSE);
        }
        t.put(socket.withLocal(address));
    }

    /** An address for a socket that never asked for one: on any host, or on the one from which a peer is reached. */
    static Socket autobind(Trap t, Socket socket, @Nullable String peer) {
        String host = any(socket);
        if (peer != null) {
            host = host(peer).length() == HOST_BYTES ? LOOPBACK : LOOPBACK6;
        }
        Socket named = socket.withLocal(address(socket.domain(), host, freePort(t, socket)));
        t.put(named);
        return named;
    }

    private static int freePort(Trap t, Socket socket) {
        int port = EPHEMERAL_FIRST + (int) (socket.id() * 2_654_435_761L >>> 8 & 0x3FFF);
        while (bound(t, socket, "", port) != null) {
            port = port + 1 < PORTS ? port + 1 : EPHEMERAL_FIRST;
        }
        return port;
    }

    /** Who is bound to a port where a socket would be on a host; on any host of either family when that is empty. */
    private static @Nullable Socket bound(Trap t, Socket like, String host, int port) {
        for (Socket socket : t.sockets().values()) {
            if (socket.id() != like.id() && has(socket, like, host, port)) {
                return socket;
            }
        }
        return null;
    }

    private static boolean has(Socket socket, Socket like, String host, int port) {
        return socket.internet() && socket.type() == like.type() && !socket.local().isEmpty()
                && port(socket.local()) == port && !SocketNames.accepted(socket)
                && socket.state() != Socket.State.ENDED
                && (host.isEmpty() || meet(host, like, host(socket.local()), socket));
    }

    /** Whether one port on two hosts is the same port. */
    private static boolean meet(String one, Socket ofOne, String other, Socket ofOther) {
        if (one.length() == other.length()) {
            return one.equals(other) || any(one) || any(other);
        }
        // A socket of IPv6 on any host has the port of IPv4 too, unless it does not want it.
        return one.equals(ANY6) && !option(ofOne, ONLY_IPV6) || other.equals(ANY6) && !option(ofOther, ONLY_IPV6);
    }

    /** The socket that is reached at an address, else null, or ENETUNREACH. */
    static @Nullable Socket find(Trap t, Socket from, String address) {
        String host = reached(host(address));
        boolean mapped = from.domain() == Socket.INET6 && host.length() == HOST_BYTES;
        if (!here(host) || mapped && option(from, ONLY_IPV6)) {
            throw new LinuxError(Errno.ENETUNREACH);
        }
        Socket best = null;
        for (Socket socket : t.sockets().values()) {
            boolean able = socket.id() != from.id() || SocketNames.reachesItself(from);
            if (able && has(socket, from, host, port(address))
                    && suits(socket, from, address) > (best == null ? 0 : suits(best, from, address))) {
                best = socket;
            }
        }
        return best;
    }

    /** How well a socket suits who sends to an address that it has: 0 not at all, as it is connected to another one. */
    private static int suits(Socket socket, Socket from, String address) {
        int exact = any(host(socket.local())) ? 1 : 2;
        if (socket.connects()) {
            return socket.state() == Socket.State.LISTENING ? 2 + exact : exact;
        }
        if (socket.state() != Socket.State.CONNECTED) {
            return exact;
        }
        if (from.local().isEmpty()) {
            return 0;
        }
        String sender = sender(from, address);
        boolean expected = host(sender).equals(host(socket.remote())) && port(sender) == port(socket.remote());
        return expected ? 2 + exact : 0;
    }
}
