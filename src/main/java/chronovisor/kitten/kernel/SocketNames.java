package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.FileMode;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.OpenFlags;
import chronovisor.kitten.file.Inode;
import chronovisor.kitten.file.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Addresses of sockets: reading them, binding to them, finding who is bound. They are strings, a character a byte. */
public final class SocketNames {

    private static final int UNIX_BYTES = 110;
    private static final int STORAGE_BYTES = 128;

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
        return InternetNames.check(socket, address, !socket.connects());
    }

    /** The bytes that user space sees: a path has its NUL. */
    public static byte[] encode(Socket socket, String address) {
        if (socket.internet()) {
            return InternetNames.seenBy(socket, address).getBytes(StandardCharsets.ISO_8859_1);
        }
        if (socket.domain() == Socket.NETLINK) {
            return new Bytes(12).put16(Socket.NETLINK).zeros(10).toArray();
        }
        if (address.isEmpty()) {
            return new Bytes(16).put16(Socket.UNIX).toArray();
        }
        boolean path = address.charAt(2) != 0;
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
        if (socket.internet()) {
            InternetNames.bind(t, socket, given);
            return;
        }
        String address = check(socket, given);
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

    /**
     * A name for a socket that never asked for one.
     *
     * @param peer
     *            the Internet address that it is to be connected to; null when there is none
     */
    public static Socket autobind(Trap t, Socket socket, @Nullable String peer) {
        if (!socket.local().isEmpty()) {
            return socket;
        }
        if (socket.internet()) {
            return InternetNames.autobind(t, socket, peer);
        }
        Socket named = socket.withLocal(automatic(t, socket));
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
    static boolean accepted(Socket socket) {
        return socket.connects() && socket.state() == Socket.State.CONNECTED && socket.backlog() < 0;
    }

    /** Datagrams may go to who sends them. */
    static boolean reachesItself(Socket from) {
        return !from.connects() && !from.local().isEmpty();
    }

    /** The socket that messages or connections to an address reach, else ECONNREFUSED or what the path says. */
    public static Socket find(Trap t, Socket from, String address) {
        Socket found;
        if (from.internet()) {
            found = InternetNames.find(t, from, address);
        } else if (isPath(from, address)) {
            Inode inode = Paths.existing(t, OpenFlags.AT_FDCWD, address.substring(2), true);
            Inodes.require(t, inode, Inodes.MAY_WRITE);
            found = inode.content() instanceof Inode.SocketName name ? t.findSocket(name.socket()) : null;
        } else {
            found = named(t, from, address);
            found = found == null && reachesItself(from) && from.local().equals(address) ? from : found;
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
