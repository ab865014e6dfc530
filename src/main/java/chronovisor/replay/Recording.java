package chronovisor.replay;

import chronovisor.environment.Environment;
import chronovisor.journal.Blob;
import chronovisor.journal.JournalEnd;
import chronovisor.journal.JournalHeader;
import chronovisor.journal.JournalWriter;
import chronovisor.memory.FramePool;
import chronovisor.vmm.RunResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A run that is written into a journal.
 *
 * <pre>
 * try (Recording recording = Recording.start(folder, setup, parts, Fidelity.STEPS, environment, listener)) {
 *     RunResult result = recording.run();
 * }
 * </pre>
 *
 * Closing it after {@link #run} has returned leaves a sealed journal. Closing it without, or being killed, leaves a sound
 * prefix.
 */
public final class Recording implements AutoCloseable {

    private static final int BATCH_EFFECTS = 20_000;

    private final Session session;
    private final JournalWriter writer;
    private final Recorder recorder;
    private final Fidelity fidelity;
    private final @Nullable EventStream stream;
    private final CheckpointMaker maker = new CheckpointMaker();
    private boolean ended;
    private String digest = "";

    private Recording(Session session, JournalWriter writer, Recorder recorder, Fidelity fidelity,
            @Nullable EventStream stream) {
        this.session = session;
        this.writer = writer;
        this.recorder = recorder;
        this.fidelity = fidelity;
        this.stream = stream;
    }

    /** Starts with no limits and no further properties. */
    public static Recording start(Path folder, MachineSetup setup, MachineParts parts, Fidelity fidelity,
            Environment environment, OutputListener listener) {
        return start(folder, setup, parts, fidelity, environment, listener, new TreeMap<>(),
                JournalWriter.Limits.DEFAULT);
    }

    /**
     * Begins a journal and makes the machine; {@link #run} boots it.
     *
     * @param properties
     *            further header properties: versions, the command, the scenario
     * @throws chronovisor.journal.JournalException
     *             when the folder cannot be made or written
     */
    public static Recording start(Path folder, MachineSetup setup, MachineParts parts, Fidelity fidelity,
            Environment environment, OutputListener listener, SortedMap<String, String> properties,
            JournalWriter.Limits limits) {
        return start(folder, setup, parts, fidelity, environment, listener, properties, limits, null);
    }

    /** The same, and also streams the events. */
    public static Recording start(Path folder, MachineSetup setup, MachineParts parts, Fidelity fidelity,
            Environment environment, OutputListener listener, SortedMap<String, String> properties,
            JournalWriter.Limits limits, @Nullable EventStream stream) {
        return start(folder, setup, parts, fidelity, environment, listener, properties, limits, stream,
                CheckpointPlan.DEFAULT);
    }

    /** The same, with checkpoints as a plan says. */
    public static Recording start(Path folder, MachineSetup setup, MachineParts parts, Fidelity fidelity,
            Environment environment, OutputListener listener, SortedMap<String, String> properties,
            JournalWriter.Limits limits, @Nullable EventStream stream, CheckpointPlan checkpoints) {
        return begin(folder, setup, parts, setup.header(withOwn(properties, setup, fidelity), null), limits,
                checkpoints,
                null, null, stream, (mapper, cuts) -> new RecordingEnvironment(environment, mapper, listener, cuts));
    }

    /** The same, with frames of a pool that other machines use, too, and no limits. */
    public static Recording start(Path folder, MachineSetup setup, MachineParts parts, Fidelity fidelity,
            Environment environment, OutputListener listener, SortedMap<String, String> properties,
            CheckpointPlan checkpoints, FramePool pool) {
        return begin(folder, setup, parts, setup.header(withOwn(properties, setup, fidelity), null),
                JournalWriter.Limits.DEFAULT, checkpoints, pool, null, null,
                (mapper, cuts) -> new RecordingEnvironment(environment, mapper, listener, cuts));
    }

    /** Header properties with those that every recording has. */
    static SortedMap<String, String> withOwn(SortedMap<String, String> properties, MachineSetup setup,
            Fidelity fidelity) {
        TreeMap<String, String> all = new TreeMap<>(properties);
        all.put("engine", setup.engine());
        all.put(Replay.FIDELITY, fidelity.text());
        return all;
    }

    /**
     * Begins a journal at power-on, or at a state of another session.
     *
     * @param pool
     *            where its frames come from, shared with others; null for a pool of its own
     * @param state
     *            where it begins, null for power-on; it remains the caller's
     */
    static Recording begin(Path folder, MachineSetup setup, MachineParts parts, JournalHeader header,
            JournalWriter.Limits limits, CheckpointPlan checkpoints, @Nullable FramePool pool,
            @Nullable SessionState state, @Nullable EventStream stream, Session.Door door) {
        Fidelity fidelity = Fidelity.parse(header.property(Replay.FIDELITY));
        JournalWriter writer = JournalWriter.create(folder, header, limits);
        try {
            writer.checkpoint(setup.checkpoint());
            Recorder recorder = new Recorder(writer, fidelity);
            RunSink sink = stream == null ? recorder : stream.tee(recorder);
            boolean steps = fidelity != Fidelity.INPUTS;
            Session session = pool == null
                    ? new Session(setup, parts, sink, steps, door,
                            CheckpointMaker.STATES_HELD * setup.configuration().allBytes())
                    : new Session(setup, parts, sink, steps, door, pool);
            Recording recording = new Recording(session, writer, recorder, fidelity, stream);
            session.checkpoints(checkpoints, recording::checkpoint);
            if (state != null) {
                if (state.machine().memory().pool() == session.pool()) {
                    session.restore(state);
                } else {
                    try (SessionState own = state.copy(session.pool())) {
                        session.restore(own);
                    }
                }
                session.checkpoint();
            }
            return recording;
        } catch (RuntimeException e) {
            writer.close();
            throw e;
        }
    }

    private void checkpoint(SessionState state) {
        writer.append(out -> maker.write(state, out));
    }

    /** The session. */
    public Session session() {
        return session;
    }

    /** Bytes in the journal so far. */
    public long journalBytes() {
        return writer.bytes();
    }

    /** Boots, runs to the end, and writes the end into the journal. */
    public RunResult run() {
        return run(progress -> {});
    }

    /** The same, with reports now and then. */
    public RunResult run(Consumer<Progress> progress) {
        RunResult result = fidelity == Fidelity.EFFECTS
                ? runByStep(progress)
                : session.run(Long.MAX_VALUE, progress, _ -> writer.bytes());
        end(result);
        return result;
    }

    /** Fidelity {@code effects}: one instruction at a time, with what it changed. */
    private RunResult runByStep(Consumer<Progress> progress) {
        EffectProbe probe = new EffectProbe(session);
        EffectProbe.Outcome outcome = new EffectProbe.Outcome();
        RunResult result = session.run(0);
        List<StepEffects> batch = new ArrayList<>();
        while (result.kind() == RunResult.Kind.TICK_REACHED) {
            StepEffects step = probe.next(outcome);
            result = Objects.requireNonNull(outcome.result);
            if (step != null) {
                batch.add(step);
            }
            if (result.kind() == RunResult.Kind.TICK_REACHED) {
                session.look();
            }
            if (batch.size() == BATCH_EFFECTS || result.kind() != RunResult.Kind.TICK_REACHED) {
                recorder.effects(batch);
                batch = new ArrayList<>();
                progress.accept(new Progress(session.vm().tick(), session.events(), writer.bytes()));
            }
        }
        return result;
    }

    /** Ends the recording where the machine stands. */
    public void end(RunResult result) {
        if (ended) {
            throw new IllegalStateException("the recording has ended");
        }
        session.cut();
        Blob state = Blob.of(session.vm().digest());
        digest = state.toHex();
        recorder.end(new JournalEnd(session.position(), state, session.events(),
                session.vm().time_ns() - session.vm().tick(), result.reason(), result.status()));
        ended = true;
    }

    /** SHA-256 of the final state in hexadecimal; empty before the end. */
    public String digest() {
        return digest;
    }

    /**
     * Seals the journal if the run has ended, and releases the machine.
     *
     * @throws chronovisor.journal.JournalException
     *             when the journal could not be written to its end
     */
    @Override
    public void close() {
        try {
            writer.close();
        } finally {
            maker.close();
            session.close();
            if (stream != null) {
                stream.close();
            }
        }
    }
}
