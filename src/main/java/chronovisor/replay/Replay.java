package chronovisor.replay;

import chronovisor.journal.Blob;
import chronovisor.journal.FormatException;
import chronovisor.journal.JournalEnd;
import chronovisor.journal.JournalException;
import chronovisor.journal.JournalHeader;
import chronovisor.journal.JournalMap;
import chronovisor.journal.JournalReader;
import chronovisor.journal.JournalRecord;
import chronovisor.journal.Position;
import chronovisor.journal.Problem;
import chronovisor.journal.RecordType;
import chronovisor.kitten.kernel.KernelState;
import chronovisor.vmm.ConfigurationException;
import chronovisor.vmm.GuestKernel;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs a journal's machine again with the journal's causes and checks its effects.
 *
 * <pre>
 * ReplayResult result = Replay.of(folder, parts).run();
 * </pre>
 */
public final class Replay {

    /** The header's property that names the fidelity. */
    public static final String FIDELITY = "fidelity";

    private final Path folder;
    private final MachineParts parts;
    private OutputListener listener = OutputListener.NONE;
    private @Nullable EventStream stream;
    private @Nullable String engine;
    private Consumer<KernelState> kernel = state -> {};

    private Replay(Path folder, MachineParts parts) {
        this.folder = folder;
        this.parts = parts;
    }

    /** A replay of the journal in a folder. */
    public static Replay of(Path folder, MachineParts parts) {
        return new Replay(folder, parts);
    }

    /** Also tells what the guest writes. */
    public Replay withOutput(OutputListener output) {
        listener = output;
        return this;
    }

    /** Also streams the events that were compared and found the same. */
    public Replay withEvents(EventStream events) {
        stream = events;
        return this;
    }

    /** Also hands over the kernel's state where the replay ends, be it at a divergence. */
    public Replay withKernelState(Consumer<KernelState> consumer) {
        kernel = consumer;
        return this;
    }

    /** Uses another engine than the recording, which must not make a difference. */
    public Replay withEngine(String name) {
        engine = name;
        return this;
    }

    /** Replays to the end. */
    public ReplayResult run() {
        return run(progress -> {});
    }

    /**
     * Replays to the end, or to the end of what a killed recorder left, with reports now and then.
     *
     * @throws JournalException
     *             when there is no journal
     */
    public ReplayResult run(Consumer<Progress> progress) {
        Extent extent = Extent.of(folder);
        try (JournalReader reader = JournalReader.open(folder)) {
            JournalHeader header = header(reader);
            JournalRecord first = header == null ? null : reader.next();
            if (header == null || first == null) {
                return new ReplayResult(true, null, false, extent.damage(), Position.START, 0, 0, 0, "");
            }
            MachineSetup setup = MachineSetup.of(first.checkpoint());
            String chosen = engine;
            return replay(reader, chosen == null ? setup : setup.withEngine(chosen),
                    Fidelity.parse(header.property(FIDELITY)), extent, header.parent() != null, progress);
        } catch (FormatException | ConfigurationException | IllegalArgumentException e) {
            throw new JournalException("cannot replay " + folder + ": " + e.getMessage(), e);
        }
    }

    /**
     * A replay that has been run to a tick and goes on one instruction at a time.
     *
     * @throws JournalException
     *             when there is no journal, or the run diverges on the way
     */
    Stepper stepper(long tick) {
        JournalReader reader = JournalReader.open(folder);
        try {
            JournalHeader header = header(reader);
            JournalRecord first = header == null ? null : reader.next();
            if (header == null || first == null) {
                throw new JournalException(folder + " holds no run");
            }
            Extent extent = Extent.of(folder);
            Checker checker = new Checker(new ExpectedRun(reader), Fidelity.parse(header.property(FIDELITY)),
                    extent.ended());
            Session session = new Session(MachineSetup.of(first.checkpoint()), parts, checker, false,
                    (mapper, cuts) -> new ReplayingEnvironment(checker, mapper, listener, cuts));
            session.passPausesBefore(extent.last());
            Stepper stepper = new Stepper(reader, session);
            if (header.parent() != null) {
                begin(session);
            }
            stepper.runTo(tick);
            return stepper;
        } catch (FormatException | ConfigurationException | IllegalArgumentException e) {
            reader.close();
            throw new JournalException("cannot replay " + folder + ": " + e.getMessage(), e);
        }
    }

    /** Goes on one instruction at a time and tells what each changed. */
    static final class Stepper implements AutoCloseable {
        private final JournalReader reader;
        private final Session session;
        private final EffectProbe probe;
        private final EffectProbe.Outcome outcome = new EffectProbe.Outcome();

        private Stepper(JournalReader reader, Session session) {
            this.reader = reader;
            this.session = session;
            this.probe = new EffectProbe(session);
        }

        private void runTo(long tick) {
            try {
                session.run(tick);
            } catch (DivergenceException e) {
                throw new JournalException("the replay diverges: " + e.divergence(), e);
            }
        }

        /** The effects of the next instruction, or null when the run is over. */
        @Nullable
        StepEffects next() {
            try {
                return probe.next(outcome);
            } catch (DivergenceException e) {
                throw new JournalException("the replay diverges: " + e.divergence(), e);
            }
        }

        @Override
        public void close() {
            session.close();
            reader.close();
        }
    }

    private static @Nullable JournalHeader header(JournalReader reader) {
        JournalRecord record = reader.next();
        if (record != null && record.type() != RecordType.HEADER) {
            throw new FormatException("the first record is no header");
        }
        return record == null ? null : record.header();
    }

    private ReplayResult replay(JournalReader reader, MachineSetup setup, Fidelity fidelity, Extent extent,
            boolean forked, Consumer<Progress> progress) {
        ExpectedRun expected = new ExpectedRun(reader);
        Checker checker = new Checker(expected, fidelity, extent.ended());
        EventStream events = stream;
        RunSink sink = events == null ? checker : events.tee(checker);
        try (Session session = new Session(setup, parts, sink, fidelity != Fidelity.INPUTS,
                (mapper, cuts) -> new ReplayingEnvironment(checker, mapper, listener, cuts),
                CheckpointMaker.STATES_HELD * setup.configuration().allBytes())) {
            session.passPausesBefore(extent.last());
            Divergence divergence = null;
            byte[] digest = new byte[0];
            try (StateChecks checks = new StateChecks()) {
                if (forked) {
                    begin(session);
                }
                for (Position state : extent.states()) {
                    session.run(state.tick(), progress, _ -> 0L);
                    checks.check(session, expected.pollState(), checker);
                }
                session.run(extent.stopTick(), progress, _ -> 0L);
                checks.finish(checker);
                session.cut();
                digest = session.vm().digest();
                divergence = checker.left(extent.stopTick());
            } catch (DivergenceException e) {
                divergence = e.divergence();
            }
            GuestKernel ran = session.vm().kernel();
            if (ran != null && ran.state() instanceof KernelState state) {
                kernel.accept(state);
            }
            JournalEnd end = divergence == null ? expected.end() : null;
            if (end != null) {
                divergence = compare(session, digest, end, checker);
            }
            return new ReplayResult(divergence == null, divergence, extent.ended(), extent.damage(), session.position(),
                    session.vm().tick(), checker.events(), checker.steps(), HexFormat.of().formatHex(digest));
        } finally {
            if (events != null) {
                events.close();
            }
        }
    }

    /** Puts the session of a fork where the fork began. */
    private void begin(Session session) {
        JournalMap map = JournalMap.of(folder, false);
        GuestKernel kernel = session.vm().kernel();
        try (CheckpointStore store = new CheckpointStore(map, session.pool(),
                session.setup().configuration())) {
            if (store.positions().isEmpty()) {
                throw new JournalException(folder + " is of a fork and does not hold the state that it began in");
            }
            try (SessionState state = store.load(store.positions().getFirst(), kernel == null ? null : kernel.form())) {
                session.restore(state);
            }
        }
    }

    private static @Nullable Divergence compare(Session session, byte[] digest, JournalEnd end, Checker checker) {
        if (!end.at().equals(session.position())) {
            return new Divergence(session.position(), "the end of the run at " + end.at(),
                    "its end at " + session.position(), checker.context());
        }
        if (!end.digest().equals(Blob.of(digest))) {
            return new Divergence(end.at(), "final state " + end.digest().toHex(),
                    "final state " + Blob.of(digest).toHex(), checker.context());
        }
        return null;
    }

    /** How far the sound prefix of a journal reaches, and where its checkpoints are. */
    private record Extent(boolean ended, Position last, @Nullable Problem damage, List<Position> states) {

        static Extent of(Path folder) {
            JournalMap map = JournalMap.of(folder, true);
            boolean ended = map.ended() && map.damage() == null;
            return new Extent(ended, map.last(), map.damage(),
                    map.entries().stream().filter(entry -> entry.type() == RecordType.STATE)
                            .map(JournalMap.Entry::last).toList());
        }

        long stopTick() {
            return ended ? Long.MAX_VALUE : last.tick();
        }
    }
}
