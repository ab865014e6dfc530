package chronovisor.app.host;

import chronovisor.journal.JournalException;
import chronovisor.vmm.ConfigurationException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/** Listens for tools and answers each on a thread of its own, until it is closed. */
public final class HostServer implements AutoCloseable {

    private static final int TOOLS_MAX = 256;
    private static final long LOOK_ms = 200;

    private final Host host;
    private final Path socket;
    private final ServerSocketChannel server;
    private final Semaphore places = new Semaphore(TOOLS_MAX);
    private final AtomicBoolean closed = new AtomicBoolean();

    private HostServer(Host host, Path socket, ServerSocketChannel server) {
        this.host = host;
        this.socket = socket;
        this.server = server;
    }

    /**
     * Listens at a place.
     *
     * @throws HostException
     *             when a host listens there already, or something else is there
     */
    public static HostServer open(Host host, Path socket) throws IOException {
        return new HostServer(host, socket, HostPlace.listen(socket));
    }

    /** Answers tools until it is closed. */
    public void run() throws IOException {
        while (true) {
            SocketChannel tool;
            try {
                places.acquire();
                tool = server.accept();
            } catch (ClosedChannelException e) {
                return;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            Thread.ofPlatform().daemon().name("v3-tool").start(() -> {
                try (Wire wire = new Wire(tool)) {
                    answer(wire);
                } catch (IOException e) {
                    // The tool has gone, or is none of ours.
                    System.err.println("chronovisor: a tool: " + e.getMessage());
                } finally {
                    places.release();
                }
            });
        }
    }

    private void answer(Wire wire) throws IOException {
        Wire.Frame request = wire.receive();
        if (request == null) {
            return;
        }
        int code = 0;
        try {
            if (request.kind() != Wire.Kind.REQUEST) {
                throw new HostException("a request expected first");
            }
            Commands.run(host, Wire.words(request.payload()), new Tool(wire));
        } catch (HostException | ConfigurationException | JournalException e) {
            wire.send(Wire.Kind.ERROR, text(String.valueOf(e.getMessage())));
            code = 1;
        } catch (RuntimeException e) {
            wire.send(Wire.Kind.ERROR, text("internal error: " + e));
            code = 1;
        }
        wire.send(Wire.Kind.DONE, new byte[]{(byte) code});
    }

    private static byte[] text(String line) {
        return line.getBytes(StandardCharsets.UTF_8);
    }

    private record Tool(Wire wire) implements Commands.Exchange {

        @Override
        public void line(String text) throws IOException {
            wire.send(Wire.Kind.OUTPUT, text(text + "\n"));
        }

        @Override
        public void attach(HostedVm machine, StreamLog shown, String typedOn) throws IOException {
            AtomicBoolean gone = new AtomicBoolean();
            Thread.ofPlatform().daemon().name("v3-typist").start(() -> typed(machine, typedOn, gone));
            long at = shown.start();
            try {
                boolean last = false;
                while (!last && !gone.get()) {
                    StreamLog.Part part = shown.read(at, LOOK_ms);
                    if (part.bytes().length > 0) {
                        wire.send(Wire.Kind.OUTPUT, part.bytes());
                    }
                    at = part.from() + part.bytes().length;
                    last = part.last();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void typed(HostedVm machine, String typedOn, AtomicBoolean gone) {
            try {
                for (Wire.Frame frame = wire.receive(); frame != null; frame = wire.receive()) {
                    if (frame.kind() == Wire.Kind.TYPED && !machine.type(typedOn, frame.payload())) {
                        return;
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (IOException e) {
                // The connection was closed, by the tool or because the stream has ended: there is nobody to tell it to.
            }
            gone.set(true);
        }
    }

    /** Stops listening and every machine. */
    @Override
    public void close() throws IOException {
        if (closed.compareAndSet(false, true)) {
            server.close();
            Files.deleteIfExists(socket);
            host.close();
        }
    }

    /** What a tool can ask. */
    public static List<String> usages() {
        return Commands.usages();
    }
}
