package chronovisor.analysis.probe;

import chronovisor.cpu.Cpu;
import chronovisor.journal.Blob;
import chronovisor.journal.GuestEvent;
import chronovisor.journal.KittenEvent;
import chronovisor.kitten.memory.AddressSpace;
import chronovisor.kitten.memory.Protection;
import chronovisor.kitten.memory.Region;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;
import chronovisor.memory.PageTables;
import chronovisor.timeline.Symbols;
import chronovisor.timeline.View;
import chronovisor.vmm.Core;
import chronovisor.vmm.Stops;
import chronovisor.vmm.VirtualMachine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts stops on a machine where probes are in its programs, and tells what they see. It has to be told the machine's events.
 *
 * <p>
 * A stop is before an instruction, and whether that instruction is executed then is not known: an interrupt may come, and another task
 * run. So what is seen at a stop waits until its core has retired one more, and is dropped when the core has got another task or
 * signal handler before.
 */
final class ProbeWatcher implements AutoCloseable {

    private static final int NO_TASK = -1;

    /** What waits for its instruction to retire. */
    private record Pending(ProbeHit.Reached hit, long retired) {}

    /** What is registered for an address space. */
    private record Watched(long root, List<Stops.Registration> registrations) {}

    private final VirtualMachine vm;
    private final View view;
    private final List<ProbeSpec> specs;
    private final Consumer<ProbeHit> sink;
    private final @Nullable Pending[] pending;
    private final Map<String, ProbeSites> known = new HashMap<>();
    private final Map<Integer, ProbeSites> byProcess = new HashMap<>();
    private final Map<Long, Stops.Registration> breaks = new TreeMap<>();
    private final Set<Long> returns;
    private final Map<Long, Watched> watched = new TreeMap<>();
    private final Stops.Registration turns;
    private boolean looking;

    /**
     * Puts probes on a machine.
     *
     * @param returns
     *            addresses that calls return to, as far as they are known; more are added as they are found
     */
    ProbeWatcher(VirtualMachine vm, List<ProbeSpec> specs, Set<Long> returns, Consumer<ProbeHit> sink) {
        this.vm = vm;
        this.view = View.of(vm);
        this.specs = specs;
        this.returns = returns;
        this.sink = sink;
        this.pending = new Pending[vm.cores()];
        this.turns = vm.stops().atTurnEnd(this::settle);
        vm.allCores().forEach(core -> core.cpu().forgetStop());
        returns.forEach(this::breakAt);
        lookSoon();
    }

    /** The machine has told an event. */
    void event(GuestEvent event) {
        if (event instanceof KittenEvent kernel) {
            switch (kernel) {
                case KittenEvent.TaskSwitched switched -> moved(switched.core());
                case KittenEvent.SignalDelivered delivered -> moved(delivered.core());
                case KittenEvent.TaskStarted _ -> lookSoon();
                case KittenEvent.ProgramLoaded loaded -> {
                    gone(loaded.core(), loaded.task());
                    lookSoon();
                }
                case KittenEvent.RegionChanged changed -> {
                    if ((changed.protection() & Protection.EXECUTE) != 0) {
                        lookSoon();
                    }
                }
                case KittenEvent.TaskExited exited -> {
                    gone(exited.core(), exited.task());
                    lookSoon();
                }
                case KittenEvent.SyscallEntered _,KittenEvent.SyscallReturned _,KittenEvent.TaskBlocked _,KittenEvent.TaskWoken _,KittenEvent.PageFaulted _,KittenEvent.SignalSent _,KittenEvent.MessagePrinted _,KittenEvent.ConsoleInputArrived _,KittenEvent.ConsoleWritten _,KittenEvent.ConsoleRead _,KittenEvent.PipeCreated _,KittenEvent.PipeWritten _,KittenEvent.PipeRead _,KittenEvent.FileOpened _,KittenEvent.FileClosed _ -> {
                    // Nothing of programs or of who runs.
                }
            }
        }
    }

    /** What a core was about to execute, it does not: it has got another task, or a handler. */
    private void moved(int core) {
        settle(vm.core(core));
        pending[core] = null;
        vm.core(core).cpu().forgetStop();
    }

    private void gone(int core, int task) {
        settle(vm.core(core));
        sink.accept(new ProbeHit.Gone(task));
    }

    /** Tells what waits on a core if its instruction has retired. */
    private void settle(Core core) {
        Pending waiting = pending[core.index()];
        Cpu cpu = core.cpu();
        if (waiting != null && cpu.retired > waiting.retired) {
            pending[core.index()] = null;
            ProbeHit.Reached hit = waiting.hit;
            sink.accept(new ProbeHit.Reached(cpu.tickBase + waiting.retired, hit.core(), hit.task(), hit.address(),
                    hit.function(), hit.entry(), hit.exit(), hit.registers()));
        }
    }

    /** Tells what has retired up to here. */
    void settleAll() {
        vm.allCores().forEach(this::settle);
    }

    // Where probes are.

    private void lookSoon() {
        if (!looking) {
            looking = true;
            vm.stops().soon(this::look);
        }
    }

    /** Looks at all programs as they are now, which the kernel is done with. */
    private void look() {
        looking = false;
        byProcess.clear();
        Map<Long, List<ProbeSites.Range>> wanted = new TreeMap<>();
        for (Task task : view.tasks()) {
            UserProcess process = view.process(task.id()).orElse(null);
            AddressSpace space = view.space(task.id()).orElse(null);
            if (process != null && space != null && !byProcess.containsKey(process.id())) {
                ProbeSites sites = known.computeIfAbsent(key(process, space),
                        _ -> new ProbeSites(specs, Symbols.of(view, task.id())));
                byProcess.put(process.id(), sites);
                sites.addresses().forEach(this::breakAt);
                wanted.putIfAbsent(space.root(), sites.ranges());
            }
        }
        watch(wanted);
    }

    /** Two programs with the same key have the same files at the same places. */
    private static String key(UserProcess process, AddressSpace space) {
        StringBuilder key = new StringBuilder().append(process.programInode());
        for (Region region : space.regions().values()) {
            if ((region.protection() & Protection.EXECUTE) != 0) {
                key.append(' ').append(region.inode()).append('@').append(region.start()).append('+')
                        .append(region.offset());
            }
        }
        return key.toString();
    }

    private void watch(Map<Long, List<ProbeSites.Range>> wanted) {
        watched.values().removeIf(space -> {
            boolean over = !wanted.containsKey(space.root);
            if (over) {
                space.registrations.forEach(Stops.Registration::close);
            }
            return over;
        });
        wanted.forEach((root, ranges) -> watched.computeIfAbsent(root, _ -> {
            List<Stops.Registration> registrations = new ArrayList<>();
            for (ProbeSites.Range range : ranges) {
                registrations.add(vm.stops().watchLinear(root, range.start(), range.bytes(), range.reads(),
                        (core, gpa, bytes, write) -> accessed(core, root, range, gpa, bytes, write)));
            }
            return new Watched(root, registrations);
        }));
    }

    private void breakAt(long address) {
        breaks.computeIfAbsent(address, _ -> vm.stops().breakAt(address, core -> {
            reached(core);
            return false;
        }));
    }

    // What they see.

    private int task(Core core) {
        return view.taskOn(core.index());
    }

    private void reached(Core core) {
        settle(core);
        int task = task(core);
        if (task == NO_TASK) {
            return;
        }
        Cpu cpu = core.cpu();
        ProbeSites sites = view.process(task).map(process -> byProcess.get(process.id())).orElse(null);
        ProbeSites.Site site = sites == null ? null : sites.at(cpu.rip);
        if (site == null && !returns.contains(cpu.rip)) {
            return;
        }
        long[] gpr = cpu.gpr;
        long back = view.word(cpu.cr3 & PageTables.ADDRESS, gpr[4]).orElse(0L);
        if (site != null && site.exit() && back != 0 && returns.add(back)) {
            breakAt(back);
        }
        ProbeHit.Registers registers = new ProbeHit.Registers(gpr[7], gpr[6], gpr[2], gpr[1], gpr[8], gpr[9], gpr[0],
                gpr[4], back);
        pending[core.index()] = new Pending(new ProbeHit.Reached(0, core.index(), task, cpu.rip,
                site == null ? "" : site.name(), site != null && site.entry(), site != null && site.exit(), registers),
                cpu.retired);
    }

    private boolean accessed(Core core, long root, ProbeSites.Range range, long gpa, int bytes, boolean write) {
        if (write ? range.writes() : range.reads()) {
            settle(core);
            long linear = linear(root, range, gpa);
            sink.accept(new ProbeHit.Accessed(vm.stops().accessTick(), core.index(), task(core), write, linear,
                    Blob.of(view.physical(gpa, bytes)), vm.stops().accessRip()));
        }
        return false;
    }

    /** The linear address of physical memory that lies in or about a range. */
    private long linear(long root, ProbeSites.Range range, long gpa) {
        for (long page = range.start() & -4096L; page < range.start() + range.bytes(); page += 4096) {
            Long there = view.translate(root, page).orElse(null);
            if (there != null && (there & -4096L) == (gpa & -4096L)) {
                return page | gpa & 4095;
            }
        }
        return range.start();
    }

    /** Takes the probes away. */
    @Override
    public void close() {
        turns.close();
        breaks.values().forEach(Stops.Registration::close);
        watched.values().forEach(space -> space.registrations.forEach(Stops.Registration::close));
    }
}
