package chronovisor.app.host;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Where the host listens: a Unix domain socket that only its owner may use, at {@code CHRONOVISOR_HOST}, else in the user's
 * runtime folder, else in a folder of the user's own under the folder for temporary files.
 */
public final class HostPlace {

    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY = PosixFilePermissions
            .asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private HostPlace() {}

    /** The socket's path. */
    public static Path socket() {
        String set = System.getenv("CHRONOVISOR_HOST");
        if (set != null && !set.isBlank()) {
            return Path.of(set).toAbsolutePath();
        }
        String runtime = System.getenv("XDG_RUNTIME_DIR");
        Path folder = runtime != null && !runtime.isBlank()
                ? Path.of(runtime)
                : ownFolder();
        return folder.resolve("chronovisor-host.sock");
    }

    /**
     * Listens. Nobody else can connect at any time: the socket is made in a folder that only the owner can enter, gets its
     * permissions there, and then its place.
     */
    static ServerSocketChannel listen(Path socket) throws IOException {
        Path folder = socket.toAbsolutePath().getParent();
        if (folder == null) {
            throw new HostException(socket + " is no place for a socket");
        }
        requireOwn(socket);
        if (!Files.isDirectory(folder)) {
            Files.createDirectory(folder, OWNER_ONLY);
        }
        requireFree(socket);
        Path made = Files.createTempDirectory(folder, ".host", OWNER_ONLY);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            Path there = made.resolve("s");
            server.bind(UnixDomainSocketAddress.of(there));
            Files.setPosixFilePermissions(there, PosixFilePermissions.fromString("rw-------"));
            Files.move(there, socket, StandardCopyOption.ATOMIC_MOVE);
            return server;
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        } finally {
            Files.delete(made);
        }
    }

    /** A socket that a killed host has left is removed; anything else that is there stays. */
    private static void requireFree(Path socket) throws IOException {
        if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Object mode = Files.getAttribute(socket, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if (!(mode instanceof Integer bits) || (bits & 0170000) != 0140000) {
            throw new HostException(socket + " is there and is no socket");
        }
        try (SocketChannel other = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.connect(UnixDomainSocketAddress.of(socket));
            throw new HostException("a host listens at " + socket + " already");
        } catch (IOException e) {
            // Nobody listens.
            Files.delete(socket);
        }
    }

    /**
     * The folder of our own under the one for temporary files, where others may have been before us: whose folder it is, theirs would be the
     * socket.
     */
    private static void requireOwn(Path socket) throws IOException {
        Path folder = socket.getParent();
        if (folder == null || !folder.equals(ownFolder()) || !Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Path probe = Files.createTempFile("chronovisor-", null);
        try {
            boolean ours = Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                    && Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(probe))
                    && Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS)
                            .equals(PosixFilePermissions.fromString("rwx------"));
            if (!ours) {
                throw new HostException(folder + " is no folder that only you can enter; CHRONOVISOR_HOST may name"
                        + " another place");
            }
        } finally {
            Files.delete(probe);
        }
    }

    private static Path ownFolder() {
        return Path.of(System.getProperty("java.io.tmpdir"), "chronovisor-" + System.getProperty("user.name"));
    }

    /** Connects to the host. */
    static SocketChannel connect(Path socket) {
        try {
            requireOwn(socket);
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(socket));
                return channel;
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new HostException("no host listens at " + socket + ": start one with 'chronovisor host'", e);
        }
    }
}
