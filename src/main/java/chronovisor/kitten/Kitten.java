package chronovisor.kitten;

import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.kernel.Boot;
import chronovisor.kitten.kernel.Consoles;
import chronovisor.kitten.kernel.CoreMachine;
import chronovisor.kitten.kernel.CoreState;
import chronovisor.kitten.kernel.Exceptions;
import chronovisor.kitten.kernel.Exits;
import chronovisor.kitten.kernel.KernelState;
import chronovisor.kitten.kernel.Scheduler;
import chronovisor.kitten.kernel.SignalDelivery;
import chronovisor.kitten.kernel.SignalSender;
import chronovisor.kitten.kernel.Trap;
import chronovisor.kitten.kernel.Vsyscall;
import chronovisor.kitten.syscall.SyscallTable;
import chronovisor.kitten.syscall.Syscalls;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Run;
import chronovisor.vmm.BootInformation;
import chronovisor.vmm.Core;
import chronovisor.vmm.GuestKernel;
import chronovisor.vmm.KernelForm;
import chronovisor.vmm.VirtualMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The kernel, as the virtual machine calls it. Holds one reference: the current {@link KernelState}. Every entry makes a
 * trap from it, lets the functions of {@code kernel} and {@code syscall} work, schedules, and keeps the new value.
 */
public final class Kitten implements GuestKernel {

    private static final int RAX = 0;

    private final KittenOptions options;
    private final KittenObserver observer;
    private final BlobFormat blobs;
    private final List<CoreMachine> machines = new ArrayList<>();
    private KernelState state = KernelState.empty(1);

    /** A kernel that refuses blobs. */
    public Kitten(KittenOptions options, KittenObserver observer) {
        this(options, observer, BlobFormat.NONE);
    }

    /** A kernel that expands blobs of a format. */
    public Kitten(KittenOptions options, KittenObserver observer, BlobFormat blobs) {
        this.options = options;
        this.observer = observer;
        this.blobs = blobs;
    }

    @Override
    public void boot(VirtualMachine vm, BootInformation info) {
        attach(vm);
        state = KernelState.empty(vm.cores());
        for (CoreMachine machine : machines) {
            machine.initialize();
        }
        Trap t = trap(vm.core(0));
        if (Boot.run(t, info, vm.bootTime_ns(), blobs)) {
            machines.subList(1, machines.size()).forEach(Boot::localInterrupts);
            finish(t, null);
        } else {
            state = t.value();
        }
    }

    private void attach(VirtualMachine vm) {
        machines.clear();
        for (Core core : vm.allCores()) {
            machines.add(new CoreMachine(core));
        }
    }

    private Trap trap(Core core) {
        if (machines.isEmpty()) {
            attach(core.vm());
        }
        return new Trap(state, machines.get(core.index()), options, observer);
    }

    @Override
    public void syscall(Core core) {
        int number = (int) core.cpu().gpr[RAX];
        guarded(core, () -> "system call " + SyscallTable.name(number), () -> enterCall(core));
    }

    /**
     * Runs one entry into the kernel. If the kernel itself fails, the state stays what it was before the entry and the
     * machine stops, saying where. Failures of who listens are not the kernel's and go on.
     */
    private void guarded(Core core, Supplier<String> entry, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            if (!own(e)) {
                throw e;
            }
            long task = state.cores().get(core.index()).current();
            core.vm()
                    .failed(String.format(Locale.ROOT,
                            "the kernel failed at tick %d, core %d, rip 0x%x, task %d, %s: %s",
                            core.vm().tick(), core.index(), core.cpu().rip, task, entry.get(), e));
        }
    }

    /** Whether an exception is a failed check of the language or of the kernel, raised in the kernel's own code. */
    private static boolean own(RuntimeException e) {
        if (e.getClass().getModule() != Object.class.getModule()) {
            return false;
        }
        for (StackTraceElement frame : e.getStackTrace()) {
            String name = frame.getClassName();
            if (!name.startsWith("java.") && !name.startsWith("jdk.") && !name.startsWith("org.pcollections.")) {
                return name.startsWith(Kitten.class.getPackageName() + ".");
            }
        }
        return false;
    }

    private void enterCall(Core core) {
        Trap t = trap(core);
        long[] gpr = core.cpu().gpr;
        int number = (int) gpr[RAX];
        observer.syscallEntered(core.index(), t.current(), number,
                new long[]{gpr[7], gpr[6], gpr[2], gpr[10], gpr[8], gpr[9]});
        finish(t, new Call(number, gpr[7], gpr[6], gpr[2], gpr[10], gpr[8], gpr[9], Call.Progress.NONE));
    }

    @Override
    public void exception(Core core, int vector, long errorCode, long address) {
        guarded(core, () -> "exception " + vector, () -> handle(core, vector, errorCode, address));
    }

    private void handle(Core core, int vector, long errorCode, long address) {
        Trap t = trap(core);
        Call call = Vsyscall.entered(t, vector, errorCode, address);
        if (call != null) {
            observer.syscallEntered(core.index(), t.current(), call.number(),
                    new long[]{call.a0(), call.a1(), call.a2(), 0, 0, 0});
            finish(t, call);
            return;
        }
        try {
            Exceptions.handle(t, vector, errorCode, address);
        } catch (LinuxError e) {
            Consoles.print(t, "out of memory: killed task " + t.current());
            Exits.exitGroup(t, 0, Signals.SIGKILL);
        }
        finish(t, null);
    }

    @Override
    public void interrupt(Core core, int vector) {
        guarded(core, () -> "interrupt " + vector, () -> serve(core, vector));
    }

    private void serve(Core core, int vector) {
        Trap t = trap(core);
        if (vector == Boot.TIMER_VECTOR) {
            t.put(t.core(), t.coreState(t.core()).withTimer(Long.MAX_VALUE));
            Boot.endOfLocal(t.machine);
            Scheduler.tick(t);
        } else if (vector == Boot.RESCHEDULE_VECTOR) {
            Boot.endOfLocal(t.machine);
            Scheduler.reschedule(t);
        } else if (vector >= Boot.PIC_VECTOR && vector < Boot.PIC_VECTOR + 16) {
            Consoles.interrupt(t, vector - Boot.PIC_VECTOR);
            Boot.endOfLine(t.machine, vector - Boot.PIC_VECTOR);
        } else {
            Consoles.print(t, "unexpected interrupt, vector " + vector);
        }
        finish(t, null);
    }

    @Override
    public int rescheduleVector() {
        return Boot.RESCHEDULE_VECTOR;
    }

    /** Runs the trap to its end: the call if there is one, signals, the scheduler, the timer. Then the state is new. */
    private void finish(Trap trap, @Nullable Call entered) {
        settle(trap, entered);
        state = trap.value();
        boolean signals = trap.timersTouched();
        // A task that a signal ends may send one in turn, to a core that has been looked at or to the trapping one.
        for (int without = trap.core(); interrupt(without, signals); without = -1) {
            signals = true;
        }
    }

    /**
     * Does on the other cores what a rescheduling interrupt would do: an idle core takes its work, a busy one sets its time slice, and
     * who runs there acts on a signal, or leaves for the core that it has been sent to, at once.
     *
     * @param signals
     *            whether anything changed that may be a signal
     * @return whether anybody acted on one
     */
    private boolean interrupt(int without, boolean signals) {
        boolean acted = false;
        for (CoreMachine machine : machines) {
            CoreState core = state.cores().get(machine.core());
            boolean busy = core.current() >= 0;
            if (machine.core() == without || core.queue().isEmpty() && !(busy && signals)) {
                continue;
            }
            Trap other = new Trap(state, machine, options, observer);
            boolean acts = busy && signals
                    && (SignalSender.pending(other, other.task()) || Scheduler.displaced(other));
            if (acts || !busy) {
                settle(other, null);
            } else if (!core.queue().isEmpty()) {
                program(other);
            }
            acted |= acts;
            state = other.value();
        }
        return acted;
    }

    private static void settle(Trap t, @Nullable Call entered) {
        Call call = entered;
        while (true) {
            Syscalls.Interrupted interrupted = call == null ? null : Syscalls.enter(t, call);
            if (t.current() >= 0) {
                boolean stays = interrupted == null
                        ? SignalDelivery.deliver(t, null, 0)
                        : SignalDelivery.deliver(t, interrupted.call(), interrupted.result());
                if (stays && !Scheduler.expired(t)) {
                    break;
                }
                if (stays) {
                    Scheduler.leave(t, new Run.Ready());
                }
            }
            Scheduler.Next next = Scheduler.next(t);
            if (!next.any()) {
                break;
            }
            call = next.call();
        }
        if (t.timersTouched()) {
            program(t);
        }
    }

    /** Sets the local timer to the next deadline, if that has changed. */
    private static void program(Trap t) {
        CoreState core = t.coreState(t.core());
        long deadline_ns = Scheduler.deadline_ns(t);
        boolean sooner = deadline_ns < core.timer_ns();
        boolean off = deadline_ns == Long.MAX_VALUE && core.timer_ns() != Long.MAX_VALUE;
        if (sooner || off) {
            long ns = off ? 0 : Math.min(0xFFFF_FFFFL, Math.max(1, deadline_ns - t.now_ns()));
            Boot.timer(t.machine, ns);
            t.put(t.core(), core.withTimer(off ? Long.MAX_VALUE : t.now_ns() + ns));
        }
    }

    @Override
    public boolean idle(Core core) {
        return state.cores().get(core.index()).current() < 0;
    }

    @Override
    public KernelState state() {
        return state;
    }

    @Override
    public void restore(Object saved) {
        state = (KernelState) saved;
    }

    @Override
    public KernelForm form() {
        return KittenForm.INSTANCE;
    }
}
