package chronovisor.debug;

import chronovisor.environment.Input;
import chronovisor.environment.SeededEnvironment;
import chronovisor.environment.SeededEnvironment.Condition.Now;
import chronovisor.environment.SeededEnvironment.Step;
import chronovisor.replay.Fidelity;
import chronovisor.replay.Fork;
import chronovisor.replay.KittenParts;
import chronovisor.replay.MachineSetup;
import chronovisor.replay.OutputListener;
import chronovisor.replay.Recording;
import chronovisor.replay.Session;
import chronovisor.timeline.Timeline;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A guest that was recorded, and a server of the recording on a thread of its own. */
final class RecordedGuest implements AutoCloseable {

    private final Path folder;
    private final GdbServer server;
    private final CompletableFuture<Void> served;

    private RecordedGuest(Path folder, GdbServer server) {
        this.folder = folder;
        this.server = server;
        this.served = CompletableFuture.runAsync(() -> {
            try {
                server.serve(false);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }, task -> Thread.ofPlatform().daemon().start(task));
    }

    static Path record(Path folder, MachineSetup setup, Fidelity fidelity, String input) {
        try (Recording recording = Recording.start(folder, setup, new KittenParts(), fidelity,
                new SeededEnvironment(1_700_000_000_000_000_000L, 1, List.of(
                        new Step(new Now(),
                                new Input.StreamBytes("com2", input.getBytes(StandardCharsets.UTF_8))),
                        new Step(new Now(), new Input.StreamEnd("com2")))),
                OutputListener.NONE)) {
            recording.run();
        }
        return folder;
    }

    /** Records a guest and serves it. */
    static RecordedGuest of(Path folder, MachineSetup setup, String input) {
        record(folder, setup, Fidelity.STEPS, input);
        return serving(folder);
    }

    /** Serves a recording. */
    static RecordedGuest serving(Path folder) {
        try {
            return new RecordedGuest(folder,
                    GdbServer.over(Timeline.open(folder, new KittenParts()), 0, new Futures()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Forks that are only told of, and diversions. */
    private static final class Futures implements GdbServer.Forks {
        @Override
        public String fork(Timeline timeline, String name) {
            return "forked at " + timeline.position();
        }

        @Override
        public Session divert(Timeline timeline) {
            return timeline.attempt(Fork.Changes.none(timeline.setup()), new KittenParts());
        }
    }

    Path folder() {
        return folder;
    }

    int port() {
        return server.port();
    }

    @Override
    public void close() {
        try {
            server.stop();
            served.join();
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
