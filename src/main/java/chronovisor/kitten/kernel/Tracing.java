package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Errno;
import chronovisor.kitten.abi.LinuxError;
import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Capabilities;
import chronovisor.kitten.task.DebugRegisters;
import chronovisor.kitten.task.Registers;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.SignalInfo;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.Trace;
import chronovisor.kitten.task.UserProcess;
import chronovisor.kitten.task.WaitKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stops of traced tasks, ptrace(2). A task that is held is in no queue; what it goes on with is kept with it.
 *
 * <pre>
 *   entered --ENTRY stop--&gt; call ... returned --event stop--&gt; --EXIT stop--&gt; signals --signal stop--&gt; user mode
 * </pre>
 *
 * All functions cost untraced tasks a look at a null.
 */
public final class Tracing {

    private static final int RAX = 0;
    private static final long TRAP_FLAG = 0x100;
    private static final long RESUME_FLAG = 0x10000;
    private static final int MARK = 0x80;
    private static final int EXECVE = 59;
    private static final int EXECVEAT = 322;

    private Tracing() {}

    /** How the current task is traced, or null. */
    static @Nullable Trace current(Trap t) {
        return t.current() < 0 ? null : t.task().trace();
    }

    private static void put(Trap t, Trace trace) {
        t.put(t.task().withTrace(trace));
    }

    /** Fails with EPERM unless the current process might trace the other one (ptrace(2)). */
    public static void requireAccess(Trap t, UserProcess other) {
        if (!mayAccess(t, other)) {
            throw new LinuxError(Errno.EPERM);
        }
    }

    /** Whether the current process might trace the other one. */
    static boolean mayAccess(Trap t, UserProcess other) {
        UserProcess.Credentials me = t.process().credentials();
        UserProcess.Credentials owner = other.credentials();
        boolean same = me.uid() == owner.uid() && me.uid() == owner.euid() && me.uid() == owner.suid()
                && me.gid() == owner.gid() && me.gid() == owner.egid() && me.gid() == owner.sgid();
        return other.id() == t.process().id() || me.can(Capabilities.SYS_PTRACE)
                || same && other.attributes().dumpable() == 1;
    }

    /** Takes the current task off its core, tells its tracer why, and keeps what it goes on with. */
    private static void hold(Trap t, Trace trace, int why, @Nullable SignalInfo about, Run next) {
        int id = t.current();
        put(t, trace.stoppedFor(why, about));
        Scheduler.leave(t, new Run.Held(next));
        Task held = t.task(id);
        Registers registers = held.registers();
        if (trace.mode() == Trace.Mode.STEPS && registers != null) {
            t.put(held.withRegisters(registers.withFlags(registers.rflags() & ~TRAP_FLAG)));
        }
        tell(t, trace.tracer(), id, why & 0x7F);
    }

    private static void tell(Trap t, int tracer, int task, int status) {
        UserProcess process = t.findProcess(tracer);
        if (process == null || process.exit().ended()) {
            return;
        }
        if (!process.action(Signals.SIGCHLD).has(Signals.SA_NOCLDSTOP)) {
            SignalSender.toProcess(t, tracer, new SignalInfo(Signals.SIGCHLD, Signals.CLD_TRAPPED, task,
                    t.process(t.task(task).process()).credentials().uid(), status, 0, 0));
        }
        Scheduler.wake(t, new WaitKey(WaitKey.Kind.CHILD, tracer));
    }

    private static SignalInfo trap(Trap t, int code) {
        return SignalInfo.user(Signals.SIGTRAP, code, t.process().id(), t.process().credentials().uid());
    }

    /** A call begins, or goes on; returns whether the task stops before it. */
    public static boolean entering(Trap t, Call call) {
        Trace trace = current(t);
        if (trace == null) {
            return false;
        }
        switch (trace.phase()) {
            case OUTSIDE, EXIT -> {
                Trace inside = trace.withCall(call.number());
                if (trace.mode() == Trace.Mode.SYSCALLS) {
                    t.machine.register(RAX, -Errno.ENOSYS);
                    hold(t, inside.withPhase(Trace.Phase.ENTRY), syscallStop(trace), trap(t, syscallStop(trace)),
                            new Run.Resuming(call));
                    return true;
                }
                put(t, inside.withPhase(Trace.Phase.INSIDE));
            }
            case ENTRY -> put(t, trace.withPhase(Trace.Phase.INSIDE));
            case INSIDE, LEFT -> {
                // It was woken: the same call.
            }
        }
        return false;
    }

    /** The call that a task goes on with whose tracer may have changed it before it began. */
    private static Run entered(Task task, Trace trace, Run next) {
        Registers r = task.registers();
        if (trace.phase() != Trace.Phase.ENTRY || r == null) {
            return next;
        }
        return new Run.Resuming(new Call(trace.call(), r.general(7), r.general(6), r.general(2), r.general(10),
                r.general(8), r.general(9), Call.Progress.NONE));
    }

    private static int syscallStop(Trace trace) {
        return (trace.options() & Trace.SYSCALLS_MARKED) != 0 ? Signals.SIGTRAP | MARK : Signals.SIGTRAP;
    }

    /** A call of the current task has returned, or put other registers in their place; the task may stop for that. */
    public static void returned(Trap t, Call call) {
        Trace trace = current(t);
        if (trace == null) {
            return;
        }
        boolean seen = trace.phase() == Trace.Phase.LEFT;
        Trace outside = trace.withPhase(Trace.Phase.OUTSIDE);
        boolean exit = !seen && trace.mode() != Trace.Mode.NOTHING;
        if (call.number() == EXECVE || call.number() == EXECVEAT) {
            outside = executed(t, outside);
        }
        int event = outside.stop();
        if (event != 0) {
            Trace eventful = outside.withDue(outside.due() | (exit ? Trace.DUE_EXIT : 0));
            hold(t, eventful, event, trap(t, event), new Run.Ready());
        } else if (exit) {
            exitStop(t, outside, new Run.Ready());
        } else {
            put(t, outside);
        }
    }

    private static Trace executed(Trap t, Trace trace) {
        long value = t.machine.register(RAX);
        boolean failed = value < 0 && value >= -4095;
        if (failed) {
            return trace;
        }
        if (trace.wants(Trace.EVENT_EXEC)) {
            return trace.withMessage(t.current()).stoppedFor(Signals.SIGTRAP | Trace.EVENT_EXEC << 8, null);
        }
        if (!trace.seized()) {
            SignalSender.toTask(t, t.current(), trap(t, Signals.SI_USER));
        }
        Trace now = t.task().trace();
        return now == null ? trace : now.withPhase(Trace.Phase.OUTSIDE);
    }

    private static void exitStop(Trap t, Trace trace, Run next) {
        int why = trace.mode() == Trace.Mode.STEPS ? Signals.SIGTRAP : syscallStop(trace);
        hold(t, trace.withPhase(Trace.Phase.EXIT).withDue(trace.due() & ~Trace.DUE_EXIT), why, trap(t, why), next);
    }

    /** The current task made another one: its tracer is told when the call returns, and traces that one too if it wants. */
    public static void created(Trap t, int child, int event) {
        Trace trace = current(t);
        if (trace == null || !trace.wants(event)) {
            return;
        }
        put(t, trace.withMessage(child).stoppedFor(Signals.SIGTRAP | event << 8, null));
        Trace theirs = Trace.by(trace.tracer(), trace.seized(), trace.options());
        Task task = t.task(child);
        if (trace.seized()) {
            t.put(task.withTrace(theirs.withDue(Trace.DUE_INTERRUPT)));
        } else {
            t.put(task.withTrace(theirs).withSignals(task.signals().withPending(
                    task.signals().pending().plus(SignalInfo.user(Signals.SIGSTOP, Signals.SI_USER, 0, 0)))));
        }
    }

    /** The child of vfork executes a program or has ended. */
    public static void vforkDone(Trap t, int child) {
        Trace trace = current(t);
        if (trace != null && trace.wants(Trace.EVENT_VFORK_DONE)) {
            put(t, trace.withMessage(child).stoppedFor(Signals.SIGTRAP | Trace.EVENT_VFORK_DONE << 8, null));
        }
    }

    /** The current task waits for its child of vfork; its tracer is told before that. */
    public static boolean heldInVfork(Trap t, Call call) {
        Trace trace = current(t);
        if (trace == null || trace.stop() == 0) {
            return false;
        }
        hold(t, trace, trace.stop(), trap(t, trace.stop()), new Run.Resuming(call));
        return true;
    }

    /** The current task is about to end by a call; returns whether it stops before that. */
    public static boolean ending(Trap t, Call call, int status) {
        Trace trace = current(t);
        if (trace == null || !trace.wants(Trace.EVENT_EXIT) || trace.isDue(Trace.ENDING)) {
            return false;
        }
        int why = Signals.SIGTRAP | Trace.EVENT_EXIT << 8;
        hold(t, trace.withDue(trace.due() | Trace.ENDING).withMessage(status), why, trap(t, why),
                new Run.Resuming(call));
        return true;
    }

    /** Stops that a task makes on its way to user mode, before it looks at signals; returns whether it made one. */
    static boolean stopsOnTheWay(Trap t, @Nullable Call call, long result) {
        Trace trace = current(t);
        if (trace == null) {
            return false;
        }
        Run next = call == null ? new Run.Ready() : new Run.Resuming(call);
        if (trace.isDue(Trace.DUE_EXIT)) {
            exitStop(t, trace, next);
            return true;
        }
        if (call != null && trace.phase() == Trace.Phase.INSIDE && trace.mode() == Trace.Mode.SYSCALLS
                && SignalSender.next(t, t.task()) != null) {
            t.machine.register(RAX, result);
            exitStop(t, trace, next);
            return true;
        }
        if (trace.isDue(Trace.DUE_INTERRUPT)) {
            int why = Signals.SIGTRAP | Trace.EVENT_STOP << 8;
            hold(t, trace.withDue(trace.due() & ~Trace.DUE_INTERRUPT), why, trap(t, why), next);
            return true;
        }
        return false;
    }

    /** A signal is about to be acted on; returns whether the task stops for its tracer to decide. */
    static boolean stopsFor(Trap t, SignalInfo info, @Nullable Call call) {
        Trace trace = current(t);
        if (trace == null || info.signal() == Signals.SIGKILL) {
            return false;
        }
        hold(t, trace, info.signal(), info, call == null ? new Run.Ready() : new Run.Resuming(call));
        return true;
    }

    /** The signal that the tracer sent the current task with, which is acted on without asking again. */
    static @Nullable SignalInfo sent(Trap t) {
        Trace trace = current(t);
        if (trace == null || trace.signal() == null) {
            return null;
        }
        put(t, trace.withSignal(null));
        return trace.signal();
    }

    /** Whether a task has something to do for its tracer before it may wait. */
    static boolean pending(Task task) {
        Trace trace = task.trace();
        return trace != null && (trace.signal() != null || trace.isDue(Trace.DUE_INTERRUPT | Trace.DUE_EXIT));
    }

    /** A stop signal takes effect: a traced task is held for that. */
    static boolean stopsWithGroup(Trap t, int signal, Run next) {
        Trace trace = current(t);
        if (trace == null) {
            return false;
        }
        hold(t, trace, trace.seized() ? signal | Trace.EVENT_STOP << 8 : signal, null, next);
        return true;
    }

    /** The current call was broken off, and is not seen to return. */
    static void brokenOff(Trap t) {
        Trace trace = current(t);
        if (trace != null && trace.phase() != Trace.Phase.OUTSIDE) {
            put(t, trace.withPhase(Trace.Phase.OUTSIDE));
        }
    }

    /** Lets a held task go on. */
    public static void resume(Trap t, Task task, Trace.Mode mode, @Nullable SignalInfo signal) {
        Trace trace = task.trace();
        if (trace == null || !(task.run() instanceof Run.Held held)) {
            throw new LinuxError(Errno.ESRCH);
        }
        Run next = entered(task, trace, held.before());
        Trace running = trace.running(mode, signal);
        if (mode != Trace.Mode.SYSCALLS && mode != Trace.Mode.STEPS) {
            running = running.withDue(running.due() & ~Trace.DUE_EXIT);
        }
        if (trace.phase() == Trace.Phase.EXIT) {
            running = running.withPhase(next instanceof Run.Resuming ? Trace.Phase.LEFT : Trace.Phase.OUTSIDE);
        }
        Task changed = task.withTrace(running).withRun(next);
        Registers registers = task.registers();
        if (mode == Trace.Mode.STEPS && registers != null) {
            changed = changed.withRegisters(registers.withFlags(registers.rflags() | TRAP_FLAG));
        }
        Scheduler.enqueue(t, changed);
    }

    /** Ends tracing; a task that is held goes on. */
    public static void detach(Trap t, Task task, @Nullable SignalInfo signal) {
        if (task.run() instanceof Run.Held) {
            resume(t, task, Trace.Mode.NOTHING, null);
        }
        Task free = t.task(task.id()).withTrace(null);
        if (signal != null) {
            free = free.withSignals(free.signals().withPending(free.signals().pending().plus(0, signal)));
        }
        t.put(free);
    }

    /** SIGKILL: whatever its tracer has in mind. */
    static void killed(Trap t, int process) {
        for (Task task : List.copyOf(t.tasks().values())) {
            if (task.process() == process && task.run() instanceof Run.Held held) {
                Scheduler.enqueue(t, task.withTrace(null).withRun(held.before()));
            }
        }
    }

    /** A tracer ends: what it traced is free, or ends too if it wanted that. */
    static void tracerEnded(Trap t, int tracer) {
        for (Task task : List.copyOf(t.tasks().values())) {
            Trace trace = task.trace();
            if (trace != null && trace.tracer() == tracer) {
                detach(t, task, null);
                if ((trace.options() & Trace.EXIT_KILL) != 0) {
                    SignalSender.toProcess(t, task.process(), SignalInfo.kernel(Signals.SIGKILL));
                }
            }
        }
    }

    /** A debug exception: its tracer will want to know which breakpoint it was; one for an instruction has to let that pass. */
    static long debugged(Trap t, long conditions) {
        Trace trace = current(t);
        if (trace != null) {
            put(t, trace.withDebug(trace.debug().with(6, conditions)));
            for (int n = 0; n < DebugRegisters.COUNT; n++) {
                if ((conditions & 1L << n) != 0 && trace.debug().executes(n)) {
                    Registers registers = t.machine.save();
                    t.machine.load(registers.withFlags(registers.rflags() | RESUME_FLAG));
                }
            }
        }
        return conditions;
    }

    /** Makes a task stop as soon as it can. */
    public static void interrupt(Trap t, Task task) {
        Trace trace = task.trace();
        if (trace != null && !trace.stopped()) {
            t.put(task.withTrace(trace.withDue(trace.due() | Trace.DUE_INTERRUPT)));
            Scheduler.resume(t, t.task(task.id()), false, "tracer");
        }
    }

    /** A task of a tracer that is stopped and was not waited for; one of a process, of a group (negative) or any (-1). */
    public static @Nullable Task waitable(Trap t, int target) {
        for (Task task : t.tasks().values()) {
            Trace trace = task.trace();
            if (trace != null && trace.stopped() && !trace.told() && task.run() instanceof Run.Held
                    && concerns(t, task, trace, target)) {
                return task;
            }
        }
        return null;
    }

    /** Whether there is any traced task to wait for. */
    public static boolean any(Trap t, int target) {
        return t.tasks().values().stream().anyMatch(task -> {
            Trace trace = task.trace();
            return trace != null && concerns(t, task, trace, target);
        });
    }

    private static boolean concerns(Trap t, Task task, Trace trace, int target) {
        int group = t.process(task.process()).group();
        boolean meant = target == -1 || (target > 0
                ? task.id() == target
                : target == 0 ? group == t.process().group() : group == -target);
        return meant && trace.tracer() == t.process().id();
    }
}
