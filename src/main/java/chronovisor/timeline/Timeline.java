package chronovisor.timeline;

import chronovisor.journal.GuestEvent;
import chronovisor.journal.JournalHeader;
import chronovisor.journal.JournalMap;
import chronovisor.journal.Position;
import chronovisor.replay.CheckpointPlan;
import chronovisor.replay.Fork;
import chronovisor.replay.MachineParts;
import chronovisor.replay.MachineSetup;
import chronovisor.replay.OutputListener;
import chronovisor.replay.Recording;
import chronovisor.replay.ReplaySession;
import chronovisor.replay.Session;
import chronovisor.vmm.MachineState;
import chronovisor.vmm.RunResult;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * A recorded run that one can go anywhere in.
 *
 * <pre>
 * try (Timeline timeline = Timeline.open(folder, parts)) {
 *     timeline.seek(Position.parse("1_000_000"));
 *     Stop stop = timeline.forward(Condition.event("SignalSent"));
 *     timeline.backward(Condition.address(0x4011e8));
 *     long rax = timeline.view().registers(0).gpr(0);
 *     Optional&lt;Access&gt; writer = timeline.lastWriter(0x405080, 8, timeline.position());
 * }
 * </pre>
 *
 * Every method may throw {@link chronovisor.journal.JournalException}: when the journal is damaged where it is needed, and
 * when the replay diverges from it. One thread at a time.
 */
public final class Timeline implements AutoCloseable {

    /** Host memory for states, besides the guest's own. */
    public static final long SNAPSHOT_BYTES = 1L << 30;

    /** On the way to a place, states are kept at these distances before it, so that small steps back from there are cheap. */
    private static final long[] APPROACH_TICKS = {16 << 20, 4 << 20, 1 << 20, 256 << 10, 64 << 10, 16 << 10, 4 << 10,
        1 << 10};

    /** Between states that are kept on a long way: about a tenth of a second of an interpreter. */
    static final long STRIDE_TICKS = 16 << 20;

    private final ReplaySession session;
    private final Snapshots snapshots;
    private final EventScan events;
    private Consumer<GuestEvent> listener = event -> {};
    private BooleanSupplier interrupted = () -> false;

    private Timeline(ReplaySession session, long snapshotBytes) {
        this.session = session;
        this.snapshots = new Snapshots(session, session.setup().configuration().allBytes() + snapshotBytes);
        this.events = new EventScan(session.map());
    }

    /** Opens a journal and stands at its first position. */
    public static Timeline open(Path folder, MachineParts parts) {
        return open(folder, parts, null, SNAPSHOT_BYTES);
    }

    /**
     * Opens a journal.
     *
     * @param engine
     *            another engine than the recording's; null for the same
     * @param snapshotBytes
     *            host memory for states, besides the guest's own
     * @throws chronovisor.journal.JournalException
     *             when there is no journal or it holds no run
     */
    public static Timeline open(Path folder, MachineParts parts, @Nullable String engine, long snapshotBytes) {
        ReplaySession session = ReplaySession.open(folder, parts, engine, snapshotBytes);
        try {
            return new Timeline(session, snapshotBytes);
        } catch (RuntimeException e) {
            session.close();
            throw e;
        }
    }

    // Where.

    /** The first position: the machine has booted. */
    public Position first() {
        return snapshots.first();
    }

    /** The last position that the journal tells about. */
    public Position last() {
        return session.map().last();
    }

    /** Where it stands: the position that the next event would get. */
    public Position position() {
        return session.position();
    }

    /** Whether it stands at the end of what was recorded. */
    public boolean atEnd() {
        return session.over();
    }

    /** How the run ended, where it stands at the end. */
    public String endReason() {
        return session.over() ? session.result().reason() : "";
    }

    /** How the machine came to stand where it stands; {@code TICK_REACHED} where its run goes on. */
    public RunResult result() {
        return session.result();
    }

    /** What the journal tells of itself. */
    public JournalHeader header() {
        return session.header();
    }

    /** What the machine was made from. */
    public MachineSetup setup() {
        return session.setup();
    }

    /** Where the journal's records are. */
    public JournalMap map() {
        return session.map();
    }

    /** The machine here. It is valid until the timeline moves. */
    public View view() {
        return new View(session.vm(), session.setup().ownKernel().orElse(null));
    }

    /** The machine here as a value that outlives the timeline's next move, but not the timeline. The caller closes it. */
    public MachineState freeze() {
        return session.vm().capture();
    }

    /** SHA-256 of the machine's whole state here. */
    public byte[] digest() {
        return session.vm().digest();
    }

    /** Is told every event that is replayed from now on, also those of searches, so an event may come more than once. */
    public void listen(Consumer<GuestEvent> newListener) {
        listener = newListener;
        session.listen(newListener);
    }

    /** Searches ask this a few times a second, and end where they are when it says so. */
    public void interruptWhen(BooleanSupplier asked) {
        interrupted = asked;
    }

    boolean interrupted() {
        return interrupted.getAsBoolean();
    }

    // Going.

    /** Goes on by the least that is possible: an instruction, or what happens between two. */
    public Position turn() {
        session.turn();
        return position();
    }

    /**
     * Goes to the first stop at or after a position, or to the first or last one.
     *
     * @return where it stands now
     */
    public Position seek(Position target) {
        return travel(target);
    }

    /** Goes to the last stop at or before a position. */
    public Position seekBefore(Position target) {
        if (target.compareTo(first()) <= 0) {
            return seek(first());
        }
        seek(new Position(Math.max(0, target.tick() - 1), 0));
        Position last = position();
        while (last.compareTo(target) < 0 && !atEnd()) {
            session.turn();
            if (position().compareTo(target) > 0) {
                break;
            }
            last = position();
        }
        return seek(last);
    }

    /** Goes on by so many instructions of the whole machine. */
    public Position step(long instructions) {
        checkCount(instructions);
        return seek(new Position(Math.addExact(position().tick(), instructions), 0));
    }

    /** Goes back by so many instructions of the whole machine. */
    public Position reverseStep(long instructions) {
        checkCount(instructions);
        return seek(new Position(Math.max(0, position().tick() - instructions), 0));
    }

    private static void checkCount(long instructions) {
        if (instructions < 1) {
            throw new IllegalArgumentException("a step of " + instructions + " instructions");
        }
    }

    /** Goes on until one of the conditions is met, at least by one instruction or event, or to the end. */
    public Stop forward(Condition... conditions) {
        return new Search(this, session, snapshots, events, List.of(conditions)).forward(last());
    }

    /** Goes on until one of the conditions is met, but no further than a position. */
    public Stop forward(Position limit, Condition... conditions) {
        return new Search(this, session, snapshots, events, List.of(conditions)).forward(limit);
    }

    /**
     * Goes back to where one of the conditions was met last before here, or to the beginning: to the instruction, or to the
     * stop before the event or access.
     */
    public Stop backward(Condition... conditions) {
        return new Search(this, session, snapshots, events, List.of(conditions)).backward();
    }

    /** Every place from here on where one of the conditions is met, one after the other as they are asked for. */
    public Flux<Stop> allForward(Condition... conditions) {
        return Flux.generate(sink -> {
            Stop stop = forward(conditions);
            if (stop.met()) {
                sink.next(stop);
            } else {
                sink.complete();
            }
        });
    }

    /** Every place before here where one of the conditions was met, latest first, as they are asked for. */
    public Flux<Stop> allBackward(Condition... conditions) {
        return Flux.generate(sink -> {
            Stop stop = backward(conditions);
            if (stop.met()) {
                sink.next(stop);
            } else {
                sink.complete();
            }
        });
    }

    // Asking. These stand in the end where they stood before.

    /**
     * Who wrote last to linear memory before a position.
     *
     * @param root
     *            CR3 of the address space; {@link Condition#ANY} for that of the core that runs at the position
     */
    public Optional<Access> lastWriter(long root, long address, int bytes, Position before) {
        Position here = position();
        try {
            seek(before);
            return Optional.ofNullable(backward(new Condition.Memory(root, address, bytes, false)).access());
        } finally {
            seek(here);
        }
    }

    /** Who wrote last to memory of the task that runs here, before a position. */
    public Optional<Access> lastWriter(long address, int bytes, Position before) {
        return lastWriter(Condition.ANY, address, bytes, before);
    }

    /** The first event at or after a position that a condition on events is met by. */
    public Optional<GuestEvent> nextEvent(Position from, Condition.Event condition) {
        return Optional.ofNullable(events.next(from, condition.matches()));
    }

    /** The last event before a position that a condition on events is met by. */
    public Optional<GuestEvent> previousEvent(Position before, Condition.Event condition) {
        return Optional.ofNullable(events.previous(before, condition.matches()));
    }

    /** The event at a position. */
    public Optional<GuestEvent> event(Position at) {
        return Optional.ofNullable(events.next(at, event -> true)).filter(event -> event.at().equals(at));
    }

    // Another future.

    /**
     * Begins a fork here: a run of its own, recorded into a journal of its own; {@link Recording#run} continues it. The timeline
     * is not changed and may go on elsewhere at once.
     *
     * @param folder
     *            of the new journal
     * @param properties
     *            for its header: what is different, for people
     * @throws IllegalArgumentException
     *             when the run is over here, or the changes would make it another machine
     */
    public Recording fork(Fork.Changes changes, Path folder, MachineParts parts, OutputListener output,
            SortedMap<String, String> properties, CheckpointPlan checkpoints) {
        return Fork.start(session, changes, folder, parts, output, properties, checkpoints);
    }

    /**
     * Begins a fork here that nothing is kept of, to see what would become of it. The caller runs and closes it; the timeline
     * may go on elsewhere at once.
     *
     * @throws IllegalArgumentException
     *             when the run is over here, or the changes would make it another machine
     */
    public Session attempt(Fork.Changes changes, MachineParts parts) {
        return Fork.attempt(session, changes, parts);
    }

    // How.

    private Position travel(Position target) {
        Position goal = target.compareTo(first()) < 0 ? first() : target;
        if (!position().equals(goal) || !session.atFirstStop()) {
            start(goal);
        }
        while (position().tick() < goal.tick() && !session.over()) {
            session.run(nextKept(position().tick(), goal.tick()));
            if (!session.over()) {
                snapshots.keep();
            }
        }
        session.runTo(goal);
        return position();
    }

    /** Takes the nearest state before, unless it is already between that and the goal. */
    private void start(Position goal) {
        ReplaySession.Snapshot nearest = snapshots.floor(goal);
        boolean ahead = position().compareTo(goal) < 0;
        Position from = ahead ? position() : Position.START;
        Position saved = session.checkpointBefore(goal);
        if (saved != null && saved.compareTo(from) > 0 && (nearest == null || saved.compareTo(nearest.at()) > 0)) {
            session.load(saved);
            snapshots.keep();
        } else if (nearest != null && (!ahead || nearest.at().compareTo(from) > 0)) {
            session.restore(nearest);
        }
    }

    private static long nextKept(long from, long to) {
        for (long distance : APPROACH_TICKS) {
            if (to - distance > from) {
                return Math.min(to - distance, from + STRIDE_TICKS);
            }
        }
        return to;
    }

    /** Positions of all states before a position, in memory or in the journal, latest first. */
    SortedSet<Position> statesBefore(Position end) {
        TreeSet<Position> all = new TreeSet<>(Comparator.reverseOrder());
        all.addAll(snapshots.before(end));
        session.checkpoints().stream().filter(at -> at.compareTo(end) < 0).forEach(all::add);
        return all;
    }

    void listenDuring(Consumer<GuestEvent> more, Runnable work) {
        Consumer<GuestEvent> usual = listener;
        session.listen(event -> {
            usual.accept(event);
            more.accept(event);
        });
        try {
            work.run();
        } finally {
            session.listen(usual);
        }
    }

    /** Releases the machine and its states. */
    @Override
    public void close() {
        snapshots.close();
        session.close();
    }
}
