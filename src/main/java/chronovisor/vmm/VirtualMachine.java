package chronovisor.vmm;

import chronovisor.cpu.Cpu;
import chronovisor.cpu.Engine;
import chronovisor.cpu.Exit;
import chronovisor.device.Balloon;
import chronovisor.device.CharStream;
import chronovisor.device.DebugPort;
import chronovisor.device.DeviceState;
import chronovisor.environment.Environment;
import chronovisor.environment.Input;
import chronovisor.memory.FramePool;
import chronovisor.memory.GuestAddressException;
import chronovisor.memory.GuestCanonicalFault;
import chronovisor.memory.GuestMemory;
import chronovisor.memory.GuestPageFault;
import chronovisor.memory.Mmu;
import chronovisor.memory.NestedFault;
import chronovisor.memory.OutOfFramesException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A virtual machine: memory, cores, platform, and the loop that runs them. See the package for how it goes and what it
 * promises. All methods belong to the thread that calls {@link #run}.
 */
public final class VirtualMachine implements AutoCloseable {

    private final GuestConfiguration configuration;
    private final GuestMemory memory;
    private final Environment environment;
    private final @Nullable GuestKernel kernel;
    private final Ring0 ring0;
    private final MachineObserver observer;
    private final Platform platform;
    private final List<Core> cores = new ArrayList<>();
    private final Engine engine;
    private final ExitHandler exits;
    private final MemoryExits memoryExits;
    private final Interrupts interrupts;
    private final Hypercalls hypercalls;
    private final Turns turns;
    private final Inlet inlet;
    private final Stops stops = new Stops(this);

    private VmState state = VmState.INVALID;
    private Core current;
    private long idle_ns;
    private long bootTime_ns;
    private long nextPoll;
    private @Nullable RunResult result;
    private @Nullable RunResult stop;

    /**
     * A machine at rest, with empty memory.
     *
     * @param engine
     *            makes the machine's own engine, which all its cores share
     * @param kernel
     *            ring 0 of the guest, or null for a guest that brings its own
     */
    public VirtualMachine(GuestConfiguration configuration, FramePool pool, Environment environment,
            Supplier<Engine> engine, @Nullable GuestKernel kernel, MachineObserver observer) {
        this.configuration = configuration;
        this.environment = environment;
        this.engine = engine.get();
        this.kernel = kernel;
        this.ring0 = kernel == null ? new BareMetal(this) : kernel;
        this.observer = observer;
        this.turns = new Turns(configuration.schedule());
        this.memory = new GuestMemory(pool, configuration.memoryBytes(), configuration.storageBytes());
        this.platform = new Platform(configuration, memory);
        this.inlet = new Inlet(platform, environment);
        CpuidModel cpuid = new CpuidModel(configuration.cpu(), configuration.cores());
        for (int i = 0; i < configuration.cores(); i++) {
            Cpu cpu = new Cpu(i, new Mmu(memory));
            cpu.model = configuration.cpu();
            cpu.stops = stops.addresses();
            cores.add(new Core(this, i, cpu, platform.apics[i]));
        }
        this.current = cores.get(0);
        this.exits = new ExitHandler(this, ring0, cpuid, new DeviceMemory(this, this.engine));
        this.memoryExits = new MemoryExits(this, platform.balloon());
        this.interrupts = new Interrupts(platform, kernel == null);
        this.hypercalls = new Hypercalls(memory, platform.balloon());
        platform.claim(memory);
        memory.onNestedFault((gfn, write) -> nestedFault(current, gfn, write));
        memory.onFrameOwned((gfn, copied) -> observer.frameUnshared(current.index(), gfn, copied));
        platform.streams().forEach((name, stream) -> stream.onOutput(bytes -> environment.output(name, bytes, tick())));
        observer.attached(this);
    }

    // What it is made of.

    public GuestConfiguration configuration() {
        return configuration;
    }

    public GuestMemory memory() {
        return memory;
    }

    public Environment environment() {
        return environment;
    }

    public @Nullable GuestKernel kernel() {
        return kernel;
    }

    /** For those whose effects belong in the same order. */
    public MachineObserver observer() {
        return observer;
    }

    public VmState state() {
        return state;
    }

    public int cores() {
        return cores.size();
    }

    public Core core(int index) {
        return cores.get(index);
    }

    /** The cores, in order. */
    public List<Core> allCores() {
        return Collections.unmodifiableList(cores);
    }

    /** The core that runs, or that ran last. */
    public Core currentCore() {
        return current;
    }

    /** Breakpoints and watchpoints. */
    public Stops stops() {
        return stops;
    }

    /** The devices, told what time it is. */
    Platform platform() {
        platform.advance(time_ns(), wallClock_ns());
        return platform;
    }

    Hypercalls hypercalls() {
        return hypercalls;
    }

    /** What the balloon has and is wanted to have; null when the machine has none. */
    public Balloon.@Nullable State balloon() {
        Balloon balloon = platform.balloon();
        return balloon == null ? null : balloon.capture();
    }

    /**
     * The host's end of a CHAR_STREAM.
     *
     * @throws ConfigurationException
     *             when there is none of this name
     */
    public CharStream stream(String name) {
        return inlet.stream(name);
    }

    /** All streams by name. */
    public SortedMap<String, CharStream> streams() {
        return platform.streams();
    }

    /** The debug ports by device id. */
    public SortedMap<String, DebugPort> debugPorts() {
        return platform.debugPorts();
    }

    // Time.

    /** Instructions retired by all cores, in schedule order. */
    public long tick() {
        Cpu cpu = current.cpu();
        return cpu.tickBase + cpu.retired;
    }

    /** Virtual nanoseconds since power-on: a tick is one, and idle time that was skipped counts. */
    public long time_ns() {
        return tick() + idle_ns;
    }

    /** Unix epoch nanoseconds at power-on. */
    public long bootTime_ns() {
        return bootTime_ns;
    }

    /** Unix epoch nanoseconds now, in the guest's world. */
    public long wallClock_ns() {
        return bootTime_ns + time_ns();
    }

    // Life.

    /**
     * Powers the machine on: loads files into INITRD memory, asks the time, and boots the kernel.
     *
     * @throws ConfigurationException
     *             when they do not fit
     */
    public void boot(String commandLine, List<GuestFile> files) {
        if (state != VmState.INVALID) {
            throw new IllegalStateException("the machine has been booted already");
        }
        bootTime_ns = environment.bootTime_ns();
        try {
            BootInformation information = BootLoader.load(memory, commandLine, files, configuration);
            FirmwareTables.place(memory, configuration, kernel == null);
            become(VmState.RUNNING, "boot");
            ring0.boot(this, information);
        } catch (OutOfFramesException | GuestAddressException e) {
            fail(e);
        }
    }

    /** Runs until the machine stops, whatever that takes. */
    public RunResult run() {
        return run(Long.MAX_VALUE);
    }

    /**
     * Runs until the machine stops or so many instructions have retired, exactly. Stopping at a tick and going on changes nothing; so it does
     * at a breakpoint or watchpoint. What happens at the stop tick before the next instruction, such as the system call that made the tick,
     * has happened; what comes at a slice boundary that falls on it has not.
     */
    public RunResult run(long stopTick) {
        return run(stopTick, false);
    }

    /**
     * Goes on by the least that is possible: a slice boundary, an interrupt, an exit, or an instruction. The result says that
     * a tick is reached, unless the machine has stopped.
     */
    public RunResult turn() {
        return run(tick() + 1, true);
    }

    private RunResult run(long stopTick, boolean once) {
        // Where nothing is to be run nothing happens, so a paused machine that has been restored stays paused.
        if (state == VmState.PAUSED && tick() < stopTick) {
            become(VmState.RUNNING, "continued");
            result = null;
        }
        if (state == VmState.INVALID) {
            throw new IllegalStateException("the machine has not been booted");
        }
        if (state == VmState.PAUSED) {
            return new RunResult(RunResult.Kind.TICK_REACHED, 0, "tick " + tick());
        }
        if (result == null && state != VmState.RUNNING) {
            // It was restored from bytes, which do not tell why.
            result = new RunResult(RunResult.Kind.ERROR, 255, "the machine has stopped before");
        }
        try {
            while (result == null) {
                RunResult stopped = stop;
                if (stopped != null) {
                    stop = null;
                    return stopped;
                }
                if (tick() >= stopTick) {
                    return new RunResult(RunResult.Kind.TICK_REACHED, 0, "tick " + tick());
                }
                step(stopTick);
                if (once && result == null && stop == null) {
                    return new RunResult(RunResult.Kind.TICK_REACHED, 0, "tick " + tick());
                }
            }
        } catch (OutOfFramesException | GuestAddressException e) {
            fail(e);
        }
        return Objects.requireNonNull(result, "the run loop ended without a result");
    }

    /** One turn: a slice boundary if it is time, interrupts, then the guest or idleness. */
    private void step(long stopTick) {
        if (tick() >= nextPoll) {
            nextPoll = turns.sliceEnd(tick());
            poll();
            preempt();
            nextCore();
            return;
        }
        Core core = current;
        core.apic().advance(time_ns());
        platform.advance(time_ns(), wallClock_ns());
        if (inject(core)) {
            return;
        }
        if (idle(core)) {
            if (!nextCore()) {
                waitForSomething();
            }
            return;
        }
        long until = Math.min(nextPoll, stopTick);
        long deadline_ns = Math.min(core.apic().deadline_ns(), platform.timer_ns());
        // Never is later than anything.
        until = Math.min(until, Math.max(tick() + 1, deadline_ns - idle_ns));
        stops.settle();
        int exit = engine.run(core.cpu(), until - tick());
        try {
            switch (exit) {
                case Exit.BREAKPOINT -> stop(stops.breakpoint(core));
                case Exit.WATCHPOINT -> passWatch(core);
                default -> exits.handle(core, exit);
            }
        } catch (GuestPageFault | GuestCanonicalFault | NestedFault e) {
            throw new IllegalStateException("a fault of the guest was raised outside it, at " + ExitHandler.where(core),
                    e);
        }
    }

    /** The instruction at RIP is about to access watched memory: executes it, and tells. */
    void passWatch(Core core) {
        stops.pass(core, () -> exits.handle(core, engine.run(core.cpu(), 1)));
    }

    /** The run ends before the next instruction; with null it goes on. */
    void stop(@Nullable RunResult why) {
        if (why != null && stop == null) {
            stop = why;
        }
    }

    /** In chaos, threads that share a core race as well: the kernel is told to let another one run. */
    private void preempt() {
        if (turns.chaotic() && kernel != null && kernel.rescheduleVector() >= 0 && result == null) {
            current.apic().request(kernel.rescheduleVector());
        }
    }

    /** Gives the turn to the next core that is not idle, or in chaos to any such; false when all are idle. */
    private boolean nextCore() {
        Core next = turns.next(cores, current, this::isBusy);
        if (next == null) {
            return false;
        }
        long tick = tick();
        if (next != current) {
            stops.turnEnds(current);
        }
        current = next;
        next.cpu().tickBase = tick - next.cpu().retired;
        next.cpu().tscOffset = idle_ns;
        return true;
    }

    private boolean isBusy(Core core) {
        // The timer of a core that is not run goes on; an idle one would not be found otherwise.
        core.apic().advance(time_ns());
        return !idle(core) || interrupts.deliverable(core, true) != Interrupts.Source.NONE;
    }

    /**
     * What the schedule chooses of so many that are equal to the kernel: the first by round robin, any in chaos.
     *
     * @return a number from 0 to {@code count} - 1
     */
    public int choose(int count) {
        return turns.among(count);
    }

    /** Whether all cores wait for an interrupt. */
    public boolean isIdle() {
        return cores.stream().allMatch(this::idle);
    }

    private boolean idle(Core core) {
        return ring0.idle(core);
    }

    private boolean inject(Core core) {
        Interrupts.Source source = interrupts.deliverable(core, idle(core));
        if (source == Interrupts.Source.NONE) {
            return false;
        }
        if (source == Interrupts.Source.START) {
            ring0.start(core);
            return true;
        }
        int vector = interrupts.acknowledge(core, source);
        core.halted = false;
        observer.interrupt(core.index(), vector);
        ring0.interrupt(core, vector);
        return true;
    }

    /** Every core is idle: takes what input there is, else skips to the next timer deadline, else waits for input. */
    private void waitForSomething() {
        if (ring0.isOver()) {
            shutdown(0, "every core has halted with interrupts disabled");
            return;
        }
        if (poll()) {
            return;
        }
        long before_ns = idle_ns;
        boolean awake = TimerWait.until(platform, this::time_ns, this::skip,
                () -> cores.stream().anyMatch(this::isBusy));
        tell(current, new VmExit.HltExit(idle_ns - before_ns));
        if (awake) {
            return;
        }
        environment.reached(tick());
        Input input = environment.await();
        if (input != null) {
            accept(input);
        } else {
            become(VmState.STOPPED, "idle for ever");
            result = new RunResult(RunResult.Kind.IDLE_FOREVER, 255,
                    "every core is idle, " + TimerWait.none(platform) + " and no input will ever come");
        }
    }

    private void skip(long ns) {
        idle_ns += ns;
        cores.forEach(core -> core.cpu().tscOffset = idle_ns);
        cores.forEach(core -> core.apic().advance(time_ns()));
        platform.advance(time_ns(), wallClock_ns());
    }

    // Inputs.

    private boolean poll() {
        environment.reached(tick());
        boolean any = false;
        while (result == null) {
            Input input = inlet.poll();
            if (input == null) {
                break;
            }
            any = true;
            accept(input);
        }
        return any;
    }

    private void accept(Input input) {
        observer.input(input);
        switch (input) {
            case Input.StreamBytes(String name, byte[] bytes) -> inlet.bytes(name, bytes);
            case Input.StreamEnd(String name) -> inlet.end(name);
            case Input.OperatorCommand(String command) -> command(command);
        }
    }

    private void command(String command) {
        switch (command) {
            case "pause" -> {
                become(VmState.PAUSED, "operator");
                result = new RunResult(RunResult.Kind.PAUSED, 0, "paused by the operator");
            }
            case "stop" -> shutdown(255, "stopped by the operator");
            default -> {
                if (platform.command(command)) {
                    return;
                }
                if (kernel != null) {
                    kernel.command(command);
                }
            }
        }
    }

    // Ends.

    /** Ends the machine when the current exit is done. */
    public void shutdown(int status, String reason) {
        if (result == null) {
            tell(current, new VmExit.Shutdown(reason, status));
            become(VmState.STOPPED, reason);
            result = new RunResult(RunResult.Kind.SHUTDOWN, status, reason);
        }
    }

    /** Stops the machine because it was asked for what it cannot do. */
    public void unsupported(Core core, String what) {
        if (result == null) {
            tell(core, new VmExit.Unsupported(what));
            become(VmState.ERROR, what);
            result = new RunResult(RunResult.Kind.UNSUPPORTED, 255, "not supported: " + what);
        }
    }

    /** Stops the machine because a core has shut down. */
    void tripleFault(Core core) {
        String why = "triple fault at " + ExitHandler.where(core);
        tell(core, new VmExit.Shutdown(why, 255));
        failed(why);
    }

    /** Stops the machine because its built-in kernel has failed. */
    public void failed(String why) {
        if (result == null) {
            become(VmState.ERROR, why);
            result = new RunResult(RunResult.Kind.ERROR, 255, why);
        }
    }

    private void fail(RuntimeException e) {
        String why = String.valueOf(e.getMessage()) + ", at " + ExitHandler.where(current);
        become(VmState.ERROR, why);
        result = new RunResult(RunResult.Kind.ERROR, 255, why);
    }

    private void become(VmState next, String why) {
        VmState from = state;
        state = next;
        observer.state(from, next, why);
    }

    // Exits that are not instructions.

    void tell(Core core, VmExit exit) {
        observer.exit(core.index(), exit);
    }

    /** Makes a guest frame readable or writable. */
    void nestedFault(Core core, long gfn, boolean write) {
        memoryExits.nestedFault(core, gfn, write);
    }

    // State as a value.

    /** The devices' states by name. */
    public SortedMap<String, DeviceState> captureDevices() {
        SortedMap<String, DeviceState> states = platform.capture();
        cores.forEach(core -> core.capture(states));
        return states;
    }

    /** The whole machine as an immutable value that shares its frames. */
    public MachineState capture() {
        return new MachineState(memory.fork(), cores.stream().map(core -> core.cpu().capture()).toList(),
                captureDevices(), kernel == null ? null : kernel.state(), kernel == null ? null : kernel.form(),
                progress(), result);
    }

    private MachineState.Progress progress() {
        int halted = 0;
        for (Core core : cores) {
            halted |= core.halted ? 1 << core.index() : 0;
        }
        return new MachineState.Progress(state, tick(), idle_ns, bootTime_ns, nextPoll, current.index(), halted,
                turns.drawn());
    }

    /** Becomes the machine that was captured; it must have the same configuration and kernel kind. */
    public void restore(MachineState saved) {
        memory.restore(saved.memory());
        platform.restore(saved.devices());
        for (Core core : cores) {
            core.cpu().restore(saved.cpus().get(core.index()));
            core.restore(saved.devices());
            core.halted = (saved.progress().halted() >>> core.index() & 1) != 0;
        }
        MachineState.Progress progress = saved.progress();
        current = cores.get(progress.core());
        cores.forEach(core -> core.cpu().tickBase = progress.tick() - core.cpu().retired);
        idle_ns = progress.idle_ns();
        bootTime_ns = progress.bootTime_ns();
        nextPoll = progress.nextPoll();
        turns.restore(progress.drawn());
        state = progress.state();
        result = saved.result();
        stop = null;
        inlet.restart();
        if (kernel != null && saved.kernel() != null) {
            kernel.restore(saved.kernel());
        }
    }

    /** SHA-256 over all architectural state: progress, processors, devices, kernel, memory contents. */
    public byte[] digest() {
        try (MachineState now = capture()) {
            return now.digest();
        }
    }

    /** Releases the guest's memory. */
    @Override
    public void close() {
        memory.close();
    }
}
