package chronovisor.vmm;

import chronovisor.cpu.StopAddresses;
import chronovisor.memory.GuestMemory;
import chronovisor.memory.MemoryWatch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where a machine's run is stopped, or only looked at, from outside: before the instruction at a linear address, and after accesses to
 * memory. Debuggers and probes share it. Nothing here is part of the machine's state or seen by the guest: a run with stops retires the same
 * instructions at the same ticks and tells the same events as one without.
 *
 * <p>Belongs to the machine's thread. Registering and closing is allowed between runs and from within a handler.
 */
public final class Stops {

    /** Is asked before an instruction. */
    @FunctionalInterface
    public interface Breakpoint {
        /**
         * The core is about to execute the instruction at its RIP.
         *
         * @return whether the run ends here
         */
        boolean reached(Core core);
    }

    /** Is told after an access. */
    @FunctionalInterface
    public interface Watchpoint {
        /**
         * Memory has been accessed. A processor's access is told when its instruction has retired or faulted later on: RIP and tick are after
         * it. A kernel's or device's write is told as it happens.
         *
         * @param core
         *            that accessed, or that ran when a device did
         * @param gpa
         *            guest-physical address of the first byte, not necessarily within the watched range
         * @return whether the run ends here
         */
        boolean accessed(Core core, long gpa, int bytes, boolean write);
    }

    /** Ends what was registered. Closing twice does nothing. */
    @FunctionalInterface
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    private record Hit(Watchpoint watchpoint, long gpa, int bytes, boolean write) {}

    private final VirtualMachine vm;
    private final StopAddresses addresses = new StopAddresses();
    private final SortedMap<Long, List<Breakpoint>> breakpoints = new TreeMap<>();
    private final List<Hit> hits = new ArrayList<>();
    private final ArrayDeque<Runnable> soon = new ArrayDeque<>();
    private final List<Consumer<Core>> turnEnds = new ArrayList<>();
    private boolean passing;
    private boolean changed;
    private long accessRip;
    private long accessTick = -1;

    Stops(VirtualMachine vm) {
        this.vm = vm;
    }

    StopAddresses addresses() {
        return addresses;
    }

    /** Asks {@code handler} before each instruction at a linear address, in whatever address space: it looks at CR3 if it cares. */
    public Registration breakAt(long address, Breakpoint handler) {
        // One object a registration, so that each ends by itself.
        Breakpoint entry = core -> handler.reached(core);
        breakpoints.computeIfAbsent(address, a -> new ArrayList<>()).add(entry);
        changed = true;
        return () -> {
            List<Breakpoint> there = breakpoints.get(address);
            if (there != null && there.remove(entry)) {
                if (there.isEmpty()) {
                    breakpoints.remove(address);
                }
                changed = true;
            }
        };
    }

    /** Tells {@code handler} of writes to guest-physical memory, and with {@code reads} of loads by processors too. */
    public Registration watch(long gpa, long bytes, boolean reads, Watchpoint handler) {
        GuestMemory memory = vm.memory();
        MemoryWatch watch = (at, length, write) -> accessed(handler, at, length, write);
        memory.watch(gpa, bytes, reads, watch);
        return () -> memory.unwatch(watch);
    }

    /**
     * The same for linear memory of one address space, wherever its pages are mapped to, now and later. A range that is mapped anew with
     * other contents is told as written.
     *
     * @param root
     *            CR3 of the address space
     */
    public Registration watchLinear(long root, long address, int bytes, boolean reads, Watchpoint handler) {
        return new LinearWatch(vm, root, address, bytes, reads, handler);
    }

    /** Ends the run before the next instruction, when what is happening now is done. For those who are told of effects. */
    public void stop(String why) {
        vm.stop(new RunResult(RunResult.Kind.BREAKPOINT, 0, why));
    }

    /** Does something before the guest runs next, when the kernel and the devices are done with what is happening now. */
    public void soon(Runnable work) {
        soon.add(work);
    }

    /** Is told when a core has had its turn: another one is the next to run. */
    public Registration atTurnEnd(Consumer<Core> handler) {
        turnEnds.add(handler);
        return () -> turnEnds.remove(handler);
    }

    void turnEnds(Core core) {
        turnEnds.forEach(handler -> handler.accept(core));
    }

    /** For a watchpoint that is being told: where the instruction is that accessed; 0 when no instruction did. */
    public long accessRip() {
        return accessRip;
    }

    /** For a watchpoint that is being told: the tick before the instruction that accessed, or now when no instruction did. */
    public long accessTick() {
        return accessTick < 0 ? vm.tick() : accessTick;
    }

    /** Before the guest runs: does what was put off, and lets the engine see what has been registered since. */
    void settle() {
        for (Runnable work = soon.poll(); work != null; work = soon.poll()) {
            work.run();
        }
        if (changed) {
            changed = false;
            addresses.set(breakpoints.keySet());
        }
    }

    /** A core is at a stop address; null when the run goes on. */
    @Nullable
    RunResult breakpoint(Core core) {
        boolean stop = false;
        for (Breakpoint b : List.copyOf(breakpoints.getOrDefault(core.cpu().rip, List.of()))) {
            stop |= b.reached(core);
        }
        return stop
                ? new RunResult(RunResult.Kind.BREAKPOINT, 0, "breakpoint at " + ExitHandler.where(core))
                : null;
    }

    /** Lets one instruction, or what completes it, access watched memory, and tells the watchpoints afterwards. */
    void pass(Core core, Runnable instruction) {
        passing = true;
        long rip = core.cpu().rip;
        long tick = vm.tick();
        vm.memory().passWatches(true);
        try {
            instruction.run();
        } finally {
            vm.memory().passWatches(false);
            passing = false;
        }
        List<Hit> all = List.copyOf(hits);
        hits.clear();
        accessRip = rip;
        accessTick = tick;
        for (Hit hit : all) {
            deliver(core, hit);
        }
        accessRip = 0;
        accessTick = -1;
    }

    /** A watchpoint's range has other contents, not by an access to it. */
    void told(Watchpoint watchpoint, long gpa, int bytes) {
        accessed(watchpoint, gpa, bytes, true);
    }

    private void accessed(Watchpoint watchpoint, long gpa, int bytes, boolean write) {
        Hit hit = new Hit(watchpoint, gpa, bytes, write);
        if (passing) {
            hits.add(hit);
        } else {
            deliver(vm.currentCore(), hit);
        }
    }

    private void deliver(Core core, Hit hit) {
        if (hit.watchpoint.accessed(core, hit.gpa, hit.bytes, hit.write)) {
            vm.stop(new RunResult(RunResult.Kind.WATCHPOINT, 0, (hit.write ? "write to" : "load from")
                    + " guest-physical 0x" + Long.toHexString(hit.gpa) + " before " + ExitHandler.where(core)));
        }
    }
}
