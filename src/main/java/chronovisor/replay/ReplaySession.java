package chronovisor.replay;

import chronovisor.journal.FormatException;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalException;
import chronovisor.journal.JournalHeader;
import chronovisor.journal.JournalMap;
import chronovisor.journal.Position;
import chronovisor.journal.RecordType;
import chronovisor.vmm.ConfigurationException;
import chronovisor.vmm.GuestKernel;
import chronovisor.vmm.RunResult;
import chronovisor.vmm.VirtualMachine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A replay that can be stopped anywhere, captured, and put back to any state that was captured. Its events are compared with
 * the journal's wherever it runs; steps are not. Reads the journal, never writes it. One thread.
 */
public final class ReplaySession implements AutoCloseable {

    /** All of it at a position. It holds frames until it is closed, and belongs to the session it was captured from. */
    public static final class Snapshot implements AutoCloseable {
        private final SessionState state;

        private Snapshot(SessionState state) {
            this.state = state;
        }

        /** The position of the next event, if it happens at once. */
        public Position at() {
            return state.at();
        }

        /** The machine, immutable. */
        public chronovisor.vmm.MachineState machine() {
            return state.machine();
        }

        @Override
        public void close() {
            state.close();
        }
    }

    private final JournalMap map;
    private final JournalHeader header;
    private final Checker checker;
    private final Session session;
    private final List<CheckpointStore> stores = new ArrayList<>();
    private final long limit;
    private boolean atFirstStop = true;
    private Consumer<GuestEvent> listener = event -> {};
    private RunResult result = new RunResult(RunResult.Kind.TICK_REACHED, 0, "");

    private ReplaySession(JournalMap map, List<JournalMap> maps, JournalHeader header, MachineSetup setup,
            MachineParts parts, long poolBytes) {
        this.map = map;
        this.header = header;
        this.limit = map.ended() ? Long.MAX_VALUE : map.last().tick();
        this.checker = new Checker(ExpectedRun.from(map, Position.START),
                Fidelity.parse(header.property(Replay.FIDELITY)), map.ended());
        long held = CheckpointMaker.STATES_HELD * setup.configuration().allBytes();
        this.session = new Session(setup, parts, new Listening(), false,
                (mapper, cuts) -> new ReplayingEnvironment(checker, mapper, OutputListener.NONE, cuts),
                held + poolBytes);
        session.passPausesBefore(map.last());
        maps.forEach(
                each -> stores.add(new CheckpointStore(each, session.pool(), setup.configuration())));
    }

    /**
     * Opens a journal and boots its machine.
     *
     * @param engine
     *            another engine than the recording's, which must not make a difference; null for the same
     * @param snapshotBytes
     *            host memory for what snapshots do not share
     * @throws JournalException
     *             when there is no journal, it holds no run, or it cannot be replayed
     */
    public static ReplaySession open(Path folder, MachineParts parts, @Nullable String engine, long snapshotBytes) {
        JournalMap map = JournalMap.of(folder, false);
        List<JournalMap> maps = new ArrayList<>(List.of(map));
        Path index = folder.resolve(Indexer.FOLDER);
        if (Files.isDirectory(index)) {
            maps.add(index(map, index));
        }
        return open(folder, map, maps, parts, engine, snapshotBytes);
    }

    static ReplaySession openWithoutIndex(Path folder, MachineParts parts) {
        JournalMap map = JournalMap.of(folder, false);
        return open(folder, map, List.of(map), parts, null, 0);
    }

    private static JournalMap index(JournalMap map, Path folder) {
        JournalMap index = JournalMap.of(folder, false);
        if (index.entries().isEmpty()
                || !index.read(index.entries().getFirst()).header().property(Indexer.OF).equals(map.chain().toHex())) {
            throw new JournalException(folder + " is the index of another journal: remove it, or make it again");
        }
        return index;
    }

    private static ReplaySession open(Path folder, JournalMap map, List<JournalMap> maps, MachineParts parts,
            @Nullable String engine, long snapshotBytes) {
        if (map.entries().size() < 2 || map.entries().get(0).type() != RecordType.HEADER
                || map.entries().get(1).type() != RecordType.CHECKPOINT) {
            throw new JournalException(folder + " holds no run");
        }
        try {
            JournalHeader header = map.read(map.entries().get(0)).header();
            MachineSetup setup = MachineSetup.of(map.read(map.entries().get(1)).checkpoint());
            ReplaySession opened = new ReplaySession(map, maps, header,
                    engine == null ? setup : setup.withEngine(engine),
                    parts, snapshotBytes);
            if (header.parent() == null) {
                opened.guarded(() -> opened.session.run(0));
            } else if (opened.checkpoints().isEmpty()) {
                throw new JournalException(folder + " is of a fork and does not hold the state that it began in");
            } else {
                opened.load(opened.checkpoints().getFirst());
            }
            return opened;
        } catch (FormatException | ConfigurationException | IllegalArgumentException e) {
            throw new JournalException("cannot replay " + folder + ": " + e.getMessage(), e);
        }
    }

    private final class Listening implements RunSink {
        @Override
        public void accept(GuestEvent event) {
            checker.accept(event);
            listener.accept(event);
        }

        @Override
        public void accept(chronovisor.cpu.trace.StepBatch batch) {
            throw new IllegalStateException("no steps are traced here");
        }

        @Override
        public void flush() {
            // Compared as they come.
        }
    }

    /** Where the records are. */
    public JournalMap map() {
        return map;
    }

    /** What the journal tells of itself. */
    public JournalHeader header() {
        return header;
    }

    /** The machine. It may be looked at between two runs. */
    public VirtualMachine vm() {
        return session.vm();
    }

    /** What it was made from. */
    public MachineSetup setup() {
        return session.setup();
    }

    /** Where it stands: the position the next event would get. */
    public Position position() {
        return session.position();
    }

    /** Whether the run, or what was recorded of it, has ended here. */
    public boolean over() {
        return switch (result.kind()) {
            case TICK_REACHED, BREAKPOINT, WATCHPOINT -> session.vm().tick() >= limit;
            case PAUSED -> !session.passes(result);
            case SHUTDOWN, IDLE_FOREVER, UNSUPPORTED, ERROR -> true;
        };
    }

    /** Whether there is no earlier stop at the same position, so that a seek to the position lands in this state. */
    public boolean atFirstStop() {
        return atFirstStop;
    }

    /** How the last run ended. */
    public RunResult result() {
        return result;
    }

    /** Is told every event that happens from now on. */
    public void listen(Consumer<GuestEvent> newListener) {
        listener = newListener;
    }

    /**
     * Runs to a tick, or to the end of what was recorded.
     *
     * @throws JournalException
     *             when the run diverges from the journal
     */
    public RunResult run(long tick) {
        return guarded(() -> session.run(Math.min(tick, limit)));
    }

    /** Runs to the first stop at or after a position, as {@link Session#runTo}; also no further than what was recorded. */
    public RunResult runTo(Position target) {
        if (target.tick() > limit) {
            return run(limit);
        }
        return guarded(() -> session.runTo(target));
    }

    /** Goes on by the least that is possible. */
    public RunResult turn() {
        Position before = position();
        RunResult turned = over() ? result : guarded(() -> session.vm().turn());
        if (position().equals(before)) {
            atFirstStop = false;
        }
        return turned;
    }

    private RunResult guarded(Supplier<RunResult> work) {
        Position before = position();
        try {
            result = work.get();
            if (!position().equals(before)) {
                // A run ends as soon as its tick or position is reached; a breakpoint may come turns later.
                atFirstStop = result.kind() == RunResult.Kind.TICK_REACHED;
            }
            return result;
        } catch (DivergenceException e) {
            throw new JournalException("the replay of " + map.folder() + " diverges: " + e.divergence(), e);
        }
    }

    /** All of it as a value. */
    public Snapshot capture() {
        return new Snapshot(session.capture());
    }

    SessionState captureState() {
        return session.capture();
    }

    /** Goes back, or forward, to what was captured. */
    public void restore(Snapshot snapshot) {
        session.restore(snapshot.state);
        atFirstStop = true;
        checker.restart(ExpectedRun.from(map, snapshot.at()));
        RunResult ended = snapshot.machine().result();
        result = ended == null ? new RunResult(RunResult.Kind.TICK_REACHED, 0, "") : ended;
    }

    /** Where the journal and its index have checkpoints, in order. */
    public List<Position> checkpoints() {
        return stores.stream().flatMap(store -> store.positions().stream()).sorted().distinct().toList();
    }

    /** The last checkpoint at or before a position; null when there is none. */
    public @Nullable Position checkpointBefore(Position target) {
        Position best = null;
        for (CheckpointStore store : stores) {
            Position found = store.floor(target);
            if (found != null && (best == null || found.compareTo(best) > 0)) {
                best = found;
            }
        }
        return best;
    }

    /**
     * Goes to a checkpoint.
     *
     * @throws JournalException
     *             when there is none there, or it is damaged or of another version of this program
     */
    public void load(Position checkpoint) {
        GuestKernel kernel = session.vm().kernel();
        for (CheckpointStore store : stores) {
            if (checkpoint.equals(store.floor(checkpoint))) {
                try (Snapshot loaded = new Snapshot(store.load(checkpoint, kernel == null ? null : kernel.form()))) {
                    restore(loaded);
                }
                return;
            }
        }
        throw new JournalException(map.folder() + " has no checkpoint at " + checkpoint);
    }

    /** Runs to the end and hands over states as a plan says; the taker closes them. */
    void runThrough(CheckpointPlan plan, Consumer<SessionState> taker, Consumer<Progress> progress) {
        session.checkpoints(plan, taker);
        guarded(() -> session.run(limit, progress, _ -> 0L));
    }

    /** Bytes of host memory in use for frames. */
    public long frameBytes() {
        return session.pool().framesUsed() * chronovisor.memory.FramePool.FRAME_BYTES;
    }

    @Override
    public void close() {
        checker.restart(ExpectedRun.nothing());
        stores.forEach(CheckpointStore::close);
        session.close();
    }
}
