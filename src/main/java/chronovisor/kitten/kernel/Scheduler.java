package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.SignalInfo;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;
import chronovisor.kitten.task.WaitKey;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;

/** Wait queues, run queues, the local timer: who runs when. First in, first out; a core a queue. */
public final class Scheduler {

    private Scheduler() {}

    /** Wakes every task that waits on a queue, first come first served. */
    public static void wake(Trap t, WaitKey key) {
        wake(t, key, Integer.MAX_VALUE);
        if (key.kind().polled()) {
            wake(t, new WaitKey(WaitKey.Kind.POLL, 0), Integer.MAX_VALUE);
        }
    }

    /** Wakes at most {@code max} tasks that wait on a queue; returns how many. */
    public static int wake(Trap t, WaitKey key, int max) {
        int woken = 0;
        for (int id : t.waits().waiting(key)) {
            if (woken == max) {
                break;
            }
            resume(t, t.task(id), true, key.toString());
            woken++;
        }
        return woken;
    }

    /** Makes a blocked task ready to enter its call again. */
    public static void resume(Trap t, Task task, boolean woken, String why) {
        Run.Blocked blocked = task.blocked();
        if (blocked == null) {
            return;
        }
        Call.Progress p = blocked.call().progress();
        Call call = blocked.call()
                .withProgress(new Call.Progress(true, p.done(), p.deadline_ns(), p.extra(), p.woken() || woken));
        enqueue(t, task.withRun(new Run.Resuming(call)));
        t.observer.taskWoken(t.core(), task.id(), why);
    }

    /** Puts a ready task at the end of its core's queue. */
    public static void enqueue(Trap t, Task task) {
        t.put(task);
        CoreState core = t.coreState(task.core());
        t.put(task.core(), core.withQueue(core.queue().plus(task.id())));
    }

    /** Takes a task out of every queue. */
    public static void dequeue(Trap t, int id) {
        for (int core = 0; core < t.cores().size(); core++) {
            CoreState state = t.coreState(core);
            if (state.queue().contains(id)) {
                t.put(core, state.withQueue(state.queue().minus((Object) id)));
            }
        }
    }

    /** Takes the current task off this core, keeping its registers, to go on as {@code run} says. */
    public static void leave(Trap t, Run run) {
        Task task = t.task();
        Task saved = task.withCpu(Times.task_ns(t, task)).withRegisters(t.machine.save()).withRun(run);
        CoreState core = t.coreState(t.core());
        t.put(t.core(), core.withCurrent(-1, t.now_ns(), Long.MAX_VALUE));
        if (run instanceof Run.Ready || run instanceof Run.Resuming) {
            enqueue(t, saved);
        } else {
            t.put(saved);
        }
    }

    /** Takes a task that has ended off this core. */
    public static void vacate(Trap t) {
        t.put(t.core(), t.coreState(t.core()).withCurrent(-1, t.now_ns(), Long.MAX_VALUE));
    }

    /**
     * Puts the next ready task on this core if it has none.
     *
     * @return whether there is one, and the call that it enters again (null when it goes on in user mode)
     */
    public static Next next(Trap t) {
        CoreState core = t.coreState(t.core());
        if (core.queue().isEmpty()) {
            return new Next(false, null);
        }
        int id = core.queue().get(0);
        PVector<Integer> rest = core.queue().minus(0);
        Task task = t.task(id);
        Call call = task.run() instanceof Run.Resuming resuming ? resuming.call() : null;
        t.put(t.core(), core.withQueue(rest).withCurrent(id, t.now_ns(), t.now_ns() + slice_ns(t)));
        t.machine.addressSpace(t.space(t.process(task.process()).addressSpace()).root());
        if (task.registers() != null) {
            t.machine.load(task.registers());
        }
        t.put(task.withRegisters(null).withRun(new Run.Running(t.core())));
        t.observer.taskSwitched(t.core(), -1, id);
        return new Next(true, call);
    }

    /** What {@link #next} found. */
    public record Next(boolean any, @Nullable Call call) {}

    private static long slice_ns(Trap t) {
        return 1_000_000_000L / t.options.sched_hz();
    }

    /** Ends waits whose time has come, rings alarms, and ends the time slice of the current task when others wait. */
    public static void tick(Trap t) {
        long now_ns = t.now_ns();
        cpuTimers(t);
        for (Waits.Deadline due = t.waits().first(); due != null && due.at_ns() <= now_ns; due = t.waits().first()) {
            switch (due.kind()) {
                case TASK -> resume(t, t.task((int) due.id()), false, "timeout");
                case ALARM -> alarm(t, t.process((int) due.id()), now_ns);
                case TIMER -> Timers.expire(t, due.id());
            }
        }
    }

    private static void alarm(Trap t, UserProcess process, long now_ns) {
        long interval_ns = process.alarmInterval_ns();
        long next_ns = interval_ns == 0
                ? 0
                : process.alarm_ns() + interval_ns * ((now_ns - process.alarm_ns()) / interval_ns + 1);
        t.put(process.withAlarm(next_ns, interval_ns));
        SignalSender.toProcess(t, process.id(), SignalInfo.kernel(Signals.SIGALRM));
    }

    /** Interval timers of CPU time that the current process has used up. */
    private static void cpuTimers(Trap t) {
        if (t.current() < 0) {
            return;
        }
        Timers.expireCpu(t);
        UserProcess process = t.process();
        if (process.cpuTimers().isEmpty()) {
            return;
        }
        long used_ns = Times.process_ns(t, process);
        for (Map.Entry<Integer, UserProcess.Timer> entry : process.cpuTimers().entrySet()) {
            UserProcess.Timer timer = entry.getValue();
            if (timer.at_ns() > used_ns) {
                continue;
            }
            UserProcess now = t.process();
            t.put(now.withCpuTimers(timer.interval_ns() == 0
                    ? now.cpuTimers().minus(entry.getKey())
                    : now.cpuTimers().plus(entry.getKey(), new UserProcess.Timer(timer.at_ns() + timer.interval_ns()
                            * ((used_ns - timer.at_ns()) / timer.interval_ns() + 1), timer.interval_ns()))));
            SignalSender.toProcess(t, now.id(),
                    SignalInfo.kernel(entry.getKey() == 1 ? Signals.SIGVTALRM : Signals.SIGPROF));
        }
    }

    /** Whether the current task has used its slice up while another is ready. */
    public static boolean expired(Trap t) {
        CoreState core = t.coreState(t.core());
        return core.current() >= 0 && !core.queue().isEmpty() && core.slice_ns() <= t.now_ns();
    }

    /** The next moment the kernel has to be woken at on this core. */
    public static long deadline_ns(Trap t) {
        long deadline_ns = Long.MAX_VALUE;
        CoreState core = t.coreState(t.core());
        if (core.current() >= 0) {
            UserProcess process = t.process();
            for (UserProcess.Timer timer : process.cpuTimers().values()) {
                deadline_ns = Math.min(deadline_ns, t.now_ns() + timer.at_ns() - Times.process_ns(t, process));
            }
            deadline_ns = Math.min(deadline_ns, Timers.cpuDeadline_ns(t));
        }
        if (core.current() >= 0 && !core.queue().isEmpty()) {
            deadline_ns = Math.min(deadline_ns, core.slice_ns());
        }
        Waits.Deadline first = t.waits().first();
        return first == null ? deadline_ns : Math.min(deadline_ns, first.at_ns());
    }
}
