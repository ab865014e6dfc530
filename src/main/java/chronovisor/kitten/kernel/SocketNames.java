package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.FileMode;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.Socket;
import chronovisor.kitten.task.Capabilities;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Addresses of sockets: reading them, binding to them, finding who is bound. They are strings, a character a byte. */
public final class SocketNames {

    private static final int UNIX_BYTES = 110;
    private static final int INET_BYTES = 16;
    private static final int STORAGE_BYTES = 128;
    private static final int LOOPBACK_NET = 127;
    private static final int EPHEMERAL_FIRST = 32_768;
    private static final int PORTS = 65_536;
    private static final int PRIVILEGED = 1024;

    private SocketNames() {}

    /** Reads a struct sockaddr of the current process. */
    public static String load(Trap t, long address, long length) {
        if ((int) length < 0 || (int) length > STORAGE_BYTES) {
            throw new LinuxError(Errno.EINVAL);
        }
        return new String(UserMemory.read(t, address, (int) length), StandardCharsets.ISO_8859_1);
    }

    /** The family of an address; -1 when it is too short to have one. */
    public static int family(String address) {
        return address.length() < 2 ? -1 : address.charAt(0) | address.charAt(1) << 8;
    }

    /** Checks the shape of an address for a socket, else EINVAL or EAFNOSUPPORT; gives its canonical form. */
    public static String check(Socket socket, String address) {
        if (socket.domain() == Socket.UNIX) {
            if (family(address) != Socket.UNIX || address.length() > UNIX_BYTES || address.length() <= 2) {
                throw new LinuxError(Errno.EINVAL);
            }
            int end = address.charAt(2) == 0 ? -1 : address.indexOf(0, 2);
            return end < 0 ? address : address.substring(0, end);
        }
        if (address.length() < INET_BYTES) {
            throw new LinuxError(Errno.EINVAL);
        }
        if (family(address) != Socket.INET) {
            throw new LinuxError(Errno.EAFNOSUPPORT);
        }
        return address.substring(0, 8) + "\0".repeat(8);
    }

    /** The bytes that user space sees: a path has its NUL. */
    public static byte[] encode(Socket socket, String address) {
        if (address.isEmpty()) {
            return socket.domain() == Socket.UNIX
                    ? new Bytes(16).put16(Socket.UNIX).toArray()
                    : new Bytes(INET_BYTES).put16(Socket.INET).zeros(14).toArray();
        }
        boolean path = socket.domain() == Socket.UNIX && address.charAt(2) != 0;
        return (path ? address + "\0" : address).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static boolean isPath(Socket socket, String address) {
        return socket.domain() == Socket.UNIX && address.charAt(2) != 0;
    }

    /** bind(2). */
    public static void bind(Trap t, Socket socket, String given) {
        if (socket.domain() == Socket.UNIX && given.length() == 2 && family(given) == Socket.UNIX) {
            if (socket.local().isEmpty()) {
                t.put(socket.withLocal(automatic(t, socket)));
            }
            return;
        }
        String address = check(socket, given);
        if (socket.domain() == Socket.INET) {
            bindInet(t, socket, address);
            return;
        }
        if (!isPath(socket, address)) {
            if (!socket.local().isEmpty()) {
                throw new LinuxError(Errno.EINVAL);
            }
            if (named(t, socket, address) != null) {
                throw new LinuxError(Errno.EADDRINUSE);
            }
        } else {
            Paths.Place place = Paths.resolve(t, OpenFlags.AT_FDCWD, address.substring(2), false);
            if (place.inode() != 0) {
                throw new LinuxError(Errno.EADDRINUSE);
            }
            if (!socket.local().isEmpty()) {
                throw new LinuxError(Errno.EINVAL);
            }
            Inodes.create(t, place.parent(), place.name(), FileMode.S_IFSOCK | 0777 & ~t.process().umask(),
                    new Inode.SocketName(socket.id()));
        }
        t.put(socket.withLocal(address));
    }

    private static void bindInet(Trap t, Socket socket, String address) {
        int host = host(address);
        if (host != 0 && host >>> 24 != LOOPBACK_NET) {
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
            t.put(socket.withLocal(withPort(address, freePort(t, socket))));
            return;
        }
        Socket other = bound(t, socket, host, port);
        // What has come to its end does not keep its port; an ordinary server could not be started again otherwise.
        if (other != null && !(reuses(socket) && reuses(other) && other.state() != Socket.State.LISTENING)) {
            throw new LinuxError(Errno.EADDRINUSE);
        }
        t.put(socket.withLocal(address));
    }

    private static boolean reuses(Socket socket) {
        return socket.options().getOrDefault(1L << 32 | 2, 0L) != 0;
    }

    /** An Internet address for a socket that never asked for one. */
    public static Socket autobind(Trap t, Socket socket, int host) {
        if (!socket.local().isEmpty()) {
            return socket;
        }
        Socket named = socket.withLocal(socket.domain() == Socket.UNIX
                ? automatic(t, socket)
                : inet(host, freePort(t, socket)));
        t.put(named);
        return named;
    }

    private static String automatic(Trap t, Socket socket) {
        long number = socket.id();
        String name;
        do {
            name = "\1\0\0" + String.format(Locale.ROOT, "%05x", number++ & 0xFFFFF);
        } while (named(t, socket, name) != null);
        return name;
    }

    private static int freePort(Trap t, Socket socket) {
        int port = EPHEMERAL_FIRST + (int) (socket.id() * 2_654_435_761L >>> 8 & 0x3FFF);
        while (bound(t, socket, 0, port) != null) {
            port = port + 1 < PORTS ? port + 1 : EPHEMERAL_FIRST;
        }
        return port;
    }

    /** An Internet address. */
    public static String inet(int host, int port) {
        return "\2\0" + (char) (port >> 8) + (char) (port & 0xFF) + (char) (host >>> 24) + (char) (host >> 16 & 0xFF)
                + (char) (host >> 8 & 0xFF) + (char) (host & 0xFF) + "\0".repeat(8);
    }

    private static String withPort(String address, int port) {
        return inet(host(address), port);
    }

    /** The host of an Internet address, first byte highest. */
    public static int host(String address) {
        return address.charAt(4) << 24 | address.charAt(5) << 16 | address.charAt(6) << 8 | address.charAt(7);
    }

    /** The port of an Internet address. */
    public static int port(String address) {
        return address.charAt(2) << 8 | address.charAt(3);
    }

    private static @Nullable Socket named(Trap t, Socket like, String address) {
        for (Socket socket : t.sockets().values()) {
            if (socket.domain() == like.domain() && socket.local().equals(address) && socket.id() != like.id()
                    && (socket.state() != Socket.State.CONNECTED || !socket.connects()
                            || socket.waiting().isEmpty())
                    && socket.state() != Socket.State.ENDED && !accepted(socket)) {
                return socket;
            }
        }
        return null;
    }

    /** An accepted socket has its listener's name but is not reached by it. */
    private static boolean accepted(Socket socket) {
        return socket.connects() && socket.state() == Socket.State.CONNECTED && socket.backlog() < 0;
    }

    private static @Nullable Socket bound(Trap t, Socket like, int host, int port) {
        for (Socket socket : t.sockets().values()) {
            if (socket.domain() == Socket.INET && socket.type() == like.type() && socket.id() != like.id()
                    && !socket.local().isEmpty() && port(socket.local()) == port && !accepted(socket)
                    && socket.state() != Socket.State.ENDED) {
                int other = host(socket.local());
                if (other == 0 || host == 0 || other == host) {
                    return socket;
                }
            }
        }
        return null;
    }

    /** Datagrams may go to who sends them. */
    private static boolean self(Socket from) {
        return !from.connects() && !from.local().isEmpty();
    }

    /** The socket that messages or connections to an address reach, else ECONNREFUSED or what the path says. */
    public static Socket find(Trap t, Socket from, String address) {
        Socket found;
        if (from.domain() == Socket.INET) {
            int host = host(address);
            if (host != 0 && host >>> 24 != LOOPBACK_NET) {
                throw new LinuxError(Errno.ENETUNREACH);
            }
            int reached = host == 0 ? 0x7F00_0001 : host;
            found = bound(t, from, reached, port(address));
            found = found == null && self(from) && port(from.local()) == port(address)
                    && (host(from.local()) == 0 || host(from.local()) == reached) ? from : found;
        } else if (isPath(from, address)) {
            Inode inode = Paths.existing(t, OpenFlags.AT_FDCWD, address.substring(2), true);
            Inodes.require(t, inode, Inodes.MAY_WRITE);
            found = inode.content() instanceof Inode.SocketName name ? t.findSocket(name.socket()) : null;
        } else {
            found = named(t, from, address);
            found = found == null && self(from) && from.local().equals(address) ? from : found;
        }
        if (found == null) {
            throw new LinuxError(Errno.ECONNREFUSED);
        }
        if (found.type() != from.type()) {
            throw new LinuxError(Errno.EPROTOTYPE);
        }
        return found;
    }
}
