package chronovisor.kitten.kernel;

import chronovisor.kitten.abi.Signals;
import chronovisor.kitten.task.Call;
import chronovisor.kitten.task.DebugRegisters;
import chronovisor.kitten.task.Run;
import chronovisor.kitten.task.Scheduling;
import chronovisor.kitten.task.SignalInfo;
import chronovisor.kitten.task.Task;
import chronovisor.kitten.task.UserProcess;
import chronovisor.kitten.task.WaitKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;

/**
 * Wait queues, run queues, the local timer: who runs when. A core a queue. Kitten takes tasks first in, first out. With the {@code fair}
 * patch {@link Standing} says who is next: the highest priority, then the one that has run least, and one that slept preempts one that
 * computes, so that threads that hand work to each other do not wait for each other's slices; a sleeper gets at most a slice of what it
 * missed, so that nobody starves. When the machine's schedule is chaos, any task that is ready may be next and any that waits may be
 * woken first, within what priorities promise, and the machine preempts at random.
 */
public final class Scheduler {

    /** A task that has run this part of a slice less than the current one preempts it when it wakes. */
    private static final int PREEMPTING_PART = 4;

    private static final int CPU_LIMIT = 0;
    private static final long SECOND_NS = 1_000_000_000L;

    /** What a call in epoll_wait has to remember when it was the one to be woken by a file that it shares. */
    public static final long TOLD = 1;

    private Scheduler() {}

    /** Wakes every task that waits on a queue, first come first served. */
    public static void wake(Trap t, WaitKey key) {
        wake(t, key, Integer.MAX_VALUE);
        FileOwners.woken(t, key);
        if (key.kind().polled()) {
            wakePolling(t, key.exclusive());
        }
    }

    /** Wakes all who poll, but of those who asked to share the news about this file only one. */
    private static void wakePolling(Trap t, WaitKey exclusive) {
        WaitKey all = new WaitKey(WaitKey.Kind.POLL, 0);
        List<Integer> sharing = t.waits().waiting(exclusive);
        if (sharing.isEmpty()) {
            wake(t, all, Integer.MAX_VALUE);
            return;
        }
        Task chosen = t.task(sharing.get(t.machine.choose(sharing.size())));
        Run.Blocked blocked = chosen.blocked();
        if (blocked != null) {
            Call.Progress p = blocked.call().progress();
            Call told = blocked.call()
                    .withProgress(new Call.Progress(true, p.done(), p.deadline_ns(), TOLD, p.woken()));
            Task changed = chosen.withRun(new Run.Blocked(told, blocked.queues(), blocked.deadline_ns(),
                    blocked.order(), blocked.uninterruptible()));
            t.put(changed);
            resume(t, changed, true, exclusive.toString());
        }
        List<Integer> others = new ArrayList<>(t.waits().waiting(all));
        others.removeAll(sharing);
        for (int task : others) {
            resume(t, t.task(task), true, all.toString());
        }
    }

    /** Wakes at most {@code max} tasks that wait on a queue; returns how many. */
    public static int wake(Trap t, WaitKey key, int max) {
        List<Integer> waiting = new ArrayList<>(t.waits().waiting(key));
        int woken = 0;
        while (woken < max && woken < waiting.size()) {
            Collections.swap(waiting, woken, woken + t.machine.choose(waiting.size() - woken));
            resume(t, t.task(waiting.get(woken)), true, key.toString());
            woken++;
        }
        return woken;
    }

    /** Whether anybody waits on a queue. */
    public static boolean waits(Trap t, WaitKey key) {
        return !t.waits().waiting(key).isEmpty();
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
        Task ready = task.withRun(new Run.Resuming(call));
        long least_ns = Standing.newcomer_ns(t, task.core()) - slice_ns(t);
        enqueue(t, ready.withLag(Math.max(ready.lag_ns(), least_ns - ready.cpu_ns())));
        t.observer.taskWoken(t.core(), task.id(), why);
    }

    /** Puts a new task into its core's queue, as if it had run as much as the others. */
    public static void start(Trap t, Task task) {
        enqueue(t, task.withLag(Standing.newcomer_ns(t, task.core())));
    }

    /** Puts a ready task into its core's queue, behind all of its standing. */
    public static void enqueue(Trap t, Task task) {
        t.put(task);
        CoreState core = t.coreState(task.core());
        t.put(task.core(), core.withQueue(core.queue().plus(Standing.place(t, core.queue(), task), task.id())));
    }

    /** Puts back a task that has to leave its core, of which it has not had its share if the next one is of a higher rank. */
    private static void enqueueLeft(Trap t, Task task) {
        CoreState core = t.coreState(task.core());
        int rank = Standing.rank(t, task);
        if (rank == 0 || core.queue().isEmpty() || Standing.rank(t, t.task(core.queue().get(0))) <= rank) {
            enqueue(t, task);
            return;
        }
        t.put(task);
        t.put(task.core(), core.withQueue(
                core.queue().plus(Standing.placeOfPreempted(t, core.queue(), task), task.id())));
    }

    /** Changes how a task is scheduled from now on: what it has run so far counts by what held till now. */
    public static void change(Trap t, Task task, Scheduling wanted) {
        Task changed = Standing.changed(t, task, wanted);
        if (task.run() instanceof Run.Running on) {
            long now_ns = t.now_ns();
            long end_ns = Standing.sliceEnd_ns(t, changed);
            t.put(changed);
            t.put(on.core(), t.coreState(on.core()).withCurrent(task.id(), now_ns, end_ns));
        } else if (t.coreState(task.core()).queue().contains(task.id())) {
            dequeue(t, task.id());
            enqueue(t, changed);
        } else {
            t.put(changed);
        }
    }

    /** Lets a task run on these cores only, from now on: if its own is none of them, it goes to the one with the least to do. */
    public static void confine(Trap t, Task task, long cores) {
        Task confined = task.withAffinity(cores);
        if ((cores & 1L << task.core()) != 0) {
            t.put(confined);
            return;
        }
        boolean queued = t.coreState(task.core()).queue().contains(task.id());
        dequeue(t, task.id());
        Task moved = Standing.moved(t, confined, leastBusy(t, cores));
        if (queued) {
            enqueue(t, moved);
        } else {
            t.put(moved);
        }
    }

    private static int leastBusy(Trap t, long cores) {
        int best = Long.numberOfTrailingZeros(cores);
        for (int core = best + 1; core < t.cores().size(); core++) {
            if ((cores & 1L << core) != 0 && load(t, core) < load(t, best)) {
                best = core;
            }
        }
        return best;
    }

    private static int load(Trap t, int core) {
        CoreState state = t.coreState(core);
        return state.queue().size() + (state.current() >= 0 ? 1 : 0);
    }

    /** Whether who runs on this core has to go on elsewhere. */
    public static boolean displaced(Trap t) {
        return t.current() >= 0 && Standing.displaced(t.task());
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

    /** Lets the current task wait in queues, in a call. */
    public static void block(Trap t, Call waiting, List<WaitKey> queues, boolean uninterruptible) {
        leave(t, new Run.Blocked(waiting, queues, waiting.progress().deadline_ns(),
                Standing.order(t, t.task(), queues), uninterruptible));
    }

    /** Takes the current task off this core, keeping its registers, to go on as {@code run} says. */
    public static void leave(Trap t, Run run) {
        Task saved = Standing.counted(t, t.task()).withRegisters(t.machine.save()).withRun(run);
        CoreState core = t.coreState(t.core());
        t.put(t.core(), core.withCurrent(-1, t.now_ns(), Long.MAX_VALUE));
        if (run instanceof Run.Ready || run instanceof Run.Resuming) {
            enqueueLeft(t, saved);
        } else {
            t.put(saved);
        }
    }

    /** Takes a task off another core, as that core would if it were interrupted, to go on as {@code run} says. */
    static void leaveElsewhere(Trap t, Task task, int core, Run run) {
        t.put(Standing.counted(t, task).withRegisters(t.machine.registersOf(core)).withRun(run));
        t.put(core, t.coreState(core).withCurrent(-1, t.now_ns(), Long.MAX_VALUE));
    }

    /** Lets a task of the same rank that is ready go first, even one that has run more. */
    public static void giveWay(Trap t) {
        Task task = t.task();
        Task first = t.task(t.coreState(t.core()).queue().get(0));
        int rank = Standing.rank(t, task);
        if (Standing.rank(t, first) < rank) {
            return;
        }
        if (rank == 0) {
            long behind_ns = Math.max(0, Standing.fair_ns(t, first) - Standing.fair_ns(t, task));
            t.put(task.withLag(task.lag_ns() + behind_ns));
        }
        leave(t, new Run.Ready());
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
        int chosen = t.machine.choose(Standing.alike(t, core.queue()));
        int id = core.queue().get(chosen);
        PVector<Integer> rest = core.queue().minus(chosen);
        Task task = t.task(id);
        Call call = task.run() instanceof Run.Resuming resuming ? resuming.call() : null;
        long fair_ns = Standing.rank(t, task) > 0
                ? core.fair_ns()
                : Math.max(core.fair_ns(), Standing.fair_ns(t, task));
        t.put(t.core(), core.withQueue(rest).withCurrent(id, t.now_ns(), Standing.sliceEnd_ns(t, task))
                .withFair(fair_ns));
        t.machine.addressSpace(t.space(t.process(task.process()).addressSpace()).root());
        t.machine.debugRegisters(task.trace() == null ? DebugRegisters.NONE : task.trace().debug());
        if (task.registers() != null) {
            t.machine.load(task.registers());
        }
        t.put(task.withRegisters(null).withRun(new Run.Running(t.core())));
        t.observer.taskSwitched(t.core(), -1, id);
        RestartableSequences.resumed(t);
        return new Next(true, call);
    }

    /** What {@link #next} found. */
    public record Next(boolean any, @Nullable Call call) {}

    private static long slice_ns(Trap t) {
        return SECOND_NS / t.options.sched_hz();
    }

    /** How long a task may run before others of its standing: {@link Long#MAX_VALUE} if for ever. */
    public static long slice_ns(Trap t, Task task) {
        return Standing.rank(t, task) == 0 ? slice_ns(t) : Standing.rankedSlice_ns(task);
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
        limitCpu(t);
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

    /** RLIMIT_CPU: a signal every second from the soft limit on, and the end at the hard one. */
    private static void limitCpu(Trap t) {
        UserProcess process = t.process();
        UserProcess.Limit limit = process.limit(CPU_LIMIT);
        long used_s = limit.soft() < 0 ? -1 : Times.process_ns(t, process) / SECOND_NS;
        if (limit.soft() < 0 || used_s < limit.soft()) {
            return;
        }
        boolean over = limit.hard() >= 0 && used_s >= limit.hard();
        if (!over) {
            t.put(process.withLimits(process.limits().plus(CPU_LIMIT,
                    new UserProcess.Limit(limit.soft() + 1, limit.hard()))));
        }
        SignalSender.toProcess(t, process.id(), SignalInfo.kernel(over ? Signals.SIGKILL : Signals.SIGXCPU));
    }

    /** Lets another task run if there is one, as another processor may ask; in chaos, the machine does at any instruction. */
    public static void reschedule(Trap t) {
        CoreState core = t.coreState(t.core());
        if (core.current() >= 0 && !core.queue().isEmpty() && interruptible(t, core)) {
            leave(t, new Run.Ready());
        }
    }

    /** Whether the next task may have the core of the current one although that has not used its slice up. */
    private static boolean interruptible(Trap t, CoreState core) {
        Task current = t.task(core.current());
        int rank = Standing.rank(t, current);
        int next = Standing.rank(t, t.task(core.queue().get(0)));
        return next > rank || next == rank && slice_ns(t, current) != Long.MAX_VALUE;
    }

    /** Whether the current task has used its slice up while another is ready, or that one is to run before it, or it has to move. */
    public static boolean expired(Trap t) {
        CoreState core = t.coreState(t.core());
        return displaced(t)
                || core.current() >= 0 && !core.queue().isEmpty() && switchAt_ns(t, core) <= t.now_ns();
    }

    /** When the current task has to let the next one run: now if that is to run before it, never if it stands above it. */
    private static long switchAt_ns(Trap t, CoreState core) {
        Task current = t.task(core.current());
        Task first = t.task(core.queue().get(0));
        int rank = Standing.rank(t, current);
        int next = Standing.rank(t, first);
        if (next != rank) {
            return next > rank ? t.now_ns() : Long.MAX_VALUE;
        }
        boolean preempted = rank == 0 && t.options.has("fair") && !t.machine.chaotic()
                && Standing.fair_ns(t, first) + slice_ns(t) / PREEMPTING_PART < Standing.fair_ns(t, current);
        return preempted ? t.now_ns() : core.slice_ns();
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
            long limit_s = process.limit(CPU_LIMIT).soft();
            if (limit_s >= 0 && limit_s < Integer.MAX_VALUE) {
                deadline_ns = Math.min(deadline_ns, t.now_ns() + limit_s * SECOND_NS - Times.process_ns(t, process));
            }
        }
        if (core.current() >= 0 && !core.queue().isEmpty()) {
            deadline_ns = Math.min(deadline_ns, switchAt_ns(t, core));
        }
        Waits.Deadline first = t.waits().first();
        return first == null ? deadline_ns : Math.min(deadline_ns, first.at_ns());
    }
}
