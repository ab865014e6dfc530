package chronovisor.app.host;

import chronovisor.analysis.report.ExitTelemetry;
import chronovisor.environment.LiveEnvironment;
import chronovisor.journal.Position;
import chronovisor.memory.FramePool;
import chronovisor.memory.GuestMemory;
import chronovisor.replay.CheckpointPlan;
import chronovisor.replay.Fidelity;
import chronovisor.replay.MachineParts;
import chronovisor.replay.MachineSetup;
import chronovisor.replay.Recording;
import chronovisor.replay.SavedMachine;
import chronovisor.replay.Session;
import chronovisor.vmm.RunResult;
import chronovisor.vmm.VmState;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One machine of the host. It runs, recorded, on a thread of its own; whatever becomes of it there ends it alone.
 *
 * <pre>
 *   operator's thread ── pause, stop ──▶ door ──▶ machine's thread: runs … rests: does what is asked of it … runs … ends
 *                     ── work at rest, go on ─────────────────────────────▲
 * </pre>
 *
 * What the operator does to a running machine goes in through its door, as an input at a position, so its journal replays. A
 * resting machine is looked at, saved and forked on its own thread. All public methods may be called by any thread.
 */
final class HostedVm {

    /** A machine looks for commands at least every slice, far more often than this. */
    private static final long PATIENCE_s = 60;

    private final int index;
    private final String name;
    private final MachineSetup setup;
    private final SortedMap<String, String> streamFiles;
    private final MachineParts parts;
    private final FramePool pool;
    private final Function<String, Path> journals;
    private final LiveEnvironment door = LiveEnvironment.ofHost();
    private final ExitTelemetry telemetry = new ExitTelemetry();
    private final SortedMap<String, StreamLog> streams = new TreeMap<>();
    private final SortedMap<String, OutputStream> files = new TreeMap<>();
    /** One operator at a time. */
    private final ReentrantLock operator = new ReentrantLock();

    // Guarded by this.
    private VmState state = VmState.STOPPED;
    private String reason = "not launched";
    private int status;
    private long ticks;
    private String digest = "";
    private @Nullable Path journal;
    private @Nullable SavedMachine origin;
    private @Nullable Thread thread;
    private boolean started;
    private boolean over;
    private boolean goOn;
    private boolean dropped;
    private final ArrayDeque<Runnable> work = new ArrayDeque<>();

    HostedVm(int index, String name, MachineSetup setup, SortedMap<String, String> streamFiles, MachineParts parts,
            FramePool pool, Function<String, Path> journals) {
        this.index = index;
        this.name = name;
        this.setup = setup;
        this.streamFiles = streamFiles;
        this.parts = parts;
        this.pool = pool;
        this.journals = journals;
        for (int port = 1; port <= 4; port++) {
            String stream = setup.configuration().streamAt(port);
            if (stream != null) {
                streams.put(stream, new StreamLog());
            }
        }
    }

    /** What is known of a machine. */
    record Status(String device, String name, VmState state, String reason, int status, long memory_mb, long ticks,
            String journal, String digest) {}

    synchronized Status status() {
        Path folder = journal;
        return new Status(device(), name, state, reason, status, setup.configuration().memoryBytes() >> 20, ticks,
                folder == null ? "" : folder.toString(), digest);
    }

    String device() {
        return "/dev/v3-vm" + index;
    }

    String name() {
        return name;
    }

    MachineSetup setup() {
        return setup;
    }

    /** Whether it has a thread: it runs, or rests. */
    synchronized boolean isGoing() {
        return started && !over;
    }

    synchronized boolean isOver() {
        return over;
    }

    /** Its exits since it was launched. */
    ExitTelemetry telemetry() {
        return telemetry;
    }

    /** The log of a stream; null when there is no such stream. */
    @Nullable
    StreamLog stream(String stream) {
        return streams.get(stream);
    }

    String streamNames() {
        return String.join(", ", streams.keySet());
    }

    /** Types bytes on a stream or keyboard; waits while the machine has enough. False when it is over. */
    boolean type(String stream, byte[] bytes) throws InterruptedException {
        return door.feed(stream, bytes, 0, bytes.length);
    }

    // What the operator does.

    /** Goes on from a saved machine when it is launched. Takes it over. */
    void origin(SavedMachine saved) {
        synchronized (this) {
            if (!started && origin == null) {
                origin = saved;
                state = VmState.PAUSED;
                reason = "at " + saved.at();
                ticks = saved.at().tick();
                return;
            }
        }
        saved.close();
        throw refuse("has been launched or loaded already");
    }

    void launch() {
        operator.lock();
        try {
            synchronized (this) {
                if (started) {
                    throw refuse("has been launched already");
                }
                started = true;
                state = VmState.RUNNING;
                reason = "";
            }
            // Who may type keeps the machine waiting when it is idle.
            door.feederComes();
            Thread own = Thread.ofPlatform().daemon().name("v3-vm" + index).unstarted(this::run);
            synchronized (this) {
                thread = own;
            }
            own.start();
        } finally {
            operator.unlock();
        }
    }

    void pause() {
        operator.lock();
        try {
            if (!pauseIfRunning()) {
                throw refuse("is not running");
            }
        } finally {
            operator.unlock();
        }
    }

    /** False when it is not running. */
    private boolean pauseIfRunning() {
        synchronized (this) {
            if (state != VmState.RUNNING) {
                return false;
            }
        }
        door.command("pause");
        synchronized (this) {
            await(() -> state != VmState.RUNNING);
            if (state != VmState.PAUSED) {
                throw refuse("has ended before it could be paused: " + reason);
            }
        }
        return true;
    }

    void goOn() {
        operator.lock();
        try {
            boolean launches;
            synchronized (this) {
                if (state != VmState.PAUSED) {
                    throw refuse("is not paused");
                }
                launches = !started;
            }
            if (launches) {
                launch();
            } else {
                letGo();
            }
        } finally {
            operator.unlock();
        }
    }

    private synchronized void letGo() {
        if (over) {
            // It has ended by itself meanwhile, and stays as it ended.
            return;
        }
        goOn = true;
        state = VmState.RUNNING;
        reason = "";
        notifyAll();
    }

    /** Wants frames of a running machine back; it gives what its guest does not use. */
    void balloon(long frames) {
        synchronized (this) {
            if (!setup.configuration().hasBalloon()) {
                throw refuse("has no balloon: its configuration lacks LNX_VIRTIO_BALLOON");
            }
            if (state != VmState.RUNNING) {
                throw refuse("is not running");
            }
        }
        door.command("balloon " + frames);
    }

    /** Whether it may have frames that it does not use. */
    synchronized boolean canGive() {
        return started && state == VmState.RUNNING && setup.configuration().hasBalloon()
                && Thread.currentThread() != thread;
    }

    void stop() {
        operator.lock();
        try {
            synchronized (this) {
                if (!started || over) {
                    throw refuse("is not running");
                }
            }
            door.command("stop");
            letGo();
            await(() -> over);
        } finally {
            operator.unlock();
        }
    }

    /** Waits until something is so that the machine's thread brings about. */
    private synchronized void await(BooleanSupplier so) {
        long until_ns = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_s);
        try {
            while (!so.getAsBoolean()) {
                long left_ms = (until_ns - System.nanoTime()) / 1_000_000;
                if (left_ms <= 0) {
                    throw refuse("did not answer for " + PATIENCE_s + " s");
                }
                wait(left_ms);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HostException("interrupted", e);
        }
    }

    /** Something to be done with a machine that stands still. */
    @FunctionalInterface
    interface AtRest<T> {
        T work(Session session, String journal);
    }

    /** Has a machine stand still for some work, and then go on if it ran. */
    <T> T atRest(AtRest<T> asked) {
        operator.lock();
        try {
            boolean ran = pauseIfRunning();
            CompletableFuture<T> done = new CompletableFuture<>();
            synchronized (this) {
                if (!started || state != VmState.PAUSED) {
                    throw refuse(started ? "has ended: " + reason : "has not been launched");
                }
                work.add(() -> {
                    try {
                        done.complete(asked.work(session(), journalName()));
                    } catch (RuntimeException e) {
                        done.completeExceptionally(e);
                    }
                });
                notifyAll();
            }
            try {
                return done.get(PATIENCE_s, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                throw new HostException(String.valueOf(cause.getMessage()), cause);
            } catch (TimeoutException e) {
                throw new HostException(device() + " did not answer for " + PATIENCE_s + " s", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new HostException("interrupted", e);
            } finally {
                if (ran) {
                    letGo();
                }
            }
        } finally {
            operator.unlock();
        }
    }

    /** Work with the memory of a machine that stands still meanwhile; with null when it has none any more, or none yet. */
    <T> T still(Function<@Nullable GuestMemory, T> work) {
        synchronized (this) {
            SavedMachine saved = origin;
            if (!started) {
                return work.apply(saved == null ? null : saved.memory());
            }
        }
        return isOver() ? work.apply(null) : atRest((session, folder) -> work.apply(session.vm().memory()));
    }

    private synchronized String journalName() {
        Path folder = journal;
        return folder == null ? name : String.valueOf(folder.getFileName());
    }

    /** A machine that is like this one was when it was saved, before it was launched: its twin. */
    synchronized @Nullable SavedMachine twinOfOrigin() {
        SavedMachine saved = origin;
        return started || saved == null ? null : saved.twin();
    }

    /** Ends it for good. A running machine is refused. */
    void free() {
        operator.lock();
        try {
            synchronized (this) {
                if (state == VmState.RUNNING) {
                    throw refuse("is running: stop it first");
                }
                dropped = true;
                SavedMachine saved = origin;
                if (!started && saved != null) {
                    saved.close();
                    origin = null;
                }
                notifyAll();
                await(() -> !started || over);
            }
            streams.values().forEach(StreamLog::end);
        } finally {
            operator.unlock();
        }
    }

    private HostException refuse(String why) {
        return new HostException(device() + " (" + name + ") " + why);
    }

    // The machine's thread.

    private @Nullable Session running;

    private Session session() {
        Session session = running;
        if (session == null) {
            throw new IllegalStateException("no session");
        }
        return session;
    }

    private void run() {
        String failure = null;
        RunResult result = null;
        String state256 = "";
        try {
            openFiles();
            try (Recording recording = begin()) {
                running = recording.session();
                running.listen(telemetry::accept);
                do {
                    result = recording.session().run(Long.MAX_VALUE, progress -> ran(progress.ticks()),
                            session -> recording.journalBytes());
                    ran(recording.session().vm().tick());
                } while (result.kind() == RunResult.Kind.PAUSED && rest(recording.session().position()));
                recording.end(result);
                state256 = recording.digest();
            }
        } catch (Exception | OutOfMemoryError | StackOverflowError e) {
            // Whatever a guest brings about ends its machine and no other.
            failure = e.getClass().getSimpleName() + ": " + e.getMessage();
        } finally {
            running = null;
            ended(result, failure, state256);
        }
    }

    private Recording begin() {
        SavedMachine saved;
        synchronized (this) {
            saved = origin;
            origin = null;
        }
        Path folder = journals.apply(name);
        synchronized (this) {
            journal = folder;
        }
        SortedMap<String, String> properties = new TreeMap<>(Map.of("vm", name));
        if (saved == null) {
            return Recording.start(folder, setup, parts, Fidelity.STEPS, door, this::output, properties,
                    CheckpointPlan.DEFAULT, pool);
        }
        try (saved) {
            return saved.resume(folder, parts, Fidelity.STEPS, door, this::output, properties, CheckpointPlan.DEFAULT);
        }
    }

    private void openFiles() throws IOException {
        for (Map.Entry<String, String> file : streamFiles.entrySet()) {
            files.put(file.getKey(), ImageSetup.newStreamFile(file.getValue()));
        }
    }

    private void output(String stream, byte[] bytes, long tick) {
        StreamLog log = streams.get(stream);
        if (log != null) {
            log.write(bytes);
        }
        OutputStream file = files.get(stream);
        if (file != null) {
            try {
                file.write(bytes);
            } catch (IOException e) {
                files.remove(stream);
                System.err.println("chronovisor: " + device() + ": " + streamFiles.get(stream)
                        + " cannot be written any further: " + e.getMessage());
            }
        }
    }

    private synchronized void ran(long tick) {
        ticks = tick;
    }

    /** Stands still until the operator lets it go on; false when it is freed. */
    private boolean rest(Position at) throws InterruptedException {
        synchronized (this) {
            state = VmState.PAUSED;
            reason = "by the operator at " + at;
            notifyAll();
        }
        while (true) {
            Runnable next;
            synchronized (this) {
                while (work.isEmpty() && !goOn && !dropped) {
                    wait();
                }
                next = work.poll();
                if (next == null) {
                    boolean going = goOn;
                    goOn = false;
                    return going;
                }
            }
            next.run();
        }
    }

    private void ended(@Nullable RunResult result, @Nullable String failure, String state256) {
        door.close();
        files.values().forEach(file -> {
            try {
                file.close();
            } catch (IOException e) {
                System.err.println("chronovisor: " + device() + ": " + e.getMessage());
            }
        });
        streams.values().forEach(StreamLog::end);
        synchronized (this) {
            over = true;
            digest = state256;
            if (failure != null || result == null) {
                state = VmState.ERROR;
                reason = failure == null ? "it failed" : failure;
            } else {
                boolean fine = switch (result.kind()) {
                    case SHUTDOWN, PAUSED, IDLE_FOREVER, TICK_REACHED, BREAKPOINT, WATCHPOINT -> true;
                    case UNSUPPORTED, ERROR -> false;
                };
                state = fine ? VmState.STOPPED : VmState.ERROR;
                reason = result.reason();
                status = result.status();
            }
            notifyAll();
        }
    }
}
