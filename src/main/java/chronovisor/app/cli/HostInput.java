package chronovisor.app.cli;

import chronovisor.environment.LiveEnvironment;
import java.io.IOException;
import java.io.InputStream;

/** Feeds a host stream to a guest's stream on a thread of its own, until either ends. */
final class HostInput {

    private static final int CHUNK_BYTES = 4096;

    private HostInput() {}

    /** Starts the thread; it is a daemon, since a read of a terminal cannot be interrupted. */
    static void feed(LiveEnvironment environment, String stream, InputStream from) {
        environment.feederComes();
        Thread.ofPlatform().daemon().name("host-input").start(() -> {
            try (from) {
                byte[] chunk = new byte[CHUNK_BYTES];
                for (int n = from.read(chunk); n > 0; n = from.read(chunk)) {
                    if (!environment.feed(stream, chunk, 0, n)) {
                        return;
                    }
                }
            } catch (IOException e) {
                System.err.println("chronovisor: standard input cannot be read any further: " + e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                environment.end(stream);
                environment.feederGone();
            }
        });
    }
}
