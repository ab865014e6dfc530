package chronovisor.debug;

import chronovisor.replay.Session;
import chronovisor.vmm.RunResult;
import java.io.IOException;

/**
 * Serves a machine that runs now to GDB: its first client finds the program at its first instruction. When the client detaches,
 * the machine runs on by itself; when it kills the program, the operator stops the machine.
 */
public final class LiveDebugger implements AutoCloseable {

    private final LiveTarget target;
    private final GdbServer server;

    private LiveDebugger(LiveTarget target, GdbServer server) {
        this.target = target;
        this.server = server;
    }

    /**
     * Boots a session's machine and listens for a client.
     *
     * @param session
     *            remains the caller's
     * @param door
     *            the environment that the session was made with
     * @param recorded
     *            whether a journal is written: then nothing of the machine can be changed
     * @param port
     *            TCP port; 0 for any that is free
     * @throws IOException
     *             when it cannot be listened on
     */
    public static LiveDebugger over(Session session, DebugDoor door, boolean recorded, int port) throws IOException {
        LiveTarget target = new LiveTarget(session, door, recorded);
        return new LiveDebugger(target, GdbServer.listening(target, port));
    }

    /** The port it listens on. */
    public int port() {
        return server.port();
    }

    /** Waits for a client, serves it, and runs the machine to its end. */
    public RunResult run() throws IOException {
        server.serve(true);
        return target.finish();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
