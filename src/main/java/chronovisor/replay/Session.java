package chronovisor.replay;

import chronovisor.cpu.trace.StepTrace;
import chronovisor.environment.Environment;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.Position;
import chronovisor.memory.FramePool;
import chronovisor.memory.GuestMemory;
import chronovisor.vmm.RunResult;
import chronovisor.vmm.VirtualMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A machine with its door, its mapper and its traces put together. Whether it is recorded, replayed or neither is only a
 * matter of what is at the two ends.
 */
public final class Session implements AutoCloseable {

    /** What a killed recorder loses at most: a fiftieth of a second of an interpreter. */
    static final long CUT_TICKS = 2_000_000;
    private static final long POOL_SLACK_BYTES = 64L << 20;

    private MachineSetup setup;
    private final FramePool pool;
    private final boolean ownsPool;
    private final VirtualMachine vm;
    private final EventMapper mapper;
    private final RunSink sink;
    private final List<StepTrace> traces = new ArrayList<>();
    private final SliceCuts cuts = new SliceCuts();
    private Consumer<GuestEvent> listener = event -> {};
    private boolean booted;
    private CheckpointPlan plan = CheckpointPlan.NONE;
    private Consumer<SessionState> checkpoints = SessionState::close;
    private @Nullable GuestMemory checkpointed;
    private long looked;
    private Position pausesEnd = Position.START;

    /** Makes the door, given the mapper and where to cut. */
    interface Door {
        Environment open(EventMapper mapper, Cuts cuts);
    }

    Session(MachineSetup setup, MachineParts parts, RunSink sink, boolean steps, Door door) {
        this(setup, parts, sink, steps, door, 0);
    }

    /** With more host memory for states that are kept. */
    Session(MachineSetup setup, MachineParts parts, RunSink sink, boolean steps, Door door, long stateBytes) {
        // Twice the guest's memory: a captured state keeps the frames that the guest then copies.
        this(setup, parts, sink, steps, door,
                new FramePool(2 * setup.configuration().allBytes() + POOL_SLACK_BYTES + stateBytes), true);
    }

    /** With frames of a pool that others use, too. */
    Session(MachineSetup setup, MachineParts parts, RunSink sink, boolean steps, Door door, FramePool shared) {
        this(setup, parts, sink, steps, door, shared, false);
    }

    private Session(MachineSetup setup, MachineParts parts, RunSink sink, boolean steps, Door door, FramePool pool,
            boolean ownsPool) {
        this.setup = setup;
        this.ownsPool = ownsPool;
        this.sink = sink;
        this.mapper = new EventMapper(event -> {
            sink.accept(event);
            listener.accept(event);
        });
        this.pool = pool;
        this.vm = new VirtualMachine(setup.configuration(), pool, door.open(mapper, cuts),
                parts.engine(setup.engine()), setup.kernel(parts, mapper), mapper);
        mapper.attach(parts.probes(vm, mapper));
        if (steps) {
            vm.allCores().forEach(core -> {
                StepTrace trace = new StepTrace(core.index(), sink);
                core.cpu().trace = trace;
                traces.add(trace);
            });
        }
    }

    /** A run that nothing is kept of. It is the same run as a recorded one. */
    public static Session live(MachineSetup setup, MachineParts parts, Environment environment,
            OutputListener listener) {
        return new Session(setup, parts, RunSink.NONE, false,
                (mapper, cuts) -> new RecordingEnvironment(environment, mapper, listener, cuts));
    }

    /** The same, with frames of a pool that others use, too. */
    public static Session live(MachineSetup setup, MachineParts parts, Environment environment,
            OutputListener listener, FramePool shared) {
        return new Session(setup, parts, RunSink.NONE, false,
                (mapper, cuts) -> new RecordingEnvironment(environment, mapper, listener, cuts), shared);
    }

    /** The machine. */
    public VirtualMachine vm() {
        return vm;
    }

    /** What it was made from; without the files once they are released. */
    public MachineSetup setup() {
        return setup;
    }

    /** Where it stands: the position the next event would get. */
    public Position position() {
        return mapper.next();
    }

    /** All of it as a value, between two runs. */
    SessionState capture() {
        return new SessionState(vm.capture(), mapper.capture(), cuts.period);
    }

    /** Goes on from a state of a session with the same setup, made with the same pool. Batches of steps begin anew. */
    void restore(SessionState state) {
        booted = true;
        vm.restore(state.machine());
        mapper.restore(state.mapper());
        cuts.period = state.cutPeriod();
        traces.forEach(StepTrace::restart);
    }

    /** Where the frames of the guest come from. */
    FramePool pool() {
        return pool;
    }

    /** Is told every event from now on, on the machine's thread. */
    public void listen(Consumer<GuestEvent> newListener) {
        listener = newListener;
    }

    /** Has somebody told where the sharing of frames ends, which is no event. */
    public void onFrameUnshared(UnsharedFrameListener unshared) {
        mapper.onFrameUnshared(unshared);
    }

    /** Events told so far. */
    public long events() {
        return mapper.events();
    }

    /** Boots, when that has not happened, and runs to the end. */
    public RunResult run() {
        return run(Long.MAX_VALUE);
    }

    /**
     * Boots, and lets go of the boot files: from then on they are in the guest's memory only. Not for a machine that is to be
     * saved, whose twin must know its files.
     *
     * @return bytes of the files that were let go
     */
    public long bootAndReleaseFiles() {
        boot();
        long bytes = setup.files().stream().mapToLong(file -> file.data().length).sum();
        setup = setup.withoutFiles();
        return bytes;
    }

    private void boot() {
        if (!booted) {
            booted = true;
            vm.boot(setup.commandLine(), setup.files());
        }
    }

    /** Boots, when that has not happened, and runs to a tick at most. */
    public RunResult run(long stopTick) {
        boot();
        RunResult result = vm.run(stopTick);
        while (passes(result)) {
            result = vm.run(stopTick);
        }
        return result;
    }

    /** Has pauses of the operator before a position end no run: the recorded run went on after them. */
    void passPausesBefore(Position end) {
        pausesEnd = end;
    }

    /** Whether a run that ended so goes on when it is asked to. */
    boolean passes(RunResult result) {
        return result.kind() == RunResult.Kind.PAUSED && position().compareTo(pausesEnd) < 0;
    }

    /**
     * Runs to the first stop at or after a position: everything before it has happened. The machine stops between
     * instructions and between what happens there; what one entry into the kernel does is not divided.
     */
    public RunResult runTo(Position target) {
        RunResult result = run(target.tick());
        while ((result.kind() == RunResult.Kind.TICK_REACHED || passes(result)) && position().compareTo(target) < 0) {
            result = vm.turn();
        }
        return result;
    }

    /** Runs to a tick at most, reports now and then, and takes checkpoints where they are due. */
    public RunResult run(long stopTick, Consumer<Progress> progress, Function<Session, Long> journalBytes) {
        long reported = vm.tick();
        while (true) {
            long next = Math.min(stopTick, reported + Progress.TICKS);
            RunResult result = run(Math.min(next, plan.next(vm.tick())));
            boolean going = result.kind() == RunResult.Kind.TICK_REACHED;
            if (going) {
                look();
            }
            if (!going || vm.tick() >= next) {
                reported = vm.tick();
                progress.accept(new Progress(reported, mapper.events(), journalBytes.apply(this)));
            }
            if (!going || vm.tick() >= stopTick) {
                return result;
            }
        }
    }

    /** From now on states are taken as a plan says. The taker closes them, but not the last before it has another. */
    void checkpoints(CheckpointPlan when, Consumer<SessionState> taker) {
        plan = when;
        checkpoints = taker;
    }

    /** Between two instructions: takes a checkpoint if one is due. */
    void look() {
        long tick = vm.tick();
        if (tick == 0 || tick < looked || plan.next(tick - 1) != tick) {
            return;
        }
        looked = tick + 1;
        long[] changed = {0};
        vm.memory().forEachChange(checkpointed, (gfn, host) -> changed[0]++);
        if (plan.due(tick, changed[0])) {
            checkpoint();
        }
    }

    /** Takes a checkpoint: batches end here, and a reader of steps can begin here. */
    void checkpoint() {
        checkpoints.accept(divide());
    }

    /** Ends the batches here, so that a reader of steps can begin, and gives the state. */
    SessionState divide() {
        traces.forEach(StepTrace::reset);
        sink.flush();
        SessionState state = capture();
        checkpointed = state.machine().memory();
        return state;
    }

    private final class SliceCuts implements Cuts {
        private long period = -1;

        @Override
        public void waiting() {
            cut();
        }

        @Override
        public void reached(long tick) {
            if (tick / CUT_TICKS != period) {
                period = tick / CUT_TICKS;
                cut();
            }
        }
    }

    /** Ends the step batches here and hands on what was told. Only at points that the run itself determines. */
    void cut() {
        traces.forEach(StepTrace::cut);
        sink.flush();
    }

    /** Releases the guest's memory. */
    @Override
    public void close() {
        vm.close();
        if (ownsPool) {
            pool.close();
        }
    }
}
