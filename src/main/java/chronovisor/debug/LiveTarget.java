package chronovisor.debug;

import chronovisor.cpu.Cpu;
import chronovisor.cpu.ExtendedState;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.KittenEvent;
import chronovisor.journal.Position;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.task.Registers;
import chronovisor.kitten.task.SignalInfo;
import chronovisor.memory.PageTables;
import chronovisor.replay.Session;
import chronovisor.timeline.View;
import chronovisor.vmm.Core;
import chronovisor.vmm.RunResult;
import chronovisor.vmm.Stops;
import chronovisor.vmm.VirtualMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A machine that runs now. It goes forward only; a signal is reported when its handler is about to run, and one that kills when it
 * has. Where the run is recorded nothing may be changed, as a replay could not know of it.
 */
final class LiveTarget implements Target {

    /** How far it goes before it looks whether it is interrupted: a fraction of a second of an interpreter. */
    private static final long PART_TICKS = 8 << 20;
    private static final long PAGE = 4096;
    /** Bits of RFLAGS that a program may change: CF PF AF ZF SF TF DF OF AC ID. */
    private static final long USER_FLAGS = 0x24_0DD5;

    private final Session session;
    private final VirtualMachine vm;
    private final DebugDoor door;
    private final boolean recorded;
    private final Inferior inferior;
    private final List<Stops.Registration> registered = new ArrayList<>();
    private Set<Place> places = Set.of();
    private CaughtSyscalls syscalls = CaughtSyscalls.NONE;
    private Plan plan = new Plan(Plan.Way.CONTINUE, -1, 0, 0, Set.of());
    private @Nullable Client client;
    private @Nullable Halt met;
    private @Nullable RunResult ended;
    private KittenEvent.@Nullable TaskExited exit;
    private Position begun = Position.START;

    /**
     * Boots the machine of a session.
     *
     * @param door
     *            the session's environment, or what it passes on to
     * @param recorded
     *            whether there is a journal of it
     */
    LiveTarget(Session session, DebugDoor door, boolean recorded) {
        this.session = session;
        this.vm = session.vm();
        this.door = door;
        this.recorded = recorded;
        this.inferior = new Inferior(() -> View.of(vm));
        RunResult booted = session.run(0);
        this.ended = isOver(booted) ? booted : null;
        session.listen(this::happened);
        door.whileWaiting(this::waits);
    }

    private static boolean isOver(RunResult result) {
        return switch (result.kind()) {
            case TICK_REACHED, BREAKPOINT, WATCHPOINT -> false;
            case SHUTDOWN, PAUSED, IDLE_FOREVER, UNSUPPORTED, ERROR -> true;
        };
    }

    @Override
    public View view() {
        return View.of(vm);
    }

    @Override
    public Position position() {
        return session.position();
    }

    @Override
    public Inferior inferior() {
        return inferior;
    }

    @Override
    public boolean reverses() {
        return false;
    }

    @Override
    public void places(Set<Place> wanted, CaughtSyscalls caught) {
        places = Set.copyOf(wanted);
        syscalls = caught;
    }

    private int current() {
        return inferior.threadOn(vm.currentCore().index());
    }

    // Going on.

    @Override
    public Halt resume(Plan wanted, Client asking) throws Refused {
        if (wanted.way() == Plan.Way.REVERSE_CONTINUE || wanted.way() == Plan.Way.REVERSE_STEP) {
            throw new Refused("a live machine goes forward only; record it, and use 'chronovisor gdb'");
        }
        plan = wanted;
        client = asking;
        begun = position();
        register();
        try {
            return go(asking);
        } finally {
            lift();
            client = null;
        }
    }

    private Halt go(Client asking) {
        met = null;
        boolean retired = false;
        int turns = 0;
        RunResult over = ended;
        while (over == null) {
            int thread = plan.task();
            boolean steps = plan.way() != Plan.Way.CONTINUE && inferior.registers(thread).isPresent();
            long tick = vm.tick();
            boolean runs = steps && inferior.coreOf(thread) == vm.currentCore().index();
            long rip = vm.currentCore().cpu().rip;
            RunResult result = steps ? vm.turn() : session.run(tick + PART_TICKS, progress -> {}, asked -> 0L);
            Halt halt = met;
            if (halt != null) {
                return halt;
            }
            if (isOver(result)) {
                over = result;
            } else if (steps) {
                int core = inferior.coreOf(thread);
                boolean entered = runs && vm.tick() == tick && core >= 0 && vm.core(core).cpu().rip != rip;
                retired |= runs && vm.tick() != tick;
                if (entered || retired && core >= 0) {
                    retired = false;
                    if (entered || stepsOut(thread)) {
                        return new Halt.Stepped(thread);
                    }
                }
            }
            // The look costs something, so a machine that is stepped is not asked at every turn.
            if (over == null && (!steps || ++turns % 1024 == 0) && client != null && asking.interrupted()) {
                return new Halt.Interrupted(current());
            }
        }
        ended = over;
        return exited(over);
    }

    private boolean stepsOut(int thread) {
        long rip = inferior.rip(thread);
        return plan.way() == Plan.Way.STEP || Long.compareUnsigned(rip, plan.from()) < 0
                || Long.compareUnsigned(rip, plan.to()) >= 0;
    }

    private Halt exited(RunResult result) {
        KittenEvent.TaskExited last = exit;
        int signal = last == null ? 0 : last.signal();
        return new Halt.Exited(-1, result.status(), signal, "The machine has stopped: " + result.reason() + ".");
    }

    /** The machine waits for input, and the client may not want to. */
    private void waits() {
        Client asking = client;
        if (asking == null || !asking.interrupted()) {
            return;
        }
        Optional<Plan> next = asking.pause(new Halt.Interrupted(current()));
        lift();
        if (next.isPresent()) {
            plan = next.get();
            begun = position();
            register();
            // The run that waits was begun with another plan.
            vm.stops().stop("resumed");
        } else {
            // Nobody looks any more.
            client = null;
            plan = new Plan(Plan.Way.CONTINUE, -1, 0, 0, Set.of());
            syscalls = CaughtSyscalls.NONE;
        }
    }

    // What is met.

    private void register() {
        Long root = inferior.root().orElse(null);
        Core beginner = vm.currentCore();
        for (Place place : places) {
            switch (place) {
                case Place.Code code -> registered.add(vm.stops().breakAt(code.address(),
                        core -> reached(code, core, beginner)));
                case Place.Data data -> {
                    if (root != null) {
                        registered.add(vm.stops().watchLinear(root, data.address(), data.bytes(),
                                data.kind() != Place.Kind.WRITE,
                                (core, gpa, bytes, write) -> accessed(data, core, write)));
                    }
                }
            }
        }
    }

    private void lift() {
        registered.forEach(Stops.Registration::close);
        registered.clear();
    }

    private boolean reached(Place.Code code, Core core, Core beginner) {
        int thread = inferior.threadOn(core.index());
        // Going on from an instruction does not stop at it at once.
        boolean standing = core == beginner && position().equals(begun);
        if (standing || !inferior.runsProgram(thread)) {
            return false;
        }
        meet(new Halt.Breakpoint(thread, code.hardware()));
        return true;
    }

    private boolean accessed(Place.Data data, Core core, boolean write) {
        if (!data.counts(write)) {
            return false;
        }
        meet(new Halt.Watch(inferior.threadOn(core.index()), data));
        return true;
    }

    private void meet(Halt halt) {
        met = met == null ? halt : met;
    }

    private void happened(GuestEvent event) {
        switch (event) {
            case KittenEvent.TaskExited exited -> {
                if (inferior.owns(exited.task())) {
                    exit = exited;
                }
            }
            case KittenEvent.SignalDelivered signal -> {
                boolean reported = client != null && signal.handler() != 0 && signal.signal() != Signals.SIGKILL
                        && !plan.passed().contains(GdbSignals.ofLinux(signal.signal()))
                        && inferior.owns(signal.task());
                if (reported) {
                    stop(new Halt.Signal(signal.task(), SignalInfo.kernel(signal.signal())));
                }
            }
            case KittenEvent.SyscallEntered entered -> {
                if (syscalls.contains(entered.number()) && inferior.owns(entered.task())) {
                    stop(new Halt.Syscall(entered.task(), entered.number(), false));
                }
            }
            case KittenEvent.SyscallReturned returned -> {
                if (syscalls.contains(returned.number()) && inferior.owns(returned.task())) {
                    stop(new Halt.Syscall(returned.task(), returned.number(), true));
                }
            }
            case GuestEvent other -> {
                // Nothing to report.
            }
        }
    }

    private void stop(Halt halt) {
        meet(halt);
        vm.stops().stop(halt.toString());
    }

    // Changing things.

    private void requireChangeable() throws Refused {
        if (recorded) {
            throw new Refused(
                    "the run is recorded: a change from outside could not be replayed; use exec --no-journal");
        }
    }

    @Override
    public void write(int task, long address, byte[] bytes) throws Refused {
        requireChangeable();
        long root = view().rootOf(task).or(inferior::root).orElseThrow(() -> new Refused("no memory"));
        List<Long> places = new ArrayList<>();
        for (long at = address & -PAGE; at - address < bytes.length; at += PAGE) {
            PageTables.Walk walk = view().walk(root, at);
            if (!walk.present() || (walk.entry() & PageTables.WRITABLE) == 0) {
                throw new Refused("0x" + Long.toHexString(at) + " is not mapped writable");
            }
            places.add(walk.physical(at));
        }
        for (int done = 0; done < bytes.length;) {
            long at = address + done;
            int part = (int) Math.min(bytes.length - done, PAGE - (at & PAGE - 1));
            long physical = places.get((int) (((at & -PAGE) - (address & -PAGE)) / PAGE)) + (at & PAGE - 1);
            vm.memory().write(physical, bytes, done, part);
            done += part;
        }
    }

    @Override
    public void write(int task, RegisterFile registers) throws Refused {
        requireChangeable();
        int core = inferior.coreOf(task);
        if (core < 0) {
            throw new Refused("task " + task + " is not on a core");
        }
        Cpu cpu = vm.core(core).cpu();
        Registers changed = registers.over(view().registersOn(core));
        if (Long.compareUnsigned(changed.rip(), AddressSpace.USER_END) >= 0) {
            throw new Refused("rip 0x" + Long.toHexString(changed.rip()) + " is no address of a program");
        }
        long[] general = changed.general();
        System.arraycopy(general, 0, cpu.gpr, 0, general.length);
        cpu.rip = changed.rip();
        cpu.rflags(cpu.rflags() & ~USER_FLAGS | changed.rflags() & USER_FLAGS);
        cpu.fsBase = changed.fsBase();
        cpu.gsBase = changed.gsBase();
        ExtendedState.load(cpu, changed.fpu());
    }

    @Override
    public String command(String name, String argument) throws Refused {
        throw new Refused("unknown command '" + name + "' on a live machine; 'monitor help' lists them");
    }

    @Override
    public String help() {
        return "";
    }

    @Override
    public void kill() {
        door.stopMachine();
    }

    /** Runs to the end without a client. */
    RunResult finish() {
        RunResult over = ended;
        while (over == null) {
            RunResult result = session.run(Long.MAX_VALUE, progress -> {}, asked -> 0L);
            over = isOver(result) ? result : null;
        }
        ended = over;
        return over;
    }

    @Override
    public void close() {
        // The session is whoever's it was.
        lift();
        session.listen(event -> {});
        door.whileWaiting(() -> {});
    }
}
