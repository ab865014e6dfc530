package chronovisor.debug;

import chronovisor.replay.Session;
import chronovisor.timeline.Timeline;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;

/**
 * Serves a machine to GDB: {@code target remote 127.0.0.1:PORT}. Listens on loopback only, and serves one client at a time.
 *
 * <pre>
 * try (GdbServer server = GdbServer.over(timeline, 0, forks)) {
 *     System.out.println(server.port());
 *     server.serve(true);
 * }
 * </pre>
 */
public final class GdbServer implements AutoCloseable {

    /** Where forks are made: whoever serves knows where journals belong. */
    public interface Forks {
        /**
         * Runs a fork from where the timeline stands to its end.
         *
         * @param name
         *            of its journal; empty for one that is free
         * @return what came of it, for people
         */
        String fork(Timeline timeline, String name);

        /** Begins a throwaway run where a timeline stands, for a client that changes something. The caller closes it. */
        Session divert(Timeline timeline);
    }

    private final ServerSocket socket;
    private final Target target;

    private GdbServer(ServerSocket socket, Target target) {
        this.socket = socket;
        this.target = target;
    }

    /**
     * Listens for clients that want to see a recorded run, beginning where the timeline stands. The timeline is closed with the
     * server.
     *
     * @param port
     *            TCP port; 0 for any that is free
     * @param forks
     *            makes forks for {@code monitor fork}
     * @throws IOException
     *             when it cannot be listened on
     */
    public static GdbServer over(Timeline timeline, int port, Forks forks) throws IOException {
        return listening(new DivertedTarget(timeline, forks), port);
    }

    static GdbServer listening(Target target, int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        try {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
            return new GdbServer(socket, target);
        } catch (IOException e) {
            socket.close();
            throw new IOException("cannot listen on port " + port + ": " + e.getMessage(), e);
        }
    }

    /** The port it listens on. */
    public int port() {
        return socket.getLocalPort();
    }

    /**
     * Serves clients, one after the other, on this thread, which the machine belongs to meanwhile.
     *
     * @param once
     *            whether to end when the first client leaves; else it goes on until the server is closed
     * @throws IOException
     *             when no more can be accepted
     */
    public void serve(boolean once) throws IOException {
        do {
            try (Connection connection = new Connection(socket.accept())) {
                new GdbSession(connection, target).run();
            } catch (SocketException e) {
                if (socket.isClosed()) {
                    return;
                }
                // A client that breaks its connection has left.
            }
        } while (!once);
    }

    /** Accepts no more clients: {@link #serve} ends when the last one leaves. Any thread may call it. */
    public void stop() throws IOException {
        socket.close();
    }

    @Override
    public void close() throws IOException {
        try {
            socket.close();
        } finally {
            target.close();
        }
    }
}
